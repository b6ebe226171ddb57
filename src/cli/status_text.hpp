// Members of JSON objects as text, and the manager's status replies for people.
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <npu/replies.hpp>

namespace npu::cli {

// A member as plain text: "-" for null, absent and what is neither text nor number.
std::string text_at(const boost::json::object& object, std::string_view name);
// A member that is a text, else "".
std::string text_of(const boost::json::object& object, std::string_view name);
double number_at(const boost::json::object& object, std::string_view name);

// status, and device_status if not null (it fails where there is no device).
std::string describe_status(const ManagerStatus& status, const DeviceStatus* device);
// The loaded models as a table; `now` in unix seconds.
std::string describe_models(const ManagerStatus& status, double now);

}  // namespace npu::cli
