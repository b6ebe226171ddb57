#include "families/generation/answer_details.hpp"

#include <chrono>

namespace npu::families {
namespace json = boost::json;
namespace {

std::int64_t milliseconds(Duration duration) {
  return std::chrono::round<std::chrono::milliseconds>(duration).count();
}

}  // namespace

json::object to_json(const AnswerDetails& details) {
  json::object out;
  out["text"] = details.text;
  out["stop_reason"] = device::name_of(details.generation.stop);
  if (details.stop_string) out["stop_string"] = *details.stop_string;
  out["prompt_tokens"] = details.cached_tokens + details.generation.prompt_tokens;
  if (details.cached_tokens > 0) out["cached_tokens"] = details.cached_tokens;
  out["tokens"] = details.generation.tokens;
  if (details.first_token) out["first_token_ms"] = milliseconds(*details.first_token);
  out["generation_ms"] = milliseconds(details.total - details.first_token.value_or(details.total));
  out["total_ms"] = milliseconds(details.total);
  if (details.context) out["context"] = *details.context;
  if (!details.ignored.empty())
    out["ignored"] = json::array(details.ignored.begin(), details.ignored.end());
  return out;
}

}  // namespace npu::families
