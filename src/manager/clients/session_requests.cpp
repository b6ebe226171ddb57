// Session: the actions that go through the broker.
#include "manager/clients/session.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/account_name.hpp"
#include "base/log.hpp"
#include "json/fields.hpp"

namespace npu::manager {
namespace json = boost::json;
namespace {

constexpr std::string_view kNotRealtime =
    "served as interactive: the manager's configuration does not let this user have realtime";

// What the broker says to a request that it does not take, in the words that clients know.
Error refusal(Error error) {
  if (error.code == ErrorCode::kDoesNotFit) {
    error.message = "RESOURCE_EXHAUSTED and no models available to evict: " + error.message;
  }
  return error;
}

Error prefixed(std::string_view prefix, Error error) {
  error.message = fmt::format("{}{}", prefix, error.message);
  return error;
}

// A model is code: its bytes come from the model folders only (docs/adr/0015).
Status refuse_model_fd(const json::object& body) {
  npu::json::Fields in(body);
  const bool passed = in.flag("model_fd").value_or(false);
  if (!in.status() || !passed) return in.status();
  return fail(ErrorCode::kUnsupported,
              "Failed to load model: a model is not taken from a client, as a descriptor or "
              "otherwise; its file has to lie in one of the manager's model folders");
}

}  // namespace

Status Session::check_request_id(const std::string& request_id) const {
  if (!features_.has(Feature::kPipeline) || !request_id.empty()) return {};
  return fail(ErrorCode::kInvalidArgument, "request_id required on a connection with pipeline");
}

// As what is beyond its share of realtime: whoever asks is served, only not before others.
void Session::serve_as_permitted(PolicyFields& policy, Pending& pending) {
  if (rights_.realtime || policy.priority != broker::Priority::kRealtime) return;
  policy.priority = broker::Priority::kInteractive;
  if (style_.with_code) pending.warning = kNotRealtime;
  if (std::exchange(realtime_denied_, true)) return;
  log::info("client {}: realtime is not for user {} (limits.realtime_users)", name_,
            user_name(peer_.uid));
}

broker::Request Session::request_of(broker::RequestKind kind, broker::ModelSpec model,
                                    const PolicyFields& policy) const {
  broker::Request request;
  request.connection = id_;
  request.client = name_;
  request.user = peer_.uid;
  request.administrator = rights_.administrator;
  request.kind = kind;
  request.model = std::move(model);
  request.priority = policy.priority;
  if (policy.timeout) request.deadline = host_.clock().now() + *policy.timeout;
  request.keep_alive = policy.keep_alive;
  request.pin = policy.pin;
  return request;
}

void Session::submit(broker::Request request, Pending pending) {
  auto accepted = host_.submit(std::move(request));
  if (!accepted) return reply_error(refusal(std::move(accepted.error())), pending.request_id);
  ++in_flight_;
  if (features_.has(Feature::kPipeline)) in_flight_ids_.push_back(pending.request_id);
  pending_.emplace(*accepted, std::move(pending));
}

Result<broker::ModelSpec> Session::find_model(const ModelFields& fields) {
  return host_.models().find(
      {.type = fields.type, .path = fields.path, .params = fields.params, .user = peer_.uid});
}

void Session::load_model(const json::object& body, Pending pending) {
  const auto fields = model_fields(body, "model_path required");
  if (!fields) return reply_error(fields.error(), pending.request_id);
  if (auto by_path = refuse_model_fd(body); !by_path) {
    return reply_error(by_path.error(), pending.request_id);
  }
  auto policy = policy_fields(body);
  if (!policy) return reply_error(policy.error(), pending.request_id);
  serve_as_permitted(*policy, pending);
  if (auto good = check_request_id(pending.request_id); !good) {
    return reply_error(good.error(), pending.request_id);
  }
  auto model = find_model(*fields);
  if (!model) return reply_error(model.error(), pending.request_id);
  pending.type = fields->type;
  pending.path = fields->path;
  pending.listed_as = model->path;
  submit(request_of(broker::RequestKind::kLoad, std::move(*model), *policy), std::move(pending));
}

Result<std::optional<OutputPlace>> Session::output_place(const json::object& body) const {
  const auto* value = npu::json::Fields(body).find("output");
  if (value == nullptr) return std::nullopt;
  if (!features_.has(Feature::kShm)) {
    return fail(ErrorCode::kInvalidArgument,
                "output needs the feature shm; ask for it in the hello");
  }
  const auto* output = value->if_object();
  if (output == nullptr) {
    return fail(ErrorCode::kInvalidArgument,
                "output must be an object with region, offset and size");
  }
  npu::json::Fields in(*output, ErrorCode::kInvalidArgument, "output.");
  const std::uint64_t number = in.required({"region"}).count("region").value_or(0);
  const std::uint64_t offset = in.count("offset").value_or(0);
  const auto wanted = in.count("size");
  if (!in.status()) return fail(in.status().error());
  const auto region = regions_.find(static_cast<std::int64_t>(number));
  if (region == regions_.end()) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("output: there is no region {}", number));
  }
  const std::uint64_t total = region->second->bytes().size();
  const std::uint64_t size = wanted.value_or(total - std::min(offset, total));
  if (offset > total || size > total - offset) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("output: {} bytes at offset {} are outside region {} of {} bytes", size,
                            offset, number, total));
  }
  return OutputPlace{region->second, static_cast<std::int64_t>(number),
                     static_cast<std::size_t>(offset), static_cast<std::size_t>(size)};
}

