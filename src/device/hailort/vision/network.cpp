#include "device/hailort/vision/network.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "device/hailort/status.hpp"

namespace npu::device::hailort {
namespace {

constexpr auto kReadyWithin = std::chrono::seconds(10);
constexpr int kUsualPriority = 16;

Network::Failure failure(hailo_status status) { return {status, {}}; }

}  // namespace

tl::expected<std::shared_ptr<Network>, Network::Failure> Network::configure(
    sdk::InferModel& model, const TensorPorts& ports, std::shared_ptr<Connection> connection) {
  auto configured = model.configure();
  if (!configured.has_value()) return tl::unexpected(failure(configured.status()));
  std::shared_ptr<Network> network(new Network(configured.release(), ports, std::move(connection)));
  const auto queue = network->model_.get_async_queue_size();
  if (!queue.has_value()) return tl::unexpected(failure(queue.status()));
  network->queue_ = queue.value();
  // A file that was configured before has kept the priority that it had then. Where this fails, a
  // run asks again.
  (void)network->update_priority();
  const auto batch = static_cast<std::size_t>(ports.batch);
  const std::size_t count = std::clamp<std::size_t>(queue.value() / batch, 1, kSlots);
  if (auto made = network->make_slots(count); !made) {
    return tl::unexpected(Failure{HAILO_SUCCESS, made.error()});
  }
  return network;
}

Network::Network(sdk::ConfiguredInferModel model, const TensorPorts& ports,
                 std::shared_ptr<Connection> connection)
    : ports_(ports), connection_(std::move(connection)), model_(std::move(model)) {}

Network::~Network() {
  for (const auto& slot : slots_) {
    for (const auto* buffers : {&slot->inputs_, &slot->outputs_}) {
      for (const auto& buffer : *buffers) connection_->forget(buffer.bytes());
    }
    slot->bindings_.clear();
  }
}

Status Network::make_slots(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    auto slot = make_slot();
    if (!slot) return fail(slot.error());
    free_.push_back(slot->get());
    slots_.push_back(std::move(*slot));
  }
  return {};
}

Result<std::unique_ptr<Network::Slot>> Network::make_slot() {
  auto slot = std::make_unique<Slot>();
  for (int i = 0; i < ports_.batch; ++i) {
    auto bindings = model_.create_bindings();
    if (!bindings.has_value()) {
      return fail(to_error(bindings.status(), Operation::kLoadTensor, "preparing frames"));
    }
    slot->bindings_.push_back(bindings.release());
  }
  const auto add = [&](const std::vector<Port>& ports, std::vector<PageBuffer>& buffers) -> Status {
    for (const auto& port : ports) {
      auto buffer =
          PageBuffer::create(in_pages(port.wire_bytes) * static_cast<std::size_t>(ports_.batch));
      if (!buffer) return fail(buffer.error());
      buffers.push_back(std::move(*buffer));
    }
    return {};
  };
  if (auto ok = add(ports_.inputs, slot->inputs_); !ok) return fail(ok.error());
  if (auto ok = add(ports_.outputs, slot->outputs_); !ok) return fail(ok.error());
  for (int i = 0; i < ports_.batch; ++i) {
    for (std::size_t port = 0; port < ports_.inputs.size(); ++port) {
      connection_->map(slot->input(port, i).first(ports_.inputs[port].wire_bytes),
                       HAILO_DMA_BUFFER_DIRECTION_H2D);
    }
    for (std::size_t port = 0; port < ports_.outputs.size(); ++port) {
      connection_->map(slot->output(port, i).first(ports_.outputs[port].wire_bytes),
                       HAILO_DMA_BUFFER_DIRECTION_D2H);
    }
  }
  return slot;
}

Network::Slot* Network::take_slot() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) return nullptr;
  Slot* slot = free_.back();
  free_.pop_back();
  return slot;
}

void Network::give_back(Slot* slot) {
  {
    const std::lock_guard lock(mutex_);
    free_.push_back(slot);
  }
  freed_.notify_one();
}

bool Network::wait_for_slot(SteadyTime until) {
  std::unique_lock lock(mutex_);
  return freed_.wait_until(lock, until, [this] { return !free_.empty(); });
}

void Network::enter(int priority) {
  const std::lock_guard lock(mutex_);
  under_way_.insert(priority);
}

void Network::leave(int priority) {
  const std::lock_guard lock(mutex_);
  under_way_.erase(under_way_.find(priority));
}

int Network::wanted_priority() {
  const std::lock_guard lock(mutex_);
  return under_way_.empty() ? kUsualPriority : *under_way_.rbegin();
}

hailo_status Network::update_priority() {
  const std::lock_guard lock(priority_mutex_);
  // Before the runs are looked at: one that comes later finds the priority not right, and waits.
  const int before = priority_.exchange(kUnknown);
  const int wanted = wanted_priority();
  auto status = HAILO_SUCCESS;
  if (wanted != before) {
    status = model_.set_scheduler_priority(static_cast<std::uint8_t>(wanted));
  }
  if (status == HAILO_SUCCESS) priority_ = wanted;
  return status;
}

hailo_status Network::bind_input(Slot& slot, std::size_t port, int index,
                                 std::span<const std::byte> memory) {
  auto stream = slot.bindings_[static_cast<std::size_t>(index)].input(ports_.inputs[port].name);
  if (!stream.has_value()) return stream.status();
  return stream->set_buffer({const_cast<std::byte*>(memory.data()), memory.size()});
}

hailo_status Network::bind_output(Slot& slot, std::size_t port, int index,
                                  std::span<std::byte> memory) {
  auto stream = slot.bindings_[static_cast<std::size_t>(index)].output(ports_.outputs[port].name);
  if (!stream.has_value()) return stream.status();
  return stream->set_buffer({memory.data(), memory.size()});
}

hailo_status Network::launch(Slot& slot, const std::shared_ptr<Flight>& flight) {
  for (int frame = 0; frame < ports_.batch; ++frame) {
    hailo_status status = model_.wait_for_async_ready(kReadyWithin);
    if (dead_ || frame_failed_) return after_failure(*flight);
    if (status == HAILO_SUCCESS) {
      flight->start(frame);
      auto job = model_.run_async(slot.bindings_[static_cast<std::size_t>(frame)],
                                  [this, flight, frame](const sdk::AsyncInferCompletionInfo& info) {
                                    if (info.status != HAILO_SUCCESS) frame_failed_ = true;
                                    flight->landed(frame, info.status);
                                  });
      status = job.status();
      if (job.has_value()) {
        job->detach();
      } else {
        flight->refused(frame);
      }
    }
    if (status != HAILO_SUCCESS) {
      dead_ = true;
      return status;
    }
  }
  return HAILO_SUCCESS;
}

// What a run's own frames came back with, or that the network has ended under it.
hailo_status Network::after_failure(const Flight& flight) {
  if (const auto own = flight.status(); own != HAILO_SUCCESS) return own;
  dead_ = true;
  return HAILO_STREAM_ABORT;
}

hailo_status Network::shut_down() {
  dead_ = true;
  const std::lock_guard lock(shut_down_mutex_);
  if (!shut_down_) shut_down_ = model_.shutdown();
  return *shut_down_;
}

std::span<std::byte> Network::Slot::input(std::size_t port, int index) const {
  return frame_of(inputs_[port].bytes(), bindings_.size(), index);
}

std::span<std::byte> Network::Slot::output(std::size_t port, int index) const {
  return frame_of(outputs_[port].bytes(), bindings_.size(), index);
}

}  // namespace npu::device::hailort
