#include "services/face/store/schema.hpp"

#include <fmt/format.h>

#include "base/log.hpp"

namespace npu::face {
namespace {

// The Python project's, word for word but for IF NOT EXISTS.
constexpr const char* kVersion0 = R"(
CREATE TABLE IF NOT EXISTS identities (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE NOT NULL,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE IF NOT EXISTS embeddings (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  identity_id INTEGER NOT NULL,
  embedding BLOB NOT NULL,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  FOREIGN KEY (identity_id) REFERENCES identities (id) ON DELETE CASCADE);
CREATE INDEX IF NOT EXISTS idx_embeddings_identity ON embeddings (identity_id);)";

constexpr const char* kVersion1 = R"(
ALTER TABLE embeddings ADD COLUMN model TEXT;
ALTER TABLE embeddings ADD COLUMN quality REAL;
ALTER TABLE embeddings ADD COLUMN picture BLOB;
CREATE INDEX IF NOT EXISTS idx_embeddings_model ON embeddings (model);)";

// The Python project never switched foreign keys on: who was deleted left embeddings behind.
Status delete_orphans(Sqlite& db) {
  const Status done =
      db.run("DELETE FROM embeddings WHERE identity_id NOT IN (SELECT id FROM identities)");
  if (done && db.changes() > 0) {
    log::info("{} embeddings of deleted people were deleted", db.changes());
  }
  return done;
}

}  // namespace

Status check_ours(Sqlite& db) {
  const auto version = db.number("PRAGMA user_version");
  if (!version) return fail(version.error());
  if (*version > kSchemaVersion || *version < 0) {
    return fail(ErrorCode::kVersionMismatch,
                fmt::format("the face database has version {}, this program knows {}: it was "
                            "written by a newer one, which has to be installed again, or a backup "
                            "restored; nothing was changed",
                            *version, kSchemaVersion));
  }
  const auto others = db.number(
      "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND "
      "name NOT IN ('identities', 'embeddings')");
  if (!others) return fail(others.error());
  if (*others == 0) return {};
  return fail(ErrorCode::kVersionMismatch,
              "database.db_file is a database of something else; nothing was changed");
}

Status migrate(Sqlite& db) {
  auto change = Transaction::begin(db);
  if (!change) return fail(change.error());
  if (const Status ours = check_ours(db); !ours) return ours;
  const auto version = db.number("PRAGMA user_version");
  if (!version) return fail(version.error());
  if (*version == kSchemaVersion) return {};
  for (const char* const step : {kVersion0, kVersion1}) {
    if (const Status done = db.run(step); !done) return done;
  }
  if (const Status done = delete_orphans(db); !done) return done;
  if (const Status done = db.run("PRAGMA user_version = 1"); !done) return done;
  return change->commit();
}

}  // namespace npu::face
