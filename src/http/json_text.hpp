// JSON values to text.
//
// Numbers are written as most programs print them (0.5, 1e-07, 3.0), not in Boost.JSON's
// exponential form; a double that JSON has no text for becomes null.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

namespace npu::http {

enum class JsonStyle {
  kCompact,  // {"a":1,"b":[2,3]}
  kSpaced,   // {"a": 1, "b": [2, 3]}
};

void append_json(std::string& out, const boost::json::value& value, JsonStyle style);
void append_json(std::string& out, const boost::json::object& value, JsonStyle style);
std::string json_text(const boost::json::object& value, JsonStyle style = JsonStyle::kCompact);

// text in quotes, escaped. Bytes that are not valid UTF-8 pass unchanged.
void append_json_string(std::string& out, std::string_view text);

}  // namespace npu::http
