// A model's chat template: a program in Jinja that writes a conversation down as the model wants
// it.
//
//   const auto chat = ChatTemplate::parse(text_of("chat_template.jinja"));
//   chat->render({{"messages", messages}, {"add_generation_prompt", true}}, "2026-12-01");
//
// Rendered as transformers does with Python's jinja2: trim_blocks, lstrip_blocks, loop controls,
// {% generation %}, tojson without HTML's escapes, raise_exception, strftime_now, and no way to
// change a value but a namespace's. A template is a stranger's: what it may do is bounded.
//
// Immutable; safe to use from any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include <npu/result.hpp>

#include "text/jinja/run.hpp"

namespace npu::text {

class ChatTemplate {
 public:
  // kMalformed names the line; kTooLarge.
  static Result<ChatTemplate> parse(std::string_view source);
  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;
  ~ChatTemplate();

  // data: names and their values. today: "2026-12-01". kInvalidArgument: the template refuses the
  // conversation (raise_exception) or cannot do with it what it wants to; kUnsupported, kTooLarge:
  // it does too much.
  Result<std::string> render(const boost::json::object& data, std::string_view today,
                             const jinja::Bounds& bounds = {}) const;

 private:
  struct Parts;
  explicit ChatTemplate(std::unique_ptr<const Parts> parts);

  std::unique_ptr<const Parts> parts_;
};

}  // namespace npu::text
