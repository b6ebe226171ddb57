#include <limits>

#include <fmt/format.h>

#include "base/error_table.hpp"
#include "base/priority_name.hpp"
#include "base/utf8.hpp"
#include "json/fields.hpp"
#include "wire/frame.hpp"
#include "wire/worker_messages.hpp"

namespace npu::wire {
namespace {

namespace bj = boost::json;
using npu::json::Fields;

constexpr std::int64_t kMostRunsAtOnce = 64;
constexpr std::int64_t kLongestRetryMs = 24 * 3600 * 1000;
constexpr std::size_t kMaxText = std::size_t{4} << 10;  // of what a worker says of itself
constexpr double kLongestMs = 1e12;
constexpr std::size_t kQuotedOp = 32;
// So that many can be added up. No device has as much memory, and no message as many bytes.
constexpr std::int64_t kMostBytes = std::int64_t{1} << 48;

struct Opened {
  bj::object body;
  std::string op;
};

Result<Opened> parse_message(std::span<const std::byte> payload) {
  auto message = parse_payload(payload, Layout::kJson, npu::json::kOfWorkers);
  if (!message) return fail(ErrorCode::kMalformed, std::move(message.error().message));
  Opened opened{std::move(message->body), {}};
  opened.op = Fields(opened.body).text("op").value_or("");
  return opened;
}

tl::unexpected<Error> unknown(std::string_view op) {
  return fail(ErrorCode::kMalformed,
              fmt::format("there is no op '{}'", utf8_prefix(op, kQuotedOp)));
}

std::uint64_t number_in(Fields& in, std::string_view name) {
  return in.required({name}).count(name).value_or(0);
}

std::size_t bytes_in(Fields& in, std::string_view name) {
  return static_cast<std::size_t>(in.integer(name, 0, kMostBytes).value_or(0));
}

std::string text_in(Fields& in, std::string_view name) {
  return std::string(in.required({name}).text(name).value_or(""));
}

// Of a body that is not needed any more.
bj::object take_object(Fields& in, bj::object& body, std::string_view name) {
  if (in.required({name}).object(name) == nullptr) return {};
  return std::move(body.at(name).get_object());
}

order::LoadFile load_file(const bj::value& value, Status& status) {
  const auto* object = value.if_object();
  if (object == nullptr) {
    status = fail(ErrorCode::kMalformed, "load.files must be a list of objects");
    return {};
  }
  Fields in(*object, ErrorCode::kMalformed, "load.files.");
  order::LoadFile file{.path = text_in(in, "path")};
  if (const auto bytes = in.integer("bytes", 0, kMostBytes)) {
    file.opened = {.bytes = static_cast<std::uint64_t>(*bytes),
                   .modified = in.required({"modified"}).integer("modified").value_or(0)};
  }
  if (const auto* description = in.object("description")) file.description = *description;
  if (status) status = in.status();
  return file;
}

Result<Order> load_in(Fields& in) {
  order::Load load{.job = number_in(in, "job"),
                   .model = text_in(in, "model"),
                   .type = text_in(in, "type"),
                   .path = text_in(in, "path")};
  const auto* files = in.required({"files"}).list("files");
  if (files == nullptr) return load;
  Status status;
  for (const auto& file : *files) load.files.push_back(load_file(file, status));
  if (!status) return fail(status.error());
  return load;
}

std::uint32_t user_in(Fields& in) {
  constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
  return static_cast<std::uint32_t>(in.required({"user"}).integer("user", 0, kMost).value_or(0));
}

Result<Order> infer_in(Fields& in) {
  order::Infer infer{.job = number_in(in, "job"),
                     .model = text_in(in, "model"),
                     .stream = in.flag("stream").value_or(false)};
  if (const auto name = in.text("priority")) {
    const auto priority = priority_named(*name);
    if (!priority) in.wrong("priority", "realtime, interactive or batch");
    infer.priority = priority.value_or(infer.priority);
  }
  if (in.find("client") != nullptr) {
    infer.asker = {.client = number_in(in, "client"), .user = user_in(in)};
  }
  const auto* place = in.object("output");
  if (place == nullptr) return infer;
  Fields output(*place, ErrorCode::kMalformed, "infer.output.");
  infer.output = {.region = number_in(output.required({"region", "offset", "size"}), "region"),
                  .offset = bytes_in(output, "offset"),
                  .bytes = bytes_in(output, "size"),
                  .strict = output.flag("strict").value_or(false)};
  if (!output.status()) return fail(output.status().error());
  return infer;
}

Result<Order> order_in(const std::string& op, Fields& in) {
  if (op == "infer") return infer_in(in);
  if (op == "load") return load_in(in);
  if (op == "region") {
    return order::Region{number_in(in, "region"), bytes_in(in.required({"size"}), "size")};
  }
  if (op == "drop_region") return order::DropRegion{number_in(in, "region")};
  if (op == "file") return order::File{number_in(in, "job")};
  if (op == "unload") return order::Unload{number_in(in, "job"), text_in(in, "model")};
  if (op == "release_group") return order::ReleaseGroup{number_in(in, "job")};
  if (op == "cancel") return order::Cancel{number_in(in, "job")};
  if (op == "telemetry") return order::Telemetry{number_in(in, "job")};
  if (op == "forget") return order::Forget{number_in(in, "client")};
  return unknown(op);
}

std::string bounded_text(Fields& in, std::string_view name) {
  return std::string(utf8_prefix(in.text(name).value_or(""), kMaxText));
}

Error error_in(Fields& message) {
  const auto* object = message.required({"error"}).object("error");
  if (object == nullptr) return {ErrorCode::kInternal, "the worker failed without saying why"};
  Fields in(*object);
  Error said{error_code_from_wire(in.text("code").value_or("")).value_or(ErrorCode::kInternal),
             bounded_text(in, "message")};
  const auto after = in.capped_integer("retry_after_ms", 0, kLongestRetryMs).value_or(0);
  if (after > 0) said.retry_after = Millis(after);
  return said;
}

report::Ready ready_in(Fields& message) {
  report::Ready ready{.build = bounded_text(message, "build"), .device = {}};
  const auto* object = message.object("device");
  if (object == nullptr) return ready;
  Fields in(*object);
  device::DeviceInfo& info = ready.device;
  info.kind = bounded_text(in, "kind");
  info.id = bounded_text(in, "id");
  info.architecture = bounded_text(in, "architecture");
  info.firmware = bounded_text(in, "firmware");
  info.memory_bytes = bytes_in(in, "memory_bytes");
  info.group_release = in.flag("group_release").value_or(false);
  info.runs_at_once =
      static_cast<int>(in.capped_integer("runs_at_once", 1, kMostRunsAtOnce).value_or(1));
  info.confinement = bounded_text(in, "confinement");
  return ready;
}

device::Telemetry telemetry_in(const bj::object& object, Fields& message) {
  Fields in(object);
  device::Telemetry readings;
  readings.temperature_celsius = in.number("temperature_celsius");
  if (const auto used = in.integer("memory_used_bytes", 0, kMostBytes)) {
    readings.memory_used_bytes = static_cast<std::uint64_t>(*used);
  }
  readings.utilisation = in.number("utilisation");
  if (!in.status()) message.fail_with("done.telemetry." + in.status().error().message);
  return readings;
}

report::Outcome outcome_in(Fields& in, bj::object& body) {
  if (in.find("error") != nullptr) return error_in(in);
  if (auto* result = body.if_contains("result")) {
    report::Inferred inferred{.result = nullptr,
                              .inference_ms = in.number("inference_ms", 0, kLongestMs).value_or(0),
                              .output_bytes = bytes_in(in, "output_bytes"),
                              .region_bytes = bytes_in(in, "region_size")};
    inferred.result = std::move(*result);
    return inferred;
  }
  if (const auto* telemetry = in.object("telemetry")) return telemetry_in(*telemetry, in);
  if (in.find("info") == nullptr) return report::Finished{};
  return report::Loaded{bytes_in(in, "memory_bytes"), take_object(in, body, "info")};
}

Result<Report> report_in(const std::string& op, Fields& in, bj::object& body) {
  if (op == "done") {
    const JobId job = number_in(in, "job");
    return report::Done{job, outcome_in(in, body)};
  }
  if (op == "event") {
    const JobId job = number_in(in, "job");
    return report::Event{job, take_object(in, body, "event")};
  }
  if (op == "progress") return report::Progress{number_in(in, "job")};
  if (op == "ready") return ready_in(in);
  if (op == "failed") return report::Failed{error_in(in)};
  if (op == "lost") return report::Lost{error_in(in)};
  if (op == "region_failed") return report::RegionFailed{number_in(in, "region"), error_in(in)};
  return unknown(op);
}

}  // namespace

Result<ReceivedOrder> decode_order(std::span<const std::byte> payload) {
  auto opened = parse_message(payload);
  if (!opened) return fail(opened.error());
  Fields in(opened->body, ErrorCode::kMalformed, opened->op + ".");
  auto order = order_in(opened->op, in);
  if (!order) return fail(order.error());
  ReceivedOrder received{std::move(*order), {}};
  if (opened->op == "load") received.json = take_object(in, opened->body, "params");
  if (opened->op == "infer") received.json = take_object(in, opened->body, "input");
  if (!in.status()) return fail(in.status().error());
  return received;
}

Result<Report> decode_report(std::span<const std::byte> payload) {
  auto opened = parse_message(payload);
  if (!opened) return fail(opened.error());
  Fields in(opened->body, ErrorCode::kMalformed, opened->op + ".");
  auto report = report_in(opened->op, in, opened->body);
  if (!in.status()) return fail(in.status().error());
  return report;
}

}  // namespace npu::wire
