#include "manager/clients/request_fields.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/priority_name.hpp"
#include "base/utf8.hpp"
#include "json/fields.hpp"
#include "json/number_text.hpp"
#include "json/text_prefix.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxEcho = 200;
constexpr std::int64_t kMaxTimeoutMs = 86'400'000;
constexpr double kForeverSeconds = 1e9;
constexpr std::size_t kMaxFieldBytes = std::size_t{64} << 10;
constexpr std::array<std::string_view, 16> kFields{
    "action",       "client",     "events",     "features",  "keep_alive", "model_fd",
    "model_params", "model_path", "model_type", "output",    "pin",        "priority",
    "region",       "size",       "stream",     "timeout_ms"};

std::optional<broker::Priority> priority_in(npu::json::Fields& in) {
  const auto* value = in.find("priority");
  if (value == nullptr) return std::nullopt;
  const auto priority =
      value->is_string() ? priority_named(std::string_view(value->get_string())) : std::nullopt;
  if (!priority) in.wrong("priority", "realtime, interactive or batch");
  return priority;
}

std::optional<Duration> keep_alive_in(npu::json::Fields& in) {
  const auto* value = in.find("keep_alive");
  if (value == nullptr) return std::nullopt;
  const auto seconds = npu::json::number_in(*value);
  if (!seconds) in.wrong("keep_alive", "a number of seconds");
  if (!seconds || *seconds < 0 || *seconds >= kForeverSeconds) return Duration::max();
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds));
}

}  // namespace

Error unknown_action(std::string_view value) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("Unknown action: {}", utf8_prefix(value, kMaxEcho))};
}

Result<std::string> action_of(const json::object& body) {
  const auto* action = npu::json::Fields(body).find("action");
  if (action == nullptr) return fail(unknown_action("None"));
  if (action->is_string()) return std::string(action->get_string());
  if (action->is_bool()) return fail(unknown_action(action->get_bool() ? "True" : "False"));
  return fail(unknown_action(npu::json::text_prefix(*action, kMaxEcho + 1)));
}

Result<std::string> id_of(const json::object& body, std::string_view name, std::string_view text) {
  const auto* value = npu::json::Fields(body).find(name);
  if (value == nullptr) return {};
  std::string id;
  if (value->is_double()) id = npu::json::number_text(text, name).substr(0, kMaxIdBytes + 1);
  if (id.empty()) id = npu::json::text_prefix(*value, kMaxIdBytes + 1);
  if (id.size() <= kMaxIdBytes) return id;
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} must take at most {} bytes as JSON text", name, kMaxIdBytes));
}

Status keep_fields(json::object& body) {
  json::object kept(body.storage());
  Status fine;
  for (const std::string_view name : kFields) {
    auto* value = body.if_contains(name);
    if (value == nullptr) continue;
    if (npu::json::text_prefix(*value, kMaxFieldBytes + 1).size() <= kMaxFieldBytes) {
      kept.emplace(name, std::move(*value));
    } else if (fine) {
      fine = fail(ErrorCode::kTooLarge,
                  fmt::format("{} must take at most {} bytes as JSON text", name, kMaxFieldBytes));
    }
  }
  body = std::move(kept);
  return fine;
}

std::string for_log(std::string_view text) {
  std::string line(text.substr(0, kMaxEcho));
  std::ranges::replace_if(line, [](char c) { return c < ' ' || c >= 0x7f; }, '?');
  return line;
}

Result<ModelFields> model_fields(const json::object& body, std::string_view missing) {
  npu::json::Fields in(body);
  ModelFields fields;
  fields.path = in.text("model_path").value_or("");
  if (in.status() && fields.path.empty()) {
    return fail(ErrorCode::kInvalidArgument, std::string(missing));
  }
  fields.type = in.text("model_type").value_or(fields.type);
  fields.params = in.object("model_params");
  if (!in.status()) return fail(in.status().error());
  if (fields.params != nullptr && fields.params->empty()) fields.params = nullptr;
  return fields;
}

Result<PolicyFields> policy_fields(const json::object& body) {
  npu::json::Fields in(body);
  PolicyFields fields;
  fields.priority = priority_in(in).value_or(fields.priority);
  if (const auto timeout = in.integer("timeout_ms", 1, kMaxTimeoutMs)) {
    fields.timeout = Millis(*timeout);
  }
  fields.keep_alive = keep_alive_in(in);
  fields.pin = in.flag("pin");
  if (!in.status()) return fail(in.status().error());
  return fields;
}

}  // namespace npu::manager