void Session::infer(Intake& intake, Pending pending, std::size_t payload_bytes) {
  constexpr std::string_view kMissing = "model_path and input_data required";
  const std::string& id = pending.request_id;
  const auto fields = model_fields(intake.body, kMissing);
  if (!fields) return reply_error(fields.error(), id);
  if (!intake.has_input) {
    return reply_error({ErrorCode::kInvalidArgument, std::string(kMissing)}, id);
  }
  auto policy = policy_fields(intake.body);
  if (!policy) return reply_error(policy.error(), id);
  serve_as_permitted(*policy, pending);
  npu::json::Fields in(intake.body);
  const bool stream = in.flag("stream").value_or(false);
  if (!in.status()) return reply_error(in.status().error(), id);
  if (stream && !features_.has(Feature::kStream)) {
    return reply_error(
        {ErrorCode::kInvalidArgument, "stream needs the feature stream; ask for it in the hello"},
        id);
  }
  auto output = output_place(intake.body);
  if (!output) return reply_error(output.error(), id);
  if (auto good = check_request_id(id); !good) return reply_error(good.error(), id);
  auto model = find_model(*fields);
  if (!model) return reply_error(model.error(), id);
  if (!intake.tensors)
    return reply_error(prefixed("Inference failed: ", intake.tensors.error()), id);

  auto work = std::make_shared<InferWork>();
  work->client = connection_.client();
  work->input = std::move(intake.input);
  work->regions = std::move(intake.regions);
  work->output = *output;
  work->stream = stream;
  pending.path = fields->path;
  pending.stream = stream;
  pending.output = std::move(*output);
  if (pending.output) pending.work = work;
  broker::Request request = request_of(broker::RequestKind::kInfer, std::move(*model), *policy);
  request.work = std::move(work);
  request.payload_bytes = payload_bytes;
  submit(std::move(request), std::move(pending));
}

void Session::unload_model(const json::object& body, Pending pending) {
  const auto fields = model_fields(body, "model_path required");
  if (!fields) return reply_error(fields.error(), pending.request_id);
  if (auto good = check_request_id(pending.request_id); !good) {
    return reply_error(good.error(), pending.request_id);
  }
  auto variants = host_.models().variants(
      {.type = fields->type, .path = fields->path, .params = fields->params});
  if (variants.empty()) {
    return reply({{"status", "ok"}, {"message", "Model was not loaded"}}, pending.request_id);
  }
  pending.unload = std::make_shared<UnloadGroup>();
  std::optional<Error> refused;
  for (auto& model : variants) {
    const auto accepted =
        host_.submit(request_of(broker::RequestKind::kUnload, std::move(model), {}));
    if (!accepted) {
      refused = accepted.error();
      continue;
    }
    ++pending.unload->left;
    pending_.emplace(*accepted, pending);
  }
  if (pending.unload->left == 0) return reply_error(*refused, pending.request_id);
  pending.unload->error = refused;
  ++in_flight_;
  if (features_.has(Feature::kPipeline)) in_flight_ids_.push_back(pending.request_id);
}

}  // namespace npu::manager
