// Errors are values: every function that can fail for a reason outside the program returns a
// Result. The set of codes is closed; src/base/error_table.hpp maps it to the wire and to HTTP.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace npu {

using Millis = std::chrono::milliseconds;

enum class ErrorCode {
  kInvalidArgument,       // the request is wrong: a field, a shape, a value
  kMalformed,             // the bytes are not what they should be: broken JSON, image, frame
  kUnsupportedMediaType,  // the content type is not one that the route takes
  kNotFound,              // no such model, route or request
  kUnsupported,           // right, but this device or build cannot do it
  kTooLarge,              // over a stated limit
  kPermission,            // the caller may not
  kQuotaExceeded,         // the caller has used its share
  kOverloaded,            // our capacity is used up
  kDeadlineExceeded,      // the request's own time has passed
  kCancelled,             // the caller, or its disappearance, cancelled the request
  kDoesNotFit,            // the model cannot be made resident on this device
  kBusy,                  // somebody else holds what is needed; try again
  kDeviceLost,            // the device or its worker went away and the work cannot be repeated
  kVersionMismatch,       // two parts that must agree on a version do not
  kUnavailable,           // the manager or the device is not there (yet)
  kInternal,              // our mistake
};

// message: what was wrong and what would be right, in the caller's terms.
// retry_after: when trying again is worth it, where that is known.
// is_whole: the message says all; who hands the error on puts no words of his own before it.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::optional<Millis> retry_after = std::nullopt;
  bool is_whole = false;
};

template <class T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// return fail(ErrorCode::kNotFound, "Model file not found: " + path);
inline tl::unexpected<Error> fail(ErrorCode code, std::string message,
                                  std::optional<Millis> retry_after = std::nullopt) {
  return tl::unexpected<Error>(Error{code, std::move(message), retry_after});
}
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace npu
