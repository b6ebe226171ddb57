#include "services/clip/prompts.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "json/fields.hpp"

namespace npu::clip {
namespace {

constexpr std::string_view kPlace = "{}";

}  // namespace

Status check_text(std::string_view name, std::string_view text) {
  if (text.size() <= kMaxTextBytes) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} must be a text of at most {} bytes, got {}", name, kMaxTextBytes,
                          text.size()));
}

Status check_template(std::string_view name, std::string_view text) {
  if (text.find(kPlace) != std::string_view::npos) return {};
  return fail(ErrorCode::kInvalidArgument,
              npu::json::must_be(name, "a text with {} where the prompt goes",
                                 npu::json::quote(boost::json::value(text))));
}

std::vector<std::string> in_templates(const std::string& text,
                                      const std::vector<std::string>& templates) {
  if (templates.empty()) return {text};
  std::vector<std::string> texts = templates;
  for (std::string& one : texts) one.replace(one.find(kPlace), kPlace.size(), text);
  return texts;
}

std::vector<std::string> Prompts::texts() const {
  std::vector<std::string> all;
  all.reserve(prompts.size() * std::max<std::size_t>(1, templates.size()));
  for (const std::string& prompt : prompts) {
    for (std::string& text : in_templates(prompt, templates)) all.push_back(std::move(text));
  }
  return all;
}

std::vector<Vector> Prompts::means(std::vector<Vector> of_texts) const {
  if (templates.size() < 2) return of_texts;
  std::vector<Vector> means;
  means.reserve(prompts.size());
  const std::span<const Vector> all(of_texts);
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    means.push_back(mean_of(all.subspan(i * templates.size(), templates.size())));
  }
  return means;
}

}  // namespace npu::clip
