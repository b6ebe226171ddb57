// A configured model on the chip: takes frames, waits for turns on the core, answers.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "connection.hpp"
#include "hef_file.hpp"
#include "outputs.hpp"

namespace hailo_fake {

// What one inference reads and writes: memory of the caller, that must stay until the answer.
struct Frame {
  Connection::Request request = 0;
  std::vector<std::span<std::uint8_t>> inputs;   // in the order of HefFile::inputs
  std::vector<std::span<std::uint8_t>> outputs;  // of HefFile::outputs
  Verdict verdict;
};

class CoreOp final : public Service {
 public:
  CoreOp(const std::shared_ptr<Connection>& connection, HefPtr hef, std::vector<OutputPlan> outputs,
         int batch);
  ~CoreOp() override;

  // Called on the connection's server thread. A frame over the queue's size is answered with
  // HAILO_QUEUE_IS_FULL and is the last one. What is refused here leaves a buffer taken; where
  // there is none left the thread waits for one, until the connection breaks.
  void take(Frame frame);
  std::size_t queue_size() const { return queue_size_; }
  void set_priority(int priority) {
    machine_->chip.set_priority(hef_->core_op_number(batch_), priority);
  }

  // No frame is taken any more; the pending ones are answered. Does not return as long as a frame
  // hangs, unless the connection is closed.
  void stop(hailo_status status) override;

 private:
  void run();
  bool no_buffer_left();
  int priority() const { return machine_->chip.priority(hef_->core_op_number(batch_)); }
  bool stopping() const { return stopping_; }
  std::vector<Frame> next_burst();
  npu::Duration time_of(const std::vector<Frame>& burst) const;
  void finish(const std::vector<Frame>& burst);
  void answer(const Frame& frame, hailo_status status, std::function<void()> deliver = {});

  const std::weak_ptr<Connection> connection_;
  const std::shared_ptr<Machine> machine_;
  const Chip::Session session_;
  const HefPtr hef_;
  const std::shared_ptr<const std::vector<OutputPlan>> outputs_;
  const int batch_;
  const std::size_t queue_size_;
  int runner_ = -1;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> abandoned_ = false;

  std::mutex mutex_;  // taken after the chip's
  std::condition_variable changed_;
  std::deque<Frame> waiting_;
  std::size_t running_ = 0;
  bool stuck_ = false;
  std::size_t buffers_lost_ = 0;
  hailo_status end_ = HAILO_STREAM_ABORT;

  std::mutex join_mutex_;
  std::thread thread_;
};

}  // namespace hailo_fake
