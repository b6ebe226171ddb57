// The device port: what an accelerator, real or simulated, can load and run.
//
// One adapter a folder: hailort/, onnx/, sim/. Calls to a Device and to everything loaded from it
// never overlap, except that a call which is inside RunContext::while_waiting lets others in. Calls
// block; the worker is a process of its own, so that a call that never returns costs a worker and
// not the manager (docs/adr/0003, docs/adr/0007).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <npu/priority.hpp>
#include <npu/result.hpp>
#include <npu/tensor.hpp>

#include "base/clock.hpp"
#include "description/description.hpp"
#include "device/device_info.hpp"

namespace npu::device {

// How a running call learns that it is no longer wanted, and waits.
class RunContext {
 public:
  virtual ~RunContext() = default;
  // True once the request was cancelled. Cheap; called between pieces of work.
  virtual bool cancelled() = 0;
  // Waits until `when`. Returns false, at once, when the request is cancelled before.
  virtual bool wait_until(SteadyTime when) = 0;
  // True if the next job has arrived while this one ran. A device with a queue of its own would
  // have it by now.
  virtual bool another_waits() { return false; }
  // A piece of the call is done: a token, a part of the audio. A call of several pieces says so
  // after each, and counts as hung only when one of them takes too long.
  virtual void progressed() {}
  // Runs `wait`, which blocks until the device has answered and touches nothing that other calls to
  // the device use. Until it returns, the next job may call the device: so a device works on
  // several frames at once (DeviceInfo::runs_at_once).
  virtual void while_waiting(const std::function<void()>& wait) { wait(); }
  // The class of the request.
  virtual Priority priority() const { return Priority::kInteractive; }
};

struct MutableTensorView {
  DType dtype = DType::kUint8;
  Shape shape;
  std::span<std::byte> data;
};

// What pictures a model takes beside those of TensorModel::inputs().
struct FreePictures {
  bool height = false;  // may be another one
  bool width = false;
  int step = 1;      // free sides are multiples of it,
  int max_side = 0;  // and no longer: pixels
  int batch = 1;     // so many at once
};

// A model that maps named input tensors to named output tensors.
class TensorModel {
 public:
  virtual ~TensorModel() = default;
  // Shapes include the batch dimension where the model has one. Never empty.
  virtual const std::vector<TensorSpec>& inputs() const = 0;
  virtual const std::vector<TensorSpec>& outputs() const = 0;
  // What is known of it: what the options said, and what the device recognised in the file.
  virtual const ModelDescription& description() const {
    static const ModelDescription kNothing;
    return kNothing;
  }
  // inputs and outputs are in the order of inputs() and outputs(), with exactly their types and
  // sizes: callers check first, because on some devices a wrong size ruins the loaded model.
  // Reads and writes the given memory in place where the device can. What lies in memory of
  // Device::keep_memory it may keep mapped; other memory only during the call. May be called again
  // while another call is inside RunContext::while_waiting.
  virtual Status run(std::span<const TensorView> inputs, std::span<const MutableTensorView> outputs,
                     RunContext& context) = 0;
  // Nothing: pictures are as inputs() says.
  virtual const std::optional<FreePictures>& free_pictures() const {
    static const std::optional<FreePictures> kNone;
    return kNone;
  }
  // Of a model that has free pictures: uint8 (count, H, W, C), as that allows; callers check first.
  // Outputs of float32, of shapes that follow from these, in memory of their own.
  virtual Result<std::vector<Tensor>> run_free(const TensorView& /*pictures*/,
                                               RunContext& /*context*/) {
    return fail(ErrorCode::kUnsupported, "the model takes pictures of one size");
  }
};

// What is left open is as the model's file says.
struct Sampling {
  std::optional<float> temperature;  // 0 means greedy
  std::optional<float> top_p;
  std::optional<int> top_k;    // 0: all
  std::optional<float> min_p;  // 0..1, of the likeliest token's probability; 0: none
  std::optional<float> repetition_penalty;
  std::optional<float> presence_penalty;   // taken from the score of every token that was said
  std::optional<float> frequency_penalty;  // the same, as often as it was said
  std::optional<std::uint32_t> seed;       // open: a random one
  std::optional<int> max_tokens;           // at least 1; no more than the context has room for
};

// Which of these a device can do. The others all can.
struct SamplingSupport {
  bool min_p = false;
  bool presence_penalty = false;
  bool frequency_penalty = false;
};

// The longest answer where neither the request nor the model's file says, as HailoRT has it.
inline constexpr int kDefaultMaxTokens = 1024;

enum class StopReason { kEndOfText, kMaxTokens, kCancelled };
std::string_view name_of(StopReason reason);  // "stop", "length", "cancelled"

struct Generation {
  StopReason stop = StopReason::kEndOfText;
  int prompt_tokens = 0;  // of this request, not of what a resumed context held
  int tokens = 0;
  // What a kept context holds after the pieces that were told: the marker that ended the answer,
  // and what the model still said after OnText had ended it.
  std::string untold = {};
};

// One piece of generated text, complete UTF-8, possibly empty. Returns false to end the answer: the
// model stops soon, what it still says is dropped, and the stop reason is kEndOfText.
using OnText = std::function<bool(std::string_view piece)>;

struct TextRequest {
  std::string_view prompt;             // rendered; one picture placeholder for each frame
  std::span<const TensorView> frames;  // each as TextModel::frame()
  Sampling sampling;
  // The context is what the model remembers, in tokens. resume: go on from the one that is there
  // instead of from an empty one. keep: leave it for the next generation or for save_context().
  bool resume = false;
  bool keep = false;
};

// A generative language model, with pictures where it is a vision-language model.
class TextModel {
 public:
  virtual ~TextModel() = default;
  // Shape and dtype of a picture, or none for a text-only model.
  virtual const std::optional<TensorSpec>& frame() const = 0;
  // The model's chat template (Jinja), empty if it has none.
  virtual std::string_view chat_template() const = 0;
  // Longest context in tokens, prompt and answer together.
  virtual int context_length() const = 0;
  // What it cannot do has no effect when it is asked for.
  virtual SamplingSupport sampling_support() const { return {}; }
  // How many tokens the text is for this model.
  virtual Result<int> count_tokens(std::string_view text) = 0;
  // kInvalidArgument where the prompt does not fit into the context, or the frames are not as the
  // prompt says. The answer ends where the context is full. On cancellation stops soon and returns
  // kCancelled as the stop; what was said stays in a kept context.
  virtual Result<Generation> generate(const TextRequest& request, const OnText& on_text,
                                      RunContext& context) = 0;
  // The context as bytes that only the same model file on the same device version can take back.
  // kUnsupported where the device cannot. Never during a generation.
  virtual Result<std::vector<std::byte>> save_context() {
    return fail(ErrorCode::kUnsupported, "this device cannot save a context");
  }
  virtual Status load_context(std::span<const std::byte>) {
    return fail(ErrorCode::kUnsupported, "this device cannot load a context");
  }
};

enum class SpeechTask { kTranscribe, kTranslate };

struct Segment {
  double start = 0;  // seconds from the beginning of the audio
  double end = 0;
  std::string text;
};
using OnSegment = std::function<void(const Segment&)>;

// Speech recognition. audio: mono, 16 kHz, float32 in [-1, 1). language: ISO 639-1, "" to detect.
class SpeechModel {
 public:
  virtual ~SpeechModel() = default;
  virtual Status transcribe(std::span<const float> audio, std::string_view language,
                            SpeechTask task, const OnSegment& on_segment, RunContext& context) = 0;
};

// path: a model file. The worker resolves names to files before; adapters just open it.
struct ModelFile {
  std::string path;
  int fd = -1;  // when >= 0 the content is read from here and path only names it; borrowed
};

// How a model's file is to be used; each field only where a family needs it.
struct TensorOptions {
  std::string input_layer;  // network or layer to start at, empty for the whole model
  std::string output_layer;
  int batch = 1;
  // The model takes one picture, which comes as uint8 (H, W, C) in RGB, and gives float32: where
  // the file has it otherwise, the device converts, as this and the file itself say.
  std::optional<ModelDescription> picture{};
};

// Loading fails with kNotFound, kMalformed (no such model format, corrupt), kDoesNotFit (the
// device has no room; the message of a load error is shown to the client), kUnsupported (this
// device has no such kind of model), kBusy (another program holds what it needs), kDeviceLost.
//
// After kDeviceLost from any call nothing of the device can be used any more, destructors included:
// the worker ends without them and a new one opens the device again.
class Device {
 public:
  virtual ~Device() = default;
  virtual DeviceInfo info() const = 0;
  // What was read last; hardly ever waits for the device.
  virtual Telemetry telemetry() = 0;
  // Read now: what models take at this moment. May wait for it, seconds at most. None where the
  // device does not say, or not in time.
  virtual std::optional<std::uint64_t> memory_used(RunContext&) {
    return telemetry().memory_used_bytes;
  }
  // kDeviceLost once the device knows, also by readings, that it is lost.
  virtual Status alive() { return {}; }
  virtual Result<std::unique_ptr<TensorModel>> load_tensor(const ModelFile& file,
                                                           const TensorOptions& options,
                                                           RunContext& context) = 0;
  virtual Result<std::unique_ptr<TextModel>> load_text(const ModelFile& file,
                                                       RunContext& context) = 0;
  virtual Result<std::unique_ptr<SpeechModel>> load_speech(const ModelFile& file,
                                                           RunContext& context) = 0;
  // Called after every model was destroyed: gives back what only a whole group gives back.
  virtual Status release_group() = 0;
  // This memory stays where it is until forget_memory: the device may keep it mapped for DMA.
  virtual void keep_memory(std::span<const std::byte>) {}
  // This memory, or some that was kept, is about to be unmapped; no run uses it.
  virtual void forget_memory(std::span<const std::byte>) {}
};

}  // namespace npu::device
