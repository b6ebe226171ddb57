#include "worker/messages.hpp"

#include <fmt/format.h>

#include "base/error_table.hpp"
#include "base/utf8.hpp"
#include "base/version.hpp"

namespace npu::worker {
namespace json = boost::json;
namespace {

// What models and devices say need not be UTF-8; a message that is not would cost the worker its
// life.
std::string text_of(const json::value& value) { return valid_utf8(json::serialize(value)); }

json::object error_json(const Error& error) {
  json::object out{{"code", wire_name(error.code)}, {"message", error.message}};
  if (error.retry_after) out["retry_after_ms"] = error.retry_after->count();
  return out;
}

}  // namespace

std::string ready_message(const device::DeviceInfo& info) {
  return text_of(json::object{{"op", "ready"},
                              {"build", version()},
                              {"device",
                               {{"kind", info.kind},
                                {"id", info.id},
                                {"architecture", info.architecture},
                                {"firmware", info.firmware},
                                {"memory_bytes", info.memory_bytes},
                                {"group_release", info.group_release},
                                {"runs_at_once", info.runs_at_once}}}});
}

std::string failed_message(const Error& error) {
  return text_of(json::object{{"op", "failed"}, {"error", error_json(error)}});
}

std::string lost_message(const Error& error) {
  return text_of(json::object{{"op", "lost"}, {"error", error_json(error)}});
}

std::string done_message(JobId job) { return fmt::format(R"({{"op":"done","job":{}}})", job); }

std::string error_message(JobId job, const Error& error) {
  return fmt::format(R"({{"op":"done","job":{},"error":{}}})", job, text_of(error_json(error)));
}

std::string region_failed_message(std::uint64_t region, const Error& error) {
  return fmt::format(R"({{"op":"region_failed","region":{},"error":{}}})", region,
                     text_of(error_json(error)));
}

std::string loaded_message(JobId job, std::uint64_t memory_bytes, const json::object& info) {
  return fmt::format(R"({{"op":"done","job":{},"memory_bytes":{},"info":{}}})", job, memory_bytes,
                     text_of(info));
}

std::string event_message(JobId job, const json::object& event) {
  return fmt::format(R"({{"op":"event","job":{},"event":{}}})", job, text_of(event));
}

std::string progress_message(JobId job) {
  return fmt::format(R"({{"op":"progress","job":{}}})", job);
}

std::string inferred_message(JobId job, const json::value& result, double milliseconds,
                             std::size_t output_bytes, std::size_t region_bytes) {
  std::string text = fmt::format(R"({{"op":"done","job":{},"result":)", job);
  text += text_of(result);
  fmt::format_to(std::back_inserter(text), R"(,"inference_ms":{:.3f},"output_bytes":{})",
                 milliseconds, output_bytes);
  if (region_bytes > 0)
    fmt::format_to(std::back_inserter(text), R"(,"region_size":{})", region_bytes);
  text += '}';
  return text;
}

std::string telemetry_message(JobId job, const device::Telemetry& readings) {
  const auto or_null = [](const auto& reading) {
    return reading ? json::value(*reading) : json::value(nullptr);
  };
  return text_of(json::object{{"op", "done"},
                              {"job", job},
                              {"telemetry",
                               {{"temperature_celsius", or_null(readings.temperature_celsius)},
                                {"memory_used_bytes", or_null(readings.memory_used_bytes)},
                                {"utilisation", or_null(readings.utilisation)}}}});
}

}  // namespace npu::worker
