// The host's side of a configured model.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include "hailo/infer_model.hpp"

#include "core_op.hpp"

namespace hailort {

class ConfiguredInferModel::Bindings::InferStream::Impl {
 public:
  std::string name;
  std::optional<MemoryView> view;
};

class AsyncInferJobBase {
 public:
  hailo_status wait(npu::Duration timeout);
  void done(hailo_status status);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<hailo_status> status_;
};

using OnDone = std::function<void(const AsyncInferCompletionInfo&)>;

class ConfiguredInferModelBase {
 public:
  ConfiguredInferModelBase(const std::shared_ptr<hailo_fake::Connection>& connection,
                           hailo_fake::HefPtr hef, std::vector<hailo_fake::OutputPlan> outputs,
                           std::vector<std::size_t> input_bytes,
                           std::shared_ptr<hailo_fake::CoreOp> core_op);
  ~ConfiguredInferModelBase();

  Expected<ConfiguredInferModel::Bindings> create_bindings(
      const std::map<std::string, MemoryView>& buffers);
  hailo_status wait_for_async_ready(std::chrono::milliseconds timeout, uint32_t frames);
  Expected<AsyncInferJob> run_async(const ConfiguredInferModel::Bindings& bindings, OnDone done);
  size_t queue_size() const { return core_op_->queue_size(); }
  // Something that the chip does for this model.
  hailo_status call(std::function<hailo_status()> action);
  hailo_status shutdown();
  const std::shared_ptr<hailo_fake::CoreOp>& core_op() const { return core_op_; }

 private:
  // Frames under way, counted here.
  struct Window {
    std::mutex mutex;
    std::condition_variable changed;
    size_t used = 0;
  };

  std::shared_ptr<hailo_fake::Connection> connected() const;
  Expected<hailo_fake::Frame> bound(const ConfiguredInferModel::Bindings& bindings) const;
  Expected<AsyncInferJob> send(const ConfiguredInferModel::Bindings& bindings, OnDone done);

  const std::weak_ptr<hailo_fake::Connection> connection_;
  const hailo_fake::HefPtr hef_;
  const std::vector<hailo_fake::OutputPlan> outputs_;
  const std::vector<std::size_t> input_bytes_;
  const std::shared_ptr<hailo_fake::CoreOp> core_op_;
  const std::shared_ptr<Window> window_ = std::make_shared<Window>();
  std::mutex infer_mutex_;
};

}  // namespace hailort
