// The fields of a request, checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "base/clock.hpp"
#include "broker/types.hpp"

namespace npu::manager {

// `action` as text; fails with "Unknown action: <value>" where it is no string.
Result<std::string> action_of(const boost::json::object& body);

// "Unknown action: <value>"; a long value is cut.
Error unknown_action(std::string_view value);

// What a client calls a request, serialised; "" if it is absent or null. A number is as it is
// written in the text that was parsed. kInvalidArgument where it takes more than kMaxIdBytes.
constexpr std::size_t kMaxIdBytes = 256;
Result<std::string> id_of(const boost::json::object& body, std::string_view name,
                          std::string_view text);

// Leaves only the fields that a request can have, input_data not among them, and of these none that
// takes more than 64 KiB: kTooLarge names the first such one.
Status keep_fields(boost::json::object& body);

// What a client sent, fit for a line of the log: printable ASCII, not too long.
std::string for_log(std::string_view text);

struct ModelFields {
  std::string path;
  std::string type = "vlm";
  const boost::json::object* params = nullptr;  // into the body; null if absent or empty
};
// missing: what to answer if model_path is not there ("model_path required").
Result<ModelFields> model_fields(const boost::json::object& body, std::string_view missing);

struct PolicyFields {
  broker::Priority priority = broker::Priority::kInteractive;
  std::optional<Millis> timeout;
  std::optional<Duration> keep_alive;
  std::optional<bool> pin;
};
Result<PolicyFields> policy_fields(const boost::json::object& body);

}  // namespace npu::manager
