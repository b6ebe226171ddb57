// A conversation as clients send it, checked.
#pragma once

#include <cstddef>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "text/chat.hpp"

namespace npu::families {

// prompt: a list of {role, content}, where content is a text or a list of {type: text, text} and
// {type: image}. kInvalidArgument names what is wrong: an unknown role or type, a missing field,
// more or fewer image parts than frames.
Result<text::Chat> parse_chat(const boost::json::value& prompt, std::size_t frames);

}  // namespace npu::families
