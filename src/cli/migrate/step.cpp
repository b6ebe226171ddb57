#include "cli/migrate/step.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace npu::cli::migrate {
namespace json = boost::json;
namespace {

constexpr std::array<std::string_view, 8> kNames{"stop",     "keep",   "write", "adopt",
                                                 "database", "reload", "start", "done"};

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

bool flag_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_bool() && value->as_bool();
}

std::uint32_t number_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? static_cast<std::uint32_t>(value->as_int64()) : 0;
}

}  // namespace

json::object Step::json() const {
  json::object out{{"op", kNames.at(static_cast<std::size_t>(op))}, {"service", service}};
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) out[key] = value;
  };
  add("unit", unit);
  add("from", from);
  add("to", to);
  add("text", text);
  if (op == Op::kAdopt || op == Op::kDatabase) {
    out["owner"] = access.owner;
    out["group"] = access.group;
    out["mode"] = access.mode;
  }
  if (op == Op::kStop || op == Op::kStart) {
    out["enabled"] = enabled;
    out["active"] = active;
  }
  return out;
}

Result<Step> Step::from_json(const json::value& value) {
  const json::object* object = value.if_object();
  const auto name = object != nullptr
                        ? std::ranges::find(kNames, std::string_view(text_at(*object, "op")))
                        : kNames.end();
  if (name == kNames.end()) return fail(ErrorCode::kMalformed, "it is no step of a migration");
  Step step;
  step.op = static_cast<Op>(name - kNames.begin());
  step.service = text_at(*object, "service");
  step.unit = text_at(*object, "unit");
  step.from = text_at(*object, "from");
  step.to = text_at(*object, "to");
  step.text = text_at(*object, "text");
  step.access = {number_at(*object, "owner"), number_at(*object, "group"),
                 static_cast<mode_t>(number_at(*object, "mode"))};
  step.enabled = flag_at(*object, "enabled");
  step.active = flag_at(*object, "active");
  return step;
}

std::string describe(const Step& step) {
  const auto text = [&]() -> std::string {
    switch (step.op) {
      case Step::Op::kStop: return fmt::format("stop and disable {}", step.unit);
      case Step::Op::kKeep: return fmt::format("keep aside {}", step.from);
      case Step::Op::kWrite: return fmt::format("write {}", step.to);
      case Step::Op::kAdopt: return fmt::format("move {} to {}, as root's", step.from, step.to);
      case Step::Op::kDatabase: return fmt::format("copy the people of it to {}", step.to);
      case Step::Op::kStart:
        if (!step.enabled && !step.active) return {};
        return fmt::format("{} {}",
                           step.enabled && step.active ? "enable and start"
                           : step.enabled              ? "enable"
                                                       : "start",
                           step.unit);
      case Step::Op::kReload:
      case Step::Op::kDone: break;
    }
    return {};
  };
  return for_terminal(text());
}

}  // namespace npu::cli::migrate
