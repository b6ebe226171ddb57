// One vision model with memory for its inputs and outputs, as the hardware checks run it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <npu/result.hpp>

#include "device/hailort/selftest/bench.hpp"

namespace npu::device::hailort::selftest {

// Memory for a frame, zeroed: whole pages of a memfd or of nobody, or beginning within a page.
class Pages {
 public:
  enum class Kind { kAnonymous, kMemfd, kUnaligned };
  Pages(std::size_t bytes, Kind kind);
  ~Pages();
  Pages(Pages&& other) noexcept;
  Pages& operator=(Pages&&) = delete;

  void* data() const { return data_; }  // nullptr where there is no memory
  std::size_t size() const { return size_ - offset_; }

 private:
  void* data_ = nullptr;
  std::size_t size_ = 0;  // of the pages
  std::size_t offset_ = 0;
};

class VisionModel {
 public:
  // In the formats of the file. load_ms: of reading it in and of configuring it.
  static Result<VisionModel> load(sdk::VDevice& device, const std::string& path,
                                  Pages::Kind inputs = Pages::Kind::kAnonymous);

  // So many frames, always a few of them under way; what failed first. They share their buffers.
  hailo_status run_pipelined(int frames);
  // One frame, waited for. Short of 10 s the library does not give up.
  hailo_status run(std::chrono::milliseconds timeout = std::chrono::seconds(10));
  hailo_status set_priority(int priority);
  double load_ms() const { return load_ms_; }
  const std::vector<Pages>& inputs() const { return inputs_; }

 private:
  VisionModel() = default;
  Status bind(Pages::Kind inputs);

  std::shared_ptr<sdk::InferModel> model_;
  sdk::ConfiguredInferModel configured_;
  sdk::ConfiguredInferModel::Bindings bindings_;
  std::vector<Pages> inputs_;
  std::vector<Pages> outputs_;
  double load_ms_ = 0;
};

}  // namespace npu::device::hailort::selftest
