#include "onnx/recognise_faces.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace npu::onnx {
namespace {

constexpr int kAlignedSide = 112;
constexpr std::int64_t kPointValues = 10;
constexpr std::int64_t kBlazeValues = 16;

// How many outputs there are of each number of columns; nothing where one is no table.
using Columns = std::map<std::int64_t, std::size_t>;
std::optional<Columns> columns_of(const OnnxFile& file) {
  Columns columns;
  for (const GraphTensor& output : file.outputs) {
    if (output.shape.size() != 2 && output.shape.size() != 3) return {};
    ++columns[output.shape.back()];
  }
  return columns;
}

bool has_rows(const OnnxFile& file, std::int64_t rows, std::int64_t columns) {
  return std::ranges::any_of(file.outputs, [&](const GraphTensor& output) {
    const Shape& shape = output.shape;
    return shape[shape.size() - 2] == rows && shape.back() == columns;
  });
}

ModelDescription description(std::string head, const GraphPicture& picture, PixelColour colour,
                             double mean, double std) {
  ModelDescription model;
  model.family = "face";
  model.head = std::move(head);
  model.input.layout = picture.layout;
  model.input.colour = colour;
  model.input.mean = every_channel(mean);
  model.input.std = every_channel(std);
  model.input.fit = PictureFit::kLetterbox;
  model.input.padding = 0;
  model.input.width = picture.width > 0 ? picture.width : kUsualSide;
  model.input.height = picture.height > 0 ? picture.height : kUsualSide;
  return model;
}

Recognised detector(const OnnxFile& file, const GraphPicture& picture) {
  const auto columns = columns_of(file);
  if (!columns) return {};
  if (*columns == Columns{{1, 3}, {4, 3}, {kPointValues, 3}}) {
    return {"SCRFD", description("scrfd", picture, PixelColour::kRgb, 127.5, 128)};
  }
  if (*columns == Columns{{1, 6}, {4, 3}, {kPointValues, 3}}) {
    return {"YuNet", description("yunet", picture, PixelColour::kBgr, 0, 1)};
  }
  if (*columns == Columns{{1, 2}, {kBlazeValues, 2}} && has_rows(file, 512, kBlazeValues) &&
      has_rows(file, 384, kBlazeValues)) {
    return {"BlazeFace", description("blazeface", picture, PixelColour::kRgb, 127.5, 127.5)};
  }
  return {};
}

Recognised embedder(const OnnxFile& file, const GraphPicture& picture) {
  if (file.outputs.size() != 1 || file.outputs[0].shape.size() != 2) return {};
  if (picture.width != kAlignedSide || picture.height != kAlignedSide) return {};
  Recognised found;
  const std::int64_t numbers = file.outputs[0].shape[1];
  if (numbers == 512) {
    found = {"ArcFace", description("embedding", picture, PixelColour::kRgb, 127.5, 127.5)};
  } else if (numbers == 128 && file.inputs[0].name == "data" && file.outputs[0].name == "fc1") {
    found = {"SFace", description("embedding", picture, PixelColour::kRgb, 0, 1)};
  }
  found.description.input.fit = PictureFit::kStretch;
  return found;
}

}  // namespace

Recognised recognise_faces(const OnnxFile& file, const GraphPicture& picture) {
  if (picture.channels != 3) return {};
  Recognised found = detector(file, picture);
  if (found.as.empty()) found = embedder(file, picture);
  // A graph of bytes has its normalisation inside.
  if (file.inputs[0].dtype == DType::kUint8) {
    found.description.input.mean.reset();
    found.description.input.std.reset();
  }
  return found;
}

}  // namespace npu::onnx
