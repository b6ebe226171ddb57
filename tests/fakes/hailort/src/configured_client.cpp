#include "configured_client.hpp"

#include "access.hpp"
#include "log.hpp"

namespace hailort {

namespace fake = hailo_fake;
using npu::device::sim::FaultOp;

hailo_status AsyncInferJobBase::wait(npu::Duration timeout) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, timeout, [&] { return status_.has_value(); })) return HAILO_TIMEOUT;
  return *status_;
}

void AsyncInferJobBase::done(hailo_status status) {
  {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }
  changed_.notify_all();
}

ConfiguredInferModelBase::ConfiguredInferModelBase(
    const std::shared_ptr<fake::Connection>& connection, fake::HefPtr hef,
    std::vector<fake::OutputPlan> outputs, std::vector<std::size_t> input_bytes,
    std::shared_ptr<fake::CoreOp> core_op)
    : connection_(connection),
      hef_(std::move(hef)),
      outputs_(std::move(outputs)),
      input_bytes_(std::move(input_bytes)),
      core_op_(std::move(core_op)) {}

ConfiguredInferModelBase::~ConfiguredInferModelBase() {
  {
    const std::lock_guard lock(window_->mutex);
    if (window_->used > 0) fake::give_up("a configured model was destroyed while it ran a frame");
  }
  const auto connection = connected();
  if (!connection) return;
  const auto verdict = connection->machine().enter(FaultOp::kUnload, hef_->stem);
  (void)connection->call(
      [core_op = core_op_] {
        core_op->stop(HAILO_STREAM_ABORT);
        return HAILO_SUCCESS;
      },
      fake::Connection::Patience::kUsual, verdict);
}

std::shared_ptr<fake::Connection> ConfiguredInferModelBase::connected() const {
  auto connection = connection_.lock();
  if (!connection || connection->ending()) {
    fake::log_error("Lost communication with the server");
    return nullptr;
  }
  return connection;
}

Expected<ConfiguredInferModel::Bindings> ConfiguredInferModelBase::create_bindings(
    const std::map<std::string, MemoryView>& buffers) {
  auto bindings = FakeAccess::make_bindings(*hef_);
  for (const auto& [name, view] : buffers) {
    auto stream = bindings.input(name);
    if (!stream) {
      auto output = bindings.output(name);
      if (!output) return make_unexpected(HAILO_INVALID_ARGUMENT);
      output->set_buffer(view);
    } else {
      stream->set_buffer(view);
    }
  }
  return bindings;
}

hailo_status ConfiguredInferModelBase::wait_for_async_ready(std::chrono::milliseconds timeout,
                                                            uint32_t frames) {
  std::unique_lock lock(window_->mutex);
  const bool ready = window_->changed.wait_for(
      lock, timeout, [&] { return queue_size() >= window_->used + frames; });
  return ready ? HAILO_SUCCESS : HAILO_TIMEOUT;
}

Expected<fake::Frame> ConfiguredInferModelBase::bound(
    const ConfiguredInferModel::Bindings& bindings) const {
  fake::Frame frame;
  const auto bind = [&](bool input, const std::string& name, std::size_t bytes) {
    auto view = FakeAccess::bound(bindings, input, name);
    if (!view) {
      fake::log_error("Couldnt find the buffer for '" + name + "'");
      return view.status();
    }
    if (view->size() != bytes) {
      fake::log_error("The size of the buffer for '" + name + "' is wrong");
      return HAILO_INVALID_OPERATION;
    }
    (input ? frame.inputs : frame.outputs).emplace_back(view->data(), bytes);
    return HAILO_SUCCESS;
  };
  for (std::size_t i = 0; i < hef_->inputs.size(); ++i) {
    const hailo_status status = bind(true, hef_->inputs[i].name, input_bytes_[i]);
    if (status != HAILO_SUCCESS) return make_unexpected(status);
  }
  for (const auto& output : outputs_) {
    const hailo_status status =
        bind(false, output.stream.name, frame_bytes(output.stream, output.format));
    if (status != HAILO_SUCCESS) return make_unexpected(status);
  }
  return frame;
}

Expected<AsyncInferJob> ConfiguredInferModelBase::run_async(
    const ConfiguredInferModel::Bindings& bindings, OnDone done) {
  auto job = send(bindings, std::move(done));
  if (job) return job.release();
  // What fails here takes the model with it.
  (void)shutdown();
  return make_unexpected(job.status());
}

Expected<AsyncInferJob> ConfiguredInferModelBase::send(
    const ConfiguredInferModel::Bindings& bindings, OnDone done) {
  auto bound_frame = bound(bindings);
  if (!bound_frame) return make_unexpected(bound_frame.status());
  fake::Frame frame = bound_frame.release();

  const std::lock_guard lock(infer_mutex_);
  const auto connection = connected();
  if (!connection) return make_unexpected(HAILO_INTERNAL_FAILURE);
  for (const auto& memory : frame.inputs) connection->dma().transfer(memory, true);
  for (const auto& memory : frame.outputs) connection->dma().transfer(memory, false);
  frame.verdict = connection->machine().enter(FaultOp::kInfer, hef_->stem);
  auto job = std::make_shared<AsyncInferJobBase>();
  {
    const std::lock_guard window(window_->mutex);
    ++window_->used;
  }
  frame.request = connection->begin([job, window = window_, done](hailo_status status) {
    {
      const std::lock_guard guard(window->mutex);
      --window->used;
    }
    window->changed.notify_all();
    if (done) done(AsyncInferCompletionInfo(status));
    job->done(status);
  });
  if (frame.request == 0) {
    const std::lock_guard window(window_->mutex);
    --window_->used;
    return make_unexpected(HAILO_COMMUNICATION_CLOSED);
  }
  connection->post([weak = connection_, core_op = core_op_, frame = std::move(frame)] {
    const auto at = weak.lock();
    if (!at) return;
    if (frame.verdict.no_reply) at->stand_still();
    if (frame.verdict.restart && frame.verdict.hang) return at->restart_unheard();
    if (frame.verdict.restart) at->machine().chip.restart();
    if (frame.verdict.ends_session()) return at->lose();
    core_op->take(frame);
  });
  return FakeAccess::make_job(std::move(job));
}

hailo_status ConfiguredInferModelBase::call(std::function<hailo_status()> action) {
  const auto connection = connected();
  return connection ? connection->call(std::move(action)) : HAILO_INTERNAL_FAILURE;
}

hailo_status ConfiguredInferModelBase::shutdown() {
  return call([core_op = core_op_] {
    core_op->stop(HAILO_STREAM_ABORT);
    return HAILO_SUCCESS;
  });
}

}  // namespace hailort
