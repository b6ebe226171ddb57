// JSON values to text.
//
// Numbers are written as most programs print them (0.5, 1e-07, 3.0), not in Boost.JSON's
// exponential form; a double that JSON has no text for becomes null.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

namespace npu::json {

enum class Style {
  kCompact,  // {"a":1,"b":[2,3]}
  kSpaced,   // {"a": 1, "b": [2, 3]}
};

std::string write(const boost::json::object& object, Style style = Style::kCompact);

// The same behind what `out` has.
void append(std::string& out, const boost::json::value& value, Style style = Style::kCompact);
void append(std::string& out, const boost::json::object& object, Style style = Style::kCompact);
// text in quotes, escaped. Bytes that are not valid UTF-8 pass unchanged.
void append_string(std::string& out, std::string_view text);

// To a multiple of 1 / steps, so that an answer has no more digits than mean something: 100 for
// two.
double rounded(double value, double steps);

}  // namespace npu::json
