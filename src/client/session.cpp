#include "client/session.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "client/error_reply.hpp"
#include "client/result_tensors.hpp"
#include "json/fields.hpp"
#include "tensor/base64.hpp"
#include "wire/tensor_json.hpp"

namespace npu::client {
namespace json = boost::json;
namespace {

// Below this a tensor is cheaper in the frame than in shared memory of its own.
constexpr std::size_t kMinShared = 4096;

constexpr std::string_view name_of_priority(Priority priority) {
  switch (priority) {
    case Priority::kRealtime: return "realtime";
    case Priority::kInteractive: return "interactive";
    case Priority::kBatch: return "batch";
  }
  return "interactive";
}

std::size_t limit_in(npu::json::Fields& limits, std::string_view name, std::size_t otherwise) {
  const auto value = limits.count(name).value_or(0);
  return value > 0 ? static_cast<std::size_t>(value) : otherwise;
}

void put_options(json::object& body, const Request& request, bool version1, SteadyTime now,
                 SteadyTime deadline) {
  if (request.action != "infer" && request.action != "load_model") return;
  const CallOptions& options = request.options;
  if (options.priority) body["priority"] = name_of_priority(*options.priority);
  if (options.keep_alive) body["keep_alive"] = *options.keep_alive;
  if (options.pin) body["pin"] = *options.pin;
  if (version1) return;
  const auto left = std::chrono::ceil<Millis>(deadline - now);
  body["timeout_ms"] = std::clamp<std::int64_t>(left.count(), 1, 86'400'000);
}

}  // namespace

Session::Session(const ClientOptions& options, wire::BufferSource memory)
    : options_(options), memory_(std::move(memory)) {
  server_.max_message_bytes = options_.max_message_bytes;
}

std::optional<OutFrame> Session::hello(std::initializer_list<std::string_view> events) const {
  if (!options_.hello) return std::nullopt;
  json::array features{"stream", "cancel"};
  if (options_.shm) features.emplace_back("shm");
  if (options_.tail) features.emplace_back("tail");
  if (options_.pipeline) features.emplace_back("pipeline");
  if (events.size() > 0) features.emplace_back("events");
  json::object body{
      {"action", "hello"}, {"client", options_.name}, {"features", std::move(features)}};
  if (events.size() > 0) body["events"] = json::array(events.begin(), events.end());
  return OutFrame(wire::encode_message(body));
}

Status Session::accept_hello(const json::object& reply) {
  if (const auto error = error_in(reply)) {
    if (error->message.starts_with("Unknown action")) return {};
    return fail(*error);
  }
  npu::json::Fields in(reply);
  const auto* features = in.list("features");
  if (features == nullptr) {
    return fail(ErrorCode::kMalformed, "the manager's answer to hello names no features");
  }
  const auto granted = [&](std::string_view name, bool asked) {
    return asked && std::ranges::any_of(*features, [&](const json::value& feature) {
             return feature.is_string() && feature.get_string() == name;
           });
  };
  server_.shm = granted("shm", options_.shm);
  server_.tail = granted("tail", options_.tail);
  server_.pipeline = granted("pipeline", options_.pipeline);
  server_.stream = granted("stream", true);
  server_.cancel = granted("cancel", true);
  server_.events = granted("events", true);
  server_.server = in.text("server").value_or("?");
  const auto* said = in.object("limits");
  const json::object none;
  npu::json::Fields limits(said != nullptr ? *said : none);
  server_.max_message_bytes =
      std::min(options_.max_message_bytes,
               limit_in(limits, "max_message_bytes", options_.max_message_bytes));
  server_.max_regions = limit_in(limits, "max_regions", 1);
  server_.max_region_bytes = limit_in(limits, "max_region_bytes", std::size_t{64} << 20);
  server_.max_in_flight = server_.pipeline ? limit_in(limits, "max_in_flight", 1) : 1;
  if (server_.tail) layout_ = wire::Layout::kTail;
  return {};
}

Prepared Session::prepare(const Request& request, Arena& arena, std::size_t output_bytes) const {
  Prepared prepared;
  if (!request.input) return prepared;
  prepared.tensors = request.input->tensor_fields();
  if (!server_.shm) return prepared;
  for (auto& field : prepared.tensors) {
    for (auto& tensor : field.tensors) {
      if (tensor.in_shared_memory() || tensor.bytes().size() < kMinShared) continue;
      auto block = arena.allocate(tensor.bytes().size());
      if (block == nullptr) continue;
      const auto bytes = block->bytes().first(tensor.bytes().size());
      std::memcpy(bytes.data(), tensor.bytes().data(), bytes.size());
      tensor = ClientTensor(tensor.dtype(), tensor.shape(), std::move(block), bytes);
    }
  }
  if (output_bytes >= kMinShared && !request.stream) {
    prepared.output = arena.allocate(output_bytes);
  }
  return prepared;
}

std::shared_ptr<Region> Session::unregistered(const Prepared& prepared) const {
  const auto unknown = [&](const std::shared_ptr<Block>& block) {
    return block != nullptr && !regions_.contains(block->region()->id()) &&
           regions_.size() < server_.max_regions &&
           block->region()->size() <= server_.max_region_bytes;
  };
  if (!server_.shm) return nullptr;
  if (unknown(prepared.output)) return prepared.output->region();
  for (const auto& field : prepared.tensors) {
    for (const auto& tensor : field.tensors) {
      if (unknown(tensor.block())) return tensor.block()->region();
    }
  }
  return nullptr;
}

OutFrame Session::register_region(std::uint64_t id, const Region& region) const {
  const json::object body{{"action", "shm_register"}, {"request_id", id}, {"size", region.size()}};
  return OutFrame(wire::encode_message(body, layout_), {}, region.fd());
}

void Session::region_answered(const Region& region, const json::object& reply) {
  const auto number = npu::json::Fields(reply).integer("region");
  auto& known = regions_[region.id()];
  if (!error_in(reply) && number) known = number;
}

std::optional<std::int64_t> Session::number_of(const Region& region) const {
  const auto found = regions_.find(region.id());
  return found != regions_.end() ? found->second : std::nullopt;
}

json::object Session::place(const ClientTensor& tensor, std::vector<ClientTensor>& tail,
                            std::size_t& tail_bytes) const {
  const std::size_t size = tensor.bytes().size();
  if (const auto& block = tensor.block(); block != nullptr && server_.shm) {
    if (const auto number = number_of(*block->region())) {
      const auto offset =
          static_cast<std::size_t>(tensor.bytes().data() - block->region()->bytes().data());
      return wire::region_tensor(tensor.dtype(), tensor.shape(), *number, offset);
    }
  }
  if (server_.tail) {
    auto object = wire::tail_tensor(tensor.dtype(), tensor.shape(), tail_bytes, size);
    tail_bytes += size;
    tail.push_back(tensor);
    return object;
  }
  // Written as base64 when the message is; until then a tail tensor with its index for an offset.
  tail.push_back(tensor);
  return wire::tail_tensor(tensor.dtype(), tensor.shape(), tail.size() - 1, size);
}

std::string Session::base64_frame(const json::object& body,
                                  const std::vector<ClientTensor>& tensors) const {
  std::size_t reserve = 4096;
  for (const auto& tensor : tensors) reserve += base64_encoded_size(tensor.bytes().size());
  std::string frame(wire::head_bytes(layout_), '\0');
  frame.reserve(frame.size() + reserve);
  wire::append_json_with_base64(frame, body, [&](const wire::TensorRef& ref) {
    const auto* place = std::get_if<wire::InTail>(&ref.place);
    const bool ours = place != nullptr && place->offset < tensors.size();
    return ours ? std::optional(tensors[place->offset].bytes()) : std::nullopt;
  });
  return frame;
}

Result<OutFrame> Session::encode(const Request& request, const Prepared& prepared, std::uint64_t id,
                                 SteadyTime now, SteadyTime deadline) const {
  json::object body{{"action", request.action}, {"request_id", id}};
  if (request.model) {
    body["model_path"] = request.model->path;
    body["model_type"] = request.model->type;
    if (request.model->params) body["model_params"] = *request.model->params;
  }
  put_options(body, request, server_.server.empty(), now, deadline);
  if (request.stream) body["stream"] = true;
  std::vector<ClientTensor> tail;
  std::size_t tail_bytes = 0;
  if (request.input) {
    json::object data = request.input->json_fields();
    for (const auto& field : prepared.tensors) {
      json::array list;
      for (const auto& tensor : field.tensors) list.push_back(place(tensor, tail, tail_bytes));
      if (field.list) {
        data[field.name] = std::move(list);
      } else {
        data[field.name] = std::move(list.at(0));
      }
    }
    body["input_data"] = std::move(data);
  }
  if (prepared.output != nullptr) {
    if (const auto number = number_of(*prepared.output->region())) {
      body["output"] = {{"region", *number},
                        {"offset", prepared.output->offset()},
                        {"size", prepared.output->size()}};
    }
  }
  std::string frame(wire::head_bytes(layout_), '\0');
  if (server_.tail) {
    frame += json::serialize(body);
  } else {
    frame = base64_frame(body, tail);
    tail.clear();
  }
  const std::size_t size = frame.size() - wire::kHeaderBytes + tail_bytes;
  if (size > server_.max_message_bytes) {
    return fail(ErrorCode::kTooLarge,
                fmt::format("Request too large: {} bytes, at most {} are allowed", size,
                            server_.max_message_bytes));
  }
  wire::seal(frame, layout_, tail_bytes);
  return OutFrame(std::move(frame), std::move(tail));
}

OutFrame Session::cancel(std::uint64_t id, std::uint64_t target) const {
  const json::object body{
      {"action", "cancel"}, {"request_id", id}, {"request_id_to_cancel", target}};
  return OutFrame(wire::encode_message(body, layout_));
}

Result<Incoming> Session::decode(wire::Buffer payload) const {
  auto message = wire::parse_payload(payload.bytes, layout_);
  if (!message) {
    return fail(ErrorCode::kMalformed,
                "the manager sent something else than a reply: " + message.error().message);
  }
  Incoming incoming;
  const std::size_t tail_size = message->tail.size();
  incoming.tail = payload.bytes.last(tail_size);
  incoming.payload = std::move(payload);
  incoming.body = std::move(message->body);
  const auto id = npu::json::Fields(incoming.body).count("request_id");
  const auto* event = incoming.body.if_contains("event");
  if (!id && event != nullptr && event->is_string()) {
    incoming.kind = Incoming::Kind::kNotice;
  } else if (!id) {
    incoming.kind = Incoming::Kind::kOrphan;
  } else if (event != nullptr) {
    if (!event->is_object()) {
      return fail(ErrorCode::kMalformed, "the manager sent an event that is not an object");
    }
    incoming.kind = Incoming::Kind::kEvent;
  }
  incoming.id = id.value_or(0);
  return incoming;
}

Result<InferResult> Session::result_of(Incoming reply, const std::shared_ptr<Block>& output) const {
  auto* result = reply.body.if_contains("result");
  if (result == nullptr) return fail(ErrorCode::kMalformed, "the manager's reply has no result");
  const auto output_number =
      output != nullptr ? number_of(*output->region()) : std::optional<std::int64_t>();
  InferResult done;
  done.value = std::move(*result);
  done.inference_time_ms = npu::json::Fields(reply.body).integer("inference_time_ms").value_or(0);
  auto taken = take_tensors(done, {reply.payload, reply.tail, output, output_number, memory_});
  if (!taken) return fail(taken.error());
  return done;
}

std::size_t reserved_bytes(const std::vector<ClientTensor>& tensors) {
  std::size_t bytes = 0;
  for (const auto& tensor : tensors) bytes += aligned(tensor.bytes().size());
  return bytes;
}

}  // namespace npu::client
