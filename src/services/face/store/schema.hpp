// What the face database looks like, and how an older one becomes one of today.
//
//   identities  id, name (unique), created_at, updated_at
//   embeddings  id, identity_id, embedding (float32, little-endian), created_at; from version 1 on
//               model, quality, picture (JPEG, where it was asked for)
//
// Version 0 is the Python project's: user_version was never set there. It reads and writes a
// database of version 1 as it is.
#pragma once

#include <npu/result.hpp>

#include "services/face/store/sqlite.hpp"

namespace npu::face {

inline constexpr int kSchemaVersion = 1;

// kVersionMismatch: it is of a newer version, or a database of something else. Changes nothing.
Status check_ours(Sqlite& db);

// A new file, or one of an older version, becomes one of kSchemaVersion in one transaction; two
// programs may do so at once. Fails as check_ours() does.
Status migrate(Sqlite& db);

}  // namespace npu::face
