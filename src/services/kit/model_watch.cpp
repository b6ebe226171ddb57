#include "services/kit/model_watch.hpp"

#include <algorithm>
#include <string_view>

namespace npu::kit {
namespace json = boost::json;

namespace {

double number_in(const json::object& reply, std::string_view name, double otherwise) {
  const auto* value = reply.if_contains(name);
  return value != nullptr && value->is_number() ? value->to_number<double>() : otherwise;
}

bool says(const json::object& row, std::string_view name, std::string_view text) {
  const auto* value = row.if_contains(name);
  return value != nullptr && value->is_string() && value->get_string() == text;
}

}  // namespace

void ModelWatch::loaded(const json::object& reply) {
  seen_ = {};
  const auto* name = reply.if_contains("listed_as");
  listed_as_ = name != nullptr && name->is_string() ? std::string(name->get_string()) : path_;
}

bool ModelWatch::listed(const json::object& reply) const {
  const auto* models = reply.if_contains("loaded_models");
  if (models == nullptr || !models->is_array()) return true;
  if (reply.contains("loaded_models_left_out")) return true;  // perhaps
  return std::ranges::any_of(models->get_array(), [this](const json::value& row) {
    const auto* fields = row.if_object();
    return fields != nullptr && says(*fields, "model_type", type_) &&
           says(*fields, "model_path", listed_as_);
  });
}

Status ModelWatch::check(const json::object& reply) {
  const Seen before = seen_;
  seen_.uptime = number_in(reply, "uptime_seconds", before.uptime);
  seen_.evictions = number_in(reply, "total_lru_evictions", before.evictions);
  if (seen_.uptime < before.uptime) {
    return fail(ErrorCode::kUnavailable, "the device manager was restarted");
  }
  const bool there = listed(reply);
  const bool more_evictions = before.evictions >= 0 && seen_.evictions > before.evictions;
  seen_.evicted = !there && (before.evicted || more_evictions);
  if (there) return {};
  const auto* broken = reply.if_contains("runtime_broken_reason");
  if (broken != nullptr && broken->is_string()) {
    return fail(ErrorCode::kDeviceLost, std::string(broken->get_string()));
  }
  if (!keeps_ || seen_.evicted) return {};
  return fail(ErrorCode::kNotFound, "the device manager has unloaded the model");
}

}  // namespace npu::kit
