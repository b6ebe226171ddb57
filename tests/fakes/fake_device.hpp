// A device in memory, for tests of families and of everything that runs models.
//
//   FakeDevice device;
//   device.tensor_models["/m/depth.hef"] = {.inputs = {...}, .outputs = {...}, .run = ...};
//   auto model = family->load(device, ...);
//   device.runs[0].inputs[0]     what the model was given
//
// One thread at a time.
#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "device/device.hpp"

namespace npu::fakes {

// A tensor with these elements.
template <class T>
Tensor make_tensor(DType dtype, Shape shape, const std::vector<T>& elements) {
  Tensor tensor{dtype, std::move(shape), std::vector<std::byte>(elements.size() * sizeof(T))};
  if (!elements.empty()) std::memcpy(tensor.data.data(), elements.data(), tensor.data.size());
  return tensor;
}

template <class T>
std::vector<T> elements_of(std::span<const std::byte> data) {
  std::vector<T> elements(data.size() / sizeof(T));
  if (!elements.empty()) std::memcpy(elements.data(), data.data(), data.size());
  return elements;
}

// Of a model: the first element of each output is its number, counted from 1.
inline Status number_outputs(std::span<const TensorView> /*inputs*/,
                             std::span<const device::MutableTensorView> outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto value = static_cast<float>(i + 1);
    std::memcpy(outputs[i].data.data(), &value, sizeof value);
  }
  return {};
}

// Cancelled from the n-th question on. Waiting moves the clock, if there is one, and takes no time.
class FakeContext final : public device::RunContext {
 public:
  explicit FakeContext(FakeClock* clock = nullptr) : clock_(clock) {}

  void cancel_after(int questions) { left_ = questions; }
  void let_another_wait(bool waits) { another_waits_ = waits; }

  bool cancelled() override {
    if (!left_) return false;
    if (*left_ == 0) return true;
    --*left_;
    return false;
  }
  bool wait_until(SteadyTime when) override {
    if (left_ == 0) return false;
    if (clock_ != nullptr && when > clock_->now()) clock_->set(when);
    return true;
  }
  bool another_waits() override { return another_waits_; }

 private:
  FakeClock* clock_;
  std::optional<int> left_;
  bool another_waits_ = false;
};

struct FakeTensorSpec {
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  // Writes the outputs; absent: zeros.
  std::function<Status(std::span<const TensorView>, std::span<const device::MutableTensorView>)>
      run;
  // Called before, to wait, to look at the request or to fail it.
  std::function<Status(device::RunContext&)> before;
  // Pictures of other sizes, and what their outputs are.
  std::optional<device::FreePictures> free{};
  std::function<std::vector<Tensor>(const TensorView&)> run_free{};
};

struct FakeTextSpec {
  std::optional<TensorSpec> frame;
  int context_length = 128;
  std::vector<std::string> pieces;
  std::string chat_template;
  device::SamplingSupport support;
  FakeClock* clock = nullptr;  // moves by token_time before each piece
  Duration token_time{};
  std::string untold;  // Generation::untold
};

struct FakeSpeechSpec {
  std::vector<device::Segment> segments;
};

class FakeDevice final : public device::Device {
 public:
  struct Run {
    std::string path;
    std::vector<Tensor> inputs;
  };
  struct Load {
    std::string path;
    device::TensorOptions options;
  };
  struct Prompt {
    std::string text;
    std::size_t frames = 0;
    device::Sampling sampling;
    bool resume = false;
    bool keep = false;
    std::string context;  // what it went on from
  };
  struct Speech {
    std::vector<float> audio;
    std::string language;
    device::SpeechTask task{};
  };

  std::map<std::string, FakeTensorSpec> tensor_models;
  std::map<std::string, FakeTextSpec> text_models;
  std::map<std::string, FakeSpeechSpec> speech_models;

  std::vector<Load> loads;                               // of tensor models
  std::function<void(device::RunContext&)> before_load;  // of tensor models, to wait
  std::vector<Run> runs;
  std::vector<Prompt> prompts;
  std::vector<Speech> speeches;
  // Contexts of text models: a saved one is its text.
  int saves = 0;
  int context_loads = 0;
  std::optional<Error> save_error;
  std::optional<Error> load_error;
  int releases = 0;
  std::optional<Error> lost;
  std::vector<std::span<const std::byte>> kept;
  std::vector<std::span<const std::byte>> forgotten;

  device::DeviceInfo info() const override { return {.kind = "fake", .id = "fake"}; }
  device::Telemetry telemetry() override { return {}; }
  Status alive() override { return lost ? Status(fail(*lost)) : Status(); }

  Result<std::unique_ptr<device::TensorModel>> load_tensor(const device::ModelFile& file,
                                                           const device::TensorOptions& options,
                                                           device::RunContext& context) override {
    loads.push_back({file.path, options});
    if (before_load) before_load(context);
    const auto spec = tensor_models.find(file.path);
    if (spec == tensor_models.end()) return unknown(file);
    return std::make_unique<TensorModel>(*this, file.path, spec->second);
  }
  Result<std::unique_ptr<device::TextModel>> load_text(const device::ModelFile& file,
                                                       device::RunContext&) override {
    const auto spec = text_models.find(file.path);
    if (spec == text_models.end()) return unknown(file);
    return std::make_unique<TextModel>(*this, spec->second);
  }
  Result<std::unique_ptr<device::SpeechModel>> load_speech(const device::ModelFile& file,
                                                           device::RunContext&) override {
    const auto spec = speech_models.find(file.path);
    if (spec == speech_models.end()) return unknown(file);
    return std::make_unique<SpeechModel>(*this, spec->second);
  }
  Status release_group() override {
    ++releases;
    return {};
  }
  void keep_memory(std::span<const std::byte> memory) override { kept.push_back(memory); }
  void forget_memory(std::span<const std::byte> memory) override { forgotten.push_back(memory); }

