#include <algorithm>

#include "access.hpp"
#include "configured_client.hpp"
#include "infer_model_client.hpp"
#include "log.hpp"

namespace hailort {

namespace fake = hailo_fake;
using npu::device::sim::FaultOp;

namespace {

std::vector<InferModel::InferStream> streams_of(const std::vector<fake::Stream>& streams) {
  std::vector<InferModel::InferStream> made;
  made.reserve(streams.size());
  for (const auto& stream : streams) made.push_back(FakeAccess::make_stream(stream));
  return made;
}

std::vector<std::string> names_of(const std::vector<fake::Stream>& streams) {
  std::vector<std::string> names;
  names.reserve(streams.size());
  for (const auto& stream : streams) names.push_back(stream.name);
  return names;
}

Expected<InferModel::InferStream> only(const std::vector<InferModel::InferStream>& streams) {
  if (streams.size() != 1) return make_unexpected(HAILO_INVALID_OPERATION);
  auto copy = streams.front();
  return copy;
}

Expected<InferModel::InferStream> named(const std::vector<InferModel::InferStream>& streams,
                                        const std::string& name) {
  for (const auto& stream : streams) {
    if (stream.name() != name) continue;
    auto copy = stream;
    return copy;
  }
  return make_unexpected(HAILO_NOT_FOUND);
}

fake::OutputPlan plan_of(const FakeAccess::StreamImpl& output,
                         const npu::device::sim::ModelProfile& model) {
  return {.stream = output.stream,
          .format = output.format,
          .fill = model.outputs[output.stream.index].fill,
          .score_threshold = output.score_threshold.value_or(0)};
}

}  // namespace

InferModelClient::InferModelClient(const std::shared_ptr<fake::Connection>& connection,
                                   fake::HefPtr hef, std::string group)
    : connection_(connection),
      file_(std::move(hef)),
      hef_(FakeAccess::make_hef(file_)),
      group_(std::move(group)),
      inputs_(streams_of(file_->inputs)),
      outputs_(streams_of(file_->outputs)),
      input_names_(names_of(file_->inputs)),
      output_names_(names_of(file_->outputs)) {}

InferModelClient::~InferModelClient() {
  const auto connection = connection_.lock();
  if (connection && !connection->ending()) (void)connection->call([] { return HAILO_SUCCESS; });
}

Expected<InferModel::InferStream> InferModelClient::input() { return only(inputs_); }
Expected<InferModel::InferStream> InferModelClient::output() { return only(outputs_); }
Expected<InferModel::InferStream> InferModelClient::input(const std::string& name) {
  return named(inputs_, name);
}
Expected<InferModel::InferStream> InferModelClient::output(const std::string& name) {
  return named(outputs_, name);
}

hailo_status InferModelClient::check() const {
  const auto name = [](const auto& machine) { return machine.profile.architecture; };
  const auto connection = connection_.lock();
  if (connection == nullptr) return HAILO_INTERNAL_FAILURE;
  const std::string chip = name(connection->machine());
  const bool fits = std::ranges::any_of(file_->architectures, [&](auto architecture) {
    return Hef::device_arch_to_string(architecture).value() == chip;
  });
  if (!fits) {
    fake::log_error("HEF is not compatible with device " + chip);
    return HAILO_HEF_NOT_COMPATIBLE_WITH_DEVICE;
  }
  if (group_.empty() && file_->groups.size() > 1) {
    fake::log_error("HEF contains multiple network groups. Please provide a specific model name");
    return HAILO_INVALID_ARGUMENT;
  }
  if (file_->kind != fake::HefFile::Kind::kTensor) return HAILO_INVALID_ARGUMENT;
  for (const auto& stream : inputs_) {
    const auto& input = FakeAccess::of(stream);
    if (input.score_threshold || input.limits_changed) {
      fake::log_error("NMS config was changed for input");
      return HAILO_INVALID_OPERATION;
    }
  }
  for (const auto& stream : outputs_) {
    const auto& output = FakeAccess::of(stream);
    if (!output.stream.is_nms() && (output.score_threshold || output.limits_changed)) {
      return HAILO_INVALID_OPERATION;
    }
  }
  return HAILO_SUCCESS;
}

Expected<ConfiguredInferModel> InferModelClient::configure() {
  const auto connection = connection_.lock();
  if (!connection || connection->ending()) {
    fake::log_error("Lost communication with the server");
    return make_unexpected(HAILO_INTERNAL_FAILURE);
  }
  std::vector<fake::OutputPlan> outputs;
  outputs.reserve(outputs_.size());
  for (const auto& stream : outputs_) {
    outputs.push_back(plan_of(FakeAccess::of(stream), file_->model));
  }
  std::vector<std::size_t> input_bytes;
  input_bytes.reserve(inputs_.size());
  for (const auto& stream : inputs_) input_bytes.push_back(stream.get_frame_size());

  const auto verdict = connection->machine().enter(FaultOp::kLoad, file_->stem);
  auto core_op = std::make_shared<std::shared_ptr<fake::CoreOp>>();
  const hailo_status status = connection->call(
      [weak = connection_, core_op, hef = file_, outputs, batch = int{batch_},
       wrong = check()]() -> hailo_status {
        if (wrong != HAILO_SUCCESS) return wrong;
        if (hef->cut_off) return HAILO_FILE_OPERATION_FAILURE;
        const auto at = weak.lock();
        if (!at) return HAILO_COMMUNICATION_CLOSED;
        const hailo_status loaded =
            at->machine().chip.load(hef->core_op_number(batch), hef->bytes, hef->core_ops);
        if (loaded != HAILO_SUCCESS) return loaded;
        *core_op = std::make_shared<fake::CoreOp>(at, hef, outputs, batch);
        at->keep(*core_op);
        return HAILO_SUCCESS;
      },
      fake::Connection::Patience::kLong, verdict);
  if (status != HAILO_SUCCESS) {
    fake::log_error(std::string("failed to configure ") + file_->stem);
    return make_unexpected(status);
  }
  return FakeAccess::make_configured(std::make_shared<ConfiguredInferModelBase>(
      connection, file_, std::move(outputs), std::move(input_bytes), *core_op));
}

}  // namespace hailort
