// Copies of the face database, and back.
#pragma once

#include <string>

#include <npu/result.hpp>

#include "services/face/store/face_store.hpp"

namespace npu::face {

// All of it as it is at one moment, while services use it, into a new file that only this user may
// read. kInvalidArgument where the file is there already.
Status back_up(const StoreRules& rules, const std::string& file);

// What the file has takes the place of all there is, also for services that run: they see it with
// their next request. A database that cannot be opened is kept aside, as <path>.damaged-<time>. The
// backup is checked first.
Status restore(const StoreRules& rules, const std::string& file);

}  // namespace npu::face
