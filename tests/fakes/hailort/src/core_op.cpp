#include "core_op.hpp"

#include <algorithm>

#include "device/sim/fill.hpp"

namespace hailo_fake {
namespace sim = npu::device::sim;

namespace {

constexpr std::size_t kSmallestQueue = 4;
constexpr std::size_t kBuffersForEachPlace = 2;
constexpr auto kBufferPatience = std::chrono::seconds(10);

}  // namespace

CoreOp::CoreOp(const std::shared_ptr<Connection>& connection, HefPtr hef,
               std::vector<OutputPlan> outputs, int batch)
    : connection_(connection),
      machine_(connection->shared_machine()),
      session_(connection->session()),
      hef_(std::move(hef)),
      outputs_(std::make_shared<const std::vector<OutputPlan>>(std::move(outputs))),
      batch_(std::max(1, batch)),
      queue_size_(std::max(kSmallestQueue, static_cast<std::size_t>(batch_) * 2)),
      runner_(machine_->chip.add_runner()) {
  if (runner_ < 0) give_up("too many configured models");
  thread_ = std::thread([this] { run(); });
}

CoreOp::~CoreOp() {
  stop(HAILO_COMMUNICATION_CLOSED);
  machine_->chip.remove_runner(runner_, session_);
}

void CoreOp::take(Frame frame) {
  hailo_status refused = HAILO_SUCCESS;
  if (no_buffer_left()) {
    const auto connection = connection_.lock();
    if (connection && connection->sleep(machine_->settings.scaled(kBufferPatience))) {
      connection->lose();
    }
    return;
  }
  machine_->chip.update_runner(runner_, priority(), session_, [&] {
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      refused = end_;
    } else if (waiting_.size() + running_ >= queue_size_) {
      refused = HAILO_QUEUE_IS_FULL;
    } else {
      waiting_.push_back(std::move(frame));
      machine_->note_run("+" + hef_->stem);
    }
    if (refused != HAILO_SUCCESS) ++buffers_lost_;
    return !stuck_ && !waiting_.empty();
  });
  changed_.notify_all();
  if (refused == HAILO_SUCCESS) return;
  answer(frame, refused);
  if (refused == HAILO_QUEUE_IS_FULL) stop(HAILO_STREAM_ABORT);
}

bool CoreOp::no_buffer_left() {
  const std::lock_guard lock(mutex_);
  return buffers_lost_ >= queue_size_ * kBuffersForEachPlace;
}

void CoreOp::stop(hailo_status status) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_) end_ = status;
    stopping_ = true;
    if (status == HAILO_COMMUNICATION_CLOSED) abandoned_ = true;
  }
  changed_.notify_all();
  machine_->chip.ring();
  const std::lock_guard lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
}

void CoreOp::run() {
  auto& chip = machine_->chip;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
      if (stopping_) break;
    }
    std::vector<Frame> burst;
    auto woken = chip.take_turn(
        runner_, session_, [this] { return stopping(); },
        [&]() -> Chip::Turn {
          const std::lock_guard lock(mutex_);
          burst = next_burst();
          machine_->note_run(hef_->stem);
          return {time_of(burst), !waiting_.empty()};
        });
    if (woken == Chip::Wake::kTime &&
        std::ranges::any_of(burst, [](const auto& f) { return f.verdict.hang; })) {
      // Nobody else waits behind it.
      chip.update_runner(runner_, priority(), session_, [this] {
        const std::lock_guard lock(mutex_);
        stuck_ = true;
        return false;
      });
      woken =
          chip.sleep_until(npu::SteadyTime::max(), session_, [this] { return abandoned_.load(); });
    }
    if (woken == Chip::Wake::kRestarted) {
      if (const auto connection = connection_.lock()) connection->lose();
    }
    if (woken == Chip::Wake::kTime) finish(burst);
    const std::lock_guard lock(mutex_);
    running_ = 0;
    if (woken == Chip::Wake::kTime) continue;
    for (const auto& frame : burst) answer(frame, end_);
    stopping_ = true;
  }
  {
    const std::lock_guard lock(mutex_);
    for (const auto& frame : waiting_) answer(frame, end_);
    waiting_.clear();
  }
  // Nobody waits behind one that takes no turn any more.
  chip.update_runner(runner_, priority(), session_, [] { return false; });
}

std::vector<Frame> CoreOp::next_burst() {
  const auto count = std::min(waiting_.size(), static_cast<std::size_t>(batch_));
  std::vector<Frame> burst(std::make_move_iterator(waiting_.begin()),
                           std::make_move_iterator(waiting_.begin() + static_cast<long>(count)));
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<long>(count));
  running_ = count;
  return burst;
}

npu::Duration CoreOp::time_of(const std::vector<Frame>& burst) const {
  if (burst.empty()) return {};
  npu::Duration time =
      machine_->settings.scaled(sim::run_time(hef_->model, static_cast<int>(burst.size())));
  for (const auto& frame : burst) time += frame.verdict.delay;
  return time;
}

void CoreOp::finish(const std::vector<Frame>& burst) {
  for (const auto& frame : burst) {
    if (frame.verdict.reply_is_lost) continue;
    std::vector<npu::TensorView> inputs;
    inputs.reserve(frame.inputs.size());
    for (std::size_t i = 0; i < frame.inputs.size(); ++i) {
      inputs.push_back({.dtype = hef_->inputs[i].spec.dtype,
                        .shape = {},
                        .data = std::as_bytes(frame.inputs[i])});
    }
    const std::uint64_t sum = sim::checksum(hef_->stem, inputs);
    answer(frame, frame.verdict.status,
           [outputs = outputs_, into = frame.outputs, sum, wrong = frame.verdict.wrong,
            status = frame.verdict.status] {
             if (status != HAILO_SUCCESS) return;
             for (std::size_t i = 0; i < into.size(); ++i) {
               render((*outputs)[i], sum, wrong, into[i]);
             }
           });
  }
}

void CoreOp::answer(const Frame& frame, hailo_status status, std::function<void()> deliver) {
  if (const auto connection = connection_.lock()) {
    connection->answer(frame.request, status, std::move(deliver));
  }
}

}  // namespace hailo_fake