 private:
  static tl::unexpected<Error> unknown(const device::ModelFile& file) {
    return fail(ErrorCode::kMalformed, "no fake model " + file.path);
  }

  class TensorModel final : public device::TensorModel {
   public:
    TensorModel(FakeDevice& device, std::string path, FakeTensorSpec spec)
        : device_(device), path_(std::move(path)), spec_(std::move(spec)) {}
    const std::vector<TensorSpec>& inputs() const override { return spec_.inputs; }
    const std::vector<TensorSpec>& outputs() const override { return spec_.outputs; }
    const std::optional<device::FreePictures>& free_pictures() const override { return spec_.free; }
    Result<std::vector<Tensor>> run_free(const TensorView& pictures, device::RunContext&) override {
      device_.runs.push_back(
          {path_,
           {{pictures.dtype, pictures.shape, {pictures.data.begin(), pictures.data.end()}}}});
      return spec_.run_free(pictures);
    }
    Status run(std::span<const TensorView> inputs,
               std::span<const device::MutableTensorView> outputs,
               device::RunContext& context) override {
      if (spec_.before) {
        if (auto ok = spec_.before(context); !ok) return ok;
      }
      Run run{path_, {}};
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        check(inputs[i].dtype, inputs[i].shape, inputs[i].data.size(), spec_.inputs.at(i));
        run.inputs.push_back(
            {inputs[i].dtype, inputs[i].shape, {inputs[i].data.begin(), inputs[i].data.end()}});
      }
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        check(outputs[i].dtype, outputs[i].shape, outputs[i].data.size(), spec_.outputs.at(i));
      }
      device_.runs.push_back(std::move(run));
      if (spec_.run) return spec_.run(inputs, outputs);
      for (const auto& output : outputs) std::ranges::fill(output.data, std::byte{0});
      return {};
    }

   private:
    // What the port promises to a device; breaking it ruins a model on real ones.
    static void check(DType dtype, const Shape& shape, std::size_t bytes, const TensorSpec& spec) {
      if (dtype == spec.dtype && shape == spec.shape && bytes == byte_size(dtype, shape).value())
        return;
      throw std::logic_error("run() with a tensor that is not the model's own: " + spec.name);
    }

    FakeDevice& device_;
    std::string path_;
    FakeTensorSpec spec_;
  };

  class TextModel final : public device::TextModel {
   public:
    TextModel(FakeDevice& device, FakeTextSpec spec) : device_(device), spec_(std::move(spec)) {}
    const std::optional<TensorSpec>& frame() const override { return spec_.frame; }
    std::string_view chat_template() const override { return spec_.chat_template; }
    device::SamplingSupport sampling_support() const override { return spec_.support; }
    int context_length() const override { return spec_.context_length; }
    Result<int> count_tokens(std::string_view text) override {
      return static_cast<int>(text.size());
    }
    Result<device::Generation> generate(const device::TextRequest& request,
                                        const device::OnText& on_text,
                                        device::RunContext& context) override {
      const std::string before = request.resume ? held_ : "";
      device_.prompts.push_back({std::string(request.prompt), request.frames.size(),
                                 request.sampling, request.resume, request.keep, before});
      held_ = request.keep ? before + std::string(request.prompt) : "";
      device::Generation result;
      result.prompt_tokens = static_cast<int>(request.prompt.size());
      for (const auto& piece : spec_.pieces) {
        if (result.tokens == request.sampling.max_tokens) {
          result.stop = device::StopReason::kMaxTokens;
          return result;
        }
        if (spec_.clock != nullptr) spec_.clock->advance(spec_.token_time);
        if (context.cancelled()) {
          result.stop = device::StopReason::kCancelled;
          return result;
        }
        ++result.tokens;
        if (request.keep) held_ += piece;
        if (!on_text(piece)) break;
      }
      result.untold = spec_.untold;
      if (request.keep) held_ += spec_.untold;
      return result;
    }
    Result<std::vector<std::byte>> save_context() override {
      ++device_.saves;
      if (device_.save_error) return fail(*device_.save_error);
      const auto bytes = std::as_bytes(std::span(held_));
      return std::vector<std::byte>(bytes.begin(), bytes.end());
    }
    Status load_context(std::span<const std::byte> context) override {
      ++device_.context_loads;
      if (device_.load_error) return fail(*device_.load_error);
      held_.assign(reinterpret_cast<const char*>(context.data()), context.size());
      return {};
    }

   private:
    FakeDevice& device_;
    FakeTextSpec spec_;
    std::string held_;
  };

  class SpeechModel final : public device::SpeechModel {
   public:
    SpeechModel(FakeDevice& device, FakeSpeechSpec spec)
        : device_(device), spec_(std::move(spec)) {}
    Status transcribe(std::span<const float> audio, std::string_view language,
                      device::SpeechTask task, const device::OnSegment& on_segment,
                      device::RunContext& context) override {
      device_.speeches.push_back({{audio.begin(), audio.end()}, std::string(language), task});
      for (const auto& segment : spec_.segments) {
        if (context.cancelled()) return fail(ErrorCode::kCancelled, "cancelled");
        on_segment(segment);
      }
      return {};
    }

   private:
    FakeDevice& device_;
    FakeSpeechSpec spec_;
  };
};

}  // namespace npu::fakes
