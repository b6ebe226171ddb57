#include "text/jinja/chat_template.hpp"

#include <utility>

#include <fmt/format.h>

#include "base/utf8.hpp"
#include "text/jinja/error.hpp"
#include "text/jinja/parser.hpp"

namespace npu::text {

struct ChatTemplate::Parts {
  jinja::Body body;
};

ChatTemplate::ChatTemplate(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;
ChatTemplate::~ChatTemplate() = default;

Result<ChatTemplate> ChatTemplate::parse(std::string_view source) {
  constexpr std::size_t kMostBytes = 1 << 20;
  if (source.size() > kMostBytes) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("a chat template of more than {} bytes", kMostBytes));
  }
  auto parts = std::make_unique<Parts>();
  try {
    parts->body = jinja::parse(jinja::tokens_of(valid_utf8(source)));
  } catch (const jinja::TemplateError& error) {
    return fail(error.code, fmt::format("the chat template cannot be read: {}", error.what()));
  }
  return ChatTemplate(std::move(parts));
}

Result<std::string> ChatTemplate::render(const boost::json::object& data, std::string_view today,
                                         const jinja::Bounds& bounds) const {
  jinja::Run run(bounds, std::string(today));
  try {
    for (const auto& member : data) {
      run.scope().set(member.key(), jinja::from_json(member.value()));
    }
    parts_->body.run(run);
    return run.take_output();
  } catch (const jinja::TemplateError& error) {
    return fail(error.code, fmt::format("chat template: {}", error.what()));
  }
}

}  // namespace npu::text
