#include <filesystem>
#include <thread>

#include <sys/utsname.h>

#include <fmt/format.h>
#include <onnxruntime_cxx_api.h>
#include <onnxruntime_session_options_config_keys.h>

#include "base/own_memory.hpp"
#include "device/model_file.hpp"
#include "device/onnx/onnx_error.hpp"
#include "device/onnx/onnx_model.hpp"
#include "device/onnx/open.hpp"
#include "onnx/external_data.hpp"
#include "onnx/problems.hpp"
#include "onnx/recognise.hpp"

namespace npu::device {
namespace {

// What a protobuf message can hold.
constexpr std::uint64_t kMaxModelBytes = (std::uint64_t{1} << 31) - 1;

std::string machine() {
  utsname name{};
  return ::uname(&name) == 0 ? name.machine : "unknown";
}

// One pool for all sessions, whose threads sleep when idle: the cores belong to the services too.
Ort::Env make_env(int threads) {
  if (threads <= 0) threads = static_cast<int>(std::thread::hardware_concurrency()) - 1;
  Ort::ThreadingOptions options;
  options.SetGlobalIntraOpNumThreads(std::max(1, threads));
  options.SetGlobalInterOpNumThreads(1);
  options.SetGlobalSpinControl(0);
  return Ort::Env(options, ORT_LOGGING_LEVEL_FATAL, "npu");
}

class OnnxDevice final : public Device {
 public:
  explicit OnnxDevice(const OpenOptions& options)
      : env_(make_env(options.threads)), memory_(options.model_memory), timer_(options.run_limit) {}

  DeviceInfo info() const override {
    return {.kind = "onnx",
            .id = "cpu",
            .architecture = machine(),
            .firmware = "ONNX Runtime " + Ort::GetVersionString(),
            .memory_bytes = half_of_memory(),  // the rest is for the system and the services
            .group_release = false};
  }

  Telemetry telemetry() override { return {.memory_used_bytes = own_.resident_bytes()}; }

  Result<std::unique_ptr<TensorModel>> load_tensor(const ModelFile& file,
                                                   const TensorOptions& options,
                                                   RunContext&) override {
    const std::string name = std::filesystem::path(file.path).filename().string();
    const auto content = read_model(file, kMaxModelBytes);
    if (!content) return fail(content.error());
    if (const auto why = onnx::not_onnx_because(*content)) {
      return fail(ErrorCode::kMalformed, fmt::format("{} is not an ONNX model: {}", name, *why));
    }
    if (auto ok = onnx::refuse_external_data(*content, name); !ok) return fail(ok.error());
    const auto said = onnx::read_onnx_file(*content);
    if (!said) return fail(said.error().code, fmt::format("{}: {}", name, said.error().message));
    TensorOptions known = options;
    if (known.picture) {
      known.picture->complete_from(onnx::recognise(*said).description);
      if (const auto why = onnx::why_blind(*said, *known.picture)) {
        return fail(ErrorCode::kUnsupported, fmt::format("{} finds nothing: {}", name, *why));
      }
    }
    const std::uint64_t memory = memory_.for_file(content->size());
    try {
      const MemoryLimit::Bound bound(memory_, memory);
      Ort::SessionOptions session;
      session.DisablePerSessionThreads();
      session.SetExecutionMode(ORT_SEQUENTIAL);
      session.SetGraphOptimizationLevel(ORT_ENABLE_ALL);
      if (known.picture && known.picture->input.step) {
        // What runs of many sizes plan and take is not kept: it would be that of the largest.
        session.DisableMemPattern();
        session.DisableCpuMemArena();
      }
      // Else the content may choose ONNX Runtime's own format, of which nothing was checked.
      session.AddConfigEntry(kOrtSessionOptionsConfigLoadModelFormat, "ONNX");
      return OnnxModel::create(Ort::Session(env_, content->data(), content->size(), session), known,
                               {memory_, timer_, memory}, name);
    } catch (const Ort::Exception& error) {
      if (is_out_of_memory(error)) return fail(over_memory_limit(memory_, memory));
      return fail(load_error(error, name, *said));
    } catch (const std::bad_alloc&) {
      return fail(over_memory_limit(memory_, memory));
    }
  }

  Result<std::unique_ptr<TextModel>> load_text(const ModelFile&, RunContext&) override {
    return fail(ErrorCode::kUnsupported,
                "the CPU device runs tensor models; text generation needs an NPU or the simulated "
                "device");
  }

  Result<std::unique_ptr<SpeechModel>> load_speech(const ModelFile&, RunContext&) override {
    return fail(ErrorCode::kUnsupported,
                "the CPU device runs tensor models; speech recognition needs an NPU or the "
                "simulated device");
  }

  Status release_group() override { return {}; }

 private:
  Ort::Env env_;
  OwnMemory own_;
  MemoryLimit memory_;
  RunTimer timer_;
};

}  // namespace

// All models together may take half of the memory (memory_limit.hpp); beyond it is the worker's
// own.
confine::Rules onnx_needs(const OpenOptions&) {
  constexpr std::uint64_t kOfTheWorker = std::uint64_t{512} << 20U;
  return {.read = {}, .write = {}, .data_bytes = half_of_memory() + kOfTheWorker};
}

Result<std::unique_ptr<Device>> open_onnx(const OpenOptions& options) try {
  return std::make_unique<OnnxDevice>(options);
} catch (const Ort::Exception& error) {
  return fail(ErrorCode::kUnavailable, fmt::format("ONNX Runtime did not start: {}", error.what()));
}

}  // namespace npu::device
