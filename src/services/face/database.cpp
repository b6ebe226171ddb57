#include "services/face/database.hpp"

#include <chrono>

#include "base/log.hpp"

namespace npu::face {
namespace {

// All of a large file is read when it is opened.
constexpr auto kPause = std::chrono::seconds(5);

}  // namespace

void Database::open() {
  if (rules_.enabled) (void)opened();
}

Result<FaceStore*> Database::opened() {
  if (store_) return &*store_;
  const SteadyTime now = std::chrono::steady_clock::now();
  // A lock passes by itself, and asking costs nothing.
  if (now < try_again_ && why_not_.code != ErrorCode::kBusy) return fail(why_not_);
  auto store = FaceStore::open(rules_.store);
  if (!store) {
    why_not_ = store.error();
    try_again_ = now + kPause;
    log::error("no face database: {}", why_not_.message);
    return fail(why_not_);
  }
  store_.emplace(std::move(*store));
  return &*store_;
}

Error Database::failed(const Error& error) {
  if (error.code == ErrorCode::kInvalidArgument || error.code == ErrorCode::kNotFound) return error;
  log::error("{}", error.message);
  // Damaged, or replaced: it is opened and checked anew.
  if (error.code == ErrorCode::kVersionMismatch) store_.reset();
  return for_client(error);
}

Error Database::for_client(const Error& error) {
  const auto unavailable = [](const char* what) { return Error{ErrorCode::kUnavailable, what}; };
  switch (error.code) {
    case ErrorCode::kBusy:
      return {ErrorCode::kBusy, "the face database is locked by another program; try again",
              error.retry_after};
    case ErrorCode::kTooLarge:
      return unavailable("there is no room left for the face database; nothing was stored");
    case ErrorCode::kPermission:
      return unavailable("the face database cannot be written by the service; nothing was stored");
    case ErrorCode::kVersionMismatch:
      return unavailable(
          "the face database is damaged, of a newer version or something else; the service's log "
          "says what helps");
    default: return unavailable("the face database cannot be used; the service's log says why");
  }
}

}  // namespace npu::face
