// The beginning of a value's text, of a value that may be much longer than anybody wants.
#pragma once

#include <cstddef>
#include <string>

#include <boost/json.hpp>

namespace npu::json {

// The first `bytes` bytes of the value as JSON text; all of it where it has no more. Takes no time
// for the rest. May end within a UTF-8 character.
std::string text_prefix(const boost::json::value& value, std::size_t bytes);

}  // namespace npu::json
