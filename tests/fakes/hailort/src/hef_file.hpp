// A fake HEF file, read. README.md describes the format.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "hailo/expected.hpp"
#include "hailo/hailort.h"

#include "device/sim/profile.hpp"

namespace hailo_fake {

// One input or output as HailoRT shows it.
struct Stream {
  std::string name;
  hailo_3d_image_shape_t shape{};
  hailo_format_t format{};     // as it comes when nobody asks for another
  hailo_quant_info_t quant{};  // no scale where each feature has its own
  std::vector<hailo_quant_info_t> feature_quants;
  std::shared_ptr<const npu::device::sim::Suppression> boxes;  // of non-maximum suppression
  hailo_nms_shape_t nms_shape{};
  npu::TensorSpec spec;  // as the simulated device has it
  std::size_t index = 0;

  bool is_nms() const { return boxes != nullptr; }
  const hailo_quant_info_t& quant_of(std::size_t element) const {
    return feature_quants.empty() ? quant : feature_quants[feature_of(element)];
  }
  std::size_t feature_of(std::size_t element) const;
};

// The bytes of one frame in this format.
std::size_t frame_bytes(const Stream& stream, const hailo_format_t& format);

struct HefFile {
  enum class Kind { kTensor, kLanguage, kVision, kSpeech };

  Kind kind = Kind::kTensor;
  std::string hash;
  std::uint64_t hash_number = 0;
  // Of what the chip makes of it with this batch, which it has once, whoever configures it.
  std::uint64_t core_op_number(int batch) const {
    return hash_number + 2 * static_cast<std::uint64_t>(batch > 1 ? batch - 1 : 0);
  }
  std::uint32_t version = 3;
  std::uint64_t bytes = 0;  // on the chip
  std::string stem;         // of the file, or the profile's name for the model
  npu::device::sim::ModelProfile model;
  std::vector<hailo_device_architecture_t> architectures;
  std::vector<std::string> groups;
  bool multi_context = false;
  int core_ops = 1;
  bool cut_off = false;  // its weights are not all there
  std::vector<Stream> inputs;
  std::vector<Stream> outputs;
  std::map<std::string, std::string> resources;  // files that travel in it
};
using HefPtr = std::shared_ptr<const HefFile>;

hailort::Expected<HefPtr> read_hef(const std::string& path);
// The content of a file whose name is unknown.
hailort::Expected<HefPtr> read_hef(std::span<const std::uint8_t> content);

// ---- for read_hef ----

// What a body says beyond the profile's keys, under `hef`.
struct HefNotes {
  std::vector<std::string> architectures;
  std::vector<std::string> groups;
  std::optional<bool> multi_context;
  std::optional<int> core_ops;
  bool damaged = false;
  std::string hailo_config;  // JSON text; empty: a plain one
  std::string chat_template;
  struct Output {
    std::string type;   // uint8 or uint16
    std::string order;  // NHWC, NHW, NC, ...
    std::optional<float> scale;
    std::optional<float> zero_point;
    std::vector<float> scales;       // of the features, the first for the first
    std::vector<float> zero_points;  // as many
  };
  std::map<std::string, Output> outputs;
};
// Throws npu::device::sim::YamlError and YAML::Exception.
HefNotes read_notes(const std::string& yaml);

std::vector<Stream> make_inputs(const HefFile& hef);
std::vector<Stream> make_outputs(const HefFile& hef, const HefNotes& notes);
// hailo-config.json and what else generative models bring.
std::map<std::string, std::string> make_resources(const HefFile& hef, const HefNotes& notes);

}  // namespace hailo_fake
