// What a HEF file holds, from its description, without HailoRT: the chip it is for, and what a
// program gives it and gets of it, as HailoRT's own calls tell them (Hef::get_*_vstream_infos).
//
// The description is a Protobuf message, ProtoHEFHef of hef.proto in HailoRT's published sources
// (hailort/libhailort at v5.2.0, MIT); what HailoRT makes of it is in src/hef/hef.cpp there. Files
// of formats 0 to 3, with post-processing (operations) and without, are known.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <npu/result.hpp>

#include "store/hef_header.hpp"

namespace npu::store {

// A value is (q - zero_point) * scale.
struct HefQuantisation {
  float zero_point = 0;
  float scale = 0;
  float min = 0;
  float max = 0;
};

// Boxes instead of a tensor.
struct HefBoxes {
  std::uint32_t classes = 0;
  std::uint32_t per_class = 0;
  std::uint32_t total = 0;
  std::uint32_t mask_bytes = 0;
};

struct HefTensor {
  std::string name;
  std::string type;   // "UINT8", "UINT16", "FLOAT32", "AUTO"
  std::string order;  // on the host's side: "NHWC", "NC", "NMS_BY_CLASS", ...; a number if unknown
  std::array<std::uint32_t, 3> shape{};  // height, width, features
  std::optional<HefBoxes> boxes;
  std::optional<HefQuantisation> quantisation;  // none of boxes, and where each feature has its own
  std::vector<double> feature_scales;           // then: of each, or one that all have
  std::vector<double> feature_zero_points;
};

// Post-processing on the way out, on the host or on the chip's own processor.
struct HefOperation {
  std::string type;  // "YOLOV5", "YOLOV5SEG", "YOLOV8", "YOLOX", "SSD", "IOU", "SOFTMAX", "ARGMAX"
  // As HailoRT's text about a file has them, {"Score threshold", "0.200"}, and besides those
  // "Anchors" and "Strides".
  std::vector<std::pair<std::string, std::string>> settings;
};

struct HefGroup {
  std::string name;
  bool multi_context = false;
  double bottleneck_fps = 0;  // 0: not said, as of several contexts
  std::vector<HefTensor> inputs;
  std::vector<HefTensor> outputs;
  std::vector<HefOperation> operations;
};

// A file inside the file.
struct HefResource {
  std::string name;
  std::uint64_t offset = 0;  // from HefHeader::data_begin
  std::uint64_t bytes = 0;
};

struct HefContent {
  std::uint32_t chip_number = 0;           // ProtoHEFHwArch
  std::vector<std::string> architectures;  // that take the file, "HAILO10H"; none of an unknown one
  std::string compiler;                    // version of the compiler, "" where it is not said
  std::vector<HefGroup> groups;            // by name
  std::vector<HefResource> resources;      // by name
};

// kMalformed where it is none, is damaged, or holds more than a program could want of one file
// (thousands of groups, inputs and outputs; names of more than 512 bytes).
Result<HefContent> parse_hef_description(std::string_view description);

// The same of a file, whose header is judged first: see read_hef_header(). kUnsupported for a
// format newer than 3, and a description of more than 256 MB. Reads the description and not the
// weights, where the format has them apart.
Result<HefContent> read_hef_content(const std::string& path);

// hailo-config.json of a generative model (hef_kind.hpp: kHefConfigName), as text. kNotFound where
// the content names none, kMalformed where it is not within the file or has more than 8 MB.
Result<std::string> read_hef_config(const std::string& path, const HefContent& content);

}  // namespace npu::store
