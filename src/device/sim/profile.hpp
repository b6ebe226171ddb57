// What a simulated device is: its memory, its models and its faults. README.md documents the file.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

#include "base/clock.hpp"
#include "device/sim/boxes.hpp"
#include "device/sim/fault.hpp"
#include "device/sim/raw_head.hpp"
#include "device/sim/reading.hpp"

namespace npu::device::sim {

enum class ModelKind { kTensor, kText, kSpeech };
std::string_view name_of(ModelKind kind);

// How an output is filled (fill.hpp).
struct Fill {
  enum class Mode { kChecksum, kNoise, kConstant, kBoxes, kMasks, kRawHead, kReading };
  Mode mode = Mode::kChecksum;
  double value = 0;                               // kConstant
  std::shared_ptr<const Suppression> boxes = {};  // kBoxes, kMasks
  std::shared_ptr<const RawHead> raw_head = {};   // kRawHead
  std::shared_ptr<const Reading> reading = {};    // kReading
};

struct OutputProfile {
  TensorSpec spec;
  Fill fill;
};

struct ModelProfile {
  ModelKind kind = ModelKind::kTensor;
  std::uint64_t bytes = 0;
  Duration load{};

  // kTensor: shapes of one frame, without batch.
  std::vector<TensorSpec> inputs;
  std::vector<OutputProfile> outputs;
  std::map<int, Duration> run;  // batch -> time of the whole batch; has at least batch 1

  std::string hef;  // YAML: what only a fake of HailoRT looks at

  // kText and kSpeech
  Duration first_token{};
  Duration token{};
  std::vector<std::string> script;  // empty: echo the prompt (text), count the windows (speech)

  // kText
  int context_length = 2048;
  std::optional<TensorSpec> frame;
  std::string end_text;  // sent as the last piece when the text ends, as HailoRT does

  // kSpeech
  Duration window = std::chrono::seconds(10);
};

struct Profile {
  std::string name;
  std::string architecture;
  std::string firmware;
  std::uint64_t memory_bytes = 0;  // what models may use; 0: without bound
  bool group_release = false;
  std::optional<double> temperature_celsius;
  std::map<std::string, ModelProfile, std::less<>> models;  // by file stem, aliases included
  std::map<ModelKind, ModelProfile> defaults;               // for stems that are not in models
  std::vector<Fault> faults;

  // The entry for a file stem, or the default of the kind, or nullptr. An entry of another kind
  // is returned as it is.
  const ModelProfile* find(std::string_view stem, ModelKind kind) const;
};

// Time of one run over `batch` frames: interpolated between the given batches, extended at the
// rate of the largest one.
Duration run_time(const ModelProfile& model, int batch);

struct BuiltinProfile {
  std::string_view name;
  std::string_view text;
};
std::span<const BuiltinProfile> builtin_profiles();

// kInvalidArgument: "profile hailo10h, line 12: unknown key 'sizemb'; known are: ...".
Result<Profile> parse_profile(std::string_view text, std::string_view name);
// A built-in name, or a file. Empty: hailo10h.
Result<Profile> load_profile(const std::string& name_or_file);

}  // namespace npu::device::sim
