// Models that map tensors to tensors.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "hailo/hef.hpp"
#include "hailo/vdevice.hpp"

namespace hailort {

struct FakeAccess;
class ConfiguredInferModelBase;
class AsyncInferJobBase;

// Waits for its run when it is destroyed, unless it was detached.
class HAILORTAPI AsyncInferJob {
 public:
  AsyncInferJob() = default;
  virtual ~AsyncInferJob();
  AsyncInferJob(const AsyncInferJob& other) = delete;
  AsyncInferJob& operator=(const AsyncInferJob& other) = delete;
  AsyncInferJob(AsyncInferJob&& other) noexcept;
  AsyncInferJob& operator=(AsyncInferJob&& other) noexcept;

  hailo_status wait(std::chrono::milliseconds timeout);
  void detach();

 private:
  friend struct FakeAccess;
  std::shared_ptr<AsyncInferJobBase> m_pimpl;
  bool m_should_wait_in_dtor = false;
};

struct HAILORTAPI AsyncInferCompletionInfo {
  AsyncInferCompletionInfo(hailo_status _status) : status(_status) {}
  hailo_status status;
};
static const auto ASYNC_INFER_EMPTY_CALLBACK = [](const AsyncInferCompletionInfo&) {};

// A handle; copies mean the same model.
class HAILORTAPI ConfiguredInferModel {
 public:
  ConfiguredInferModel() = default;

  class HAILORTAPI Bindings {
   public:
    Bindings() = default;
    // Copies have buffers of their own to set; what is set already is copied.
    Bindings(const Bindings& other);
    Bindings& operator=(const Bindings& other);

    class HAILORTAPI InferStream {
     public:
      hailo_status set_buffer(MemoryView view);
      Expected<MemoryView> get_buffer() const;

     private:
      friend struct FakeAccess;
      friend class Bindings;
      class Impl;
      std::shared_ptr<Impl> m_pimpl;
    };

    // Without a name: the only one, else HAILO_INVALID_OPERATION. Unknown: HAILO_NOT_FOUND.
    Expected<InferStream> input();
    Expected<InferStream> output();
    Expected<InferStream> input(const std::string& name);
    Expected<InferStream> output(const std::string& name);

   private:
    friend struct FakeAccess;
    std::unordered_map<std::string, InferStream> m_inputs;
    std::unordered_map<std::string, InferStream> m_outputs;
  };

  Expected<Bindings> create_bindings();
  Expected<Bindings> create_bindings(const std::map<std::string, MemoryView>& buffers);

  hailo_status wait_for_async_ready(std::chrono::milliseconds timeout, uint32_t frames_count = 1);
  hailo_status run(const Bindings& bindings, std::chrono::milliseconds timeout);
  Expected<AsyncInferJob> run_async(
      const Bindings& bindings,
      std::function<void(const AsyncInferCompletionInfo&)> callback = ASYNC_INFER_EMPTY_CALLBACK);
  Expected<AsyncInferJob> run_async(
      const std::vector<Bindings>& bindings,
      std::function<void(const AsyncInferCompletionInfo&)> callback = ASYNC_INFER_EMPTY_CALLBACK);

  hailo_status set_scheduler_priority(uint8_t priority);
  Expected<size_t> get_async_queue_size() const;
  hailo_status shutdown();

 private:
  friend struct FakeAccess;
  std::shared_ptr<ConfiguredInferModelBase> m_pimpl;
};

class HAILORTAPI InferModel {
 public:
  virtual ~InferModel() = default;

  class HAILORTAPI InferStream {
   public:
    const std::string name() const;
    hailo_3d_image_shape_t shape() const;
    hailo_format_t format() const;
    size_t get_frame_size() const;
    Expected<hailo_nms_shape_t> get_nms_shape() const;
    void set_format_type(hailo_format_type_t type);
    void set_format_order(hailo_format_order_t order);
    std::vector<hailo_quant_info_t> get_quant_infos() const;
    bool is_nms() const;
    void set_nms_score_threshold(float32_t threshold);
    void set_nms_max_proposals_per_class(uint32_t max_proposals_per_class);
    void set_nms_max_proposals_total(uint32_t max_proposals_total);
    void set_nms_max_accumulated_mask_size(uint32_t max_accumulated_mask_size);

   private:
    friend struct FakeAccess;
    class Impl;
    std::shared_ptr<Impl> m_pimpl;
  };

  virtual const Hef& hef() const = 0;
  virtual void set_batch_size(uint16_t batch_size) = 0;
  virtual Expected<ConfiguredInferModel> configure() = 0;
  virtual Expected<InferStream> input() = 0;
  virtual Expected<InferStream> output() = 0;
  virtual Expected<InferStream> input(const std::string& name) = 0;
  virtual Expected<InferStream> output(const std::string& name) = 0;
  virtual const std::vector<InferStream>& inputs() const = 0;
  virtual const std::vector<InferStream>& outputs() const = 0;
  virtual const std::vector<std::string>& get_input_names() const = 0;
  virtual const std::vector<std::string>& get_output_names() const = 0;
};

}  // namespace hailort
