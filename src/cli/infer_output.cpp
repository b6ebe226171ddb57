#include <algorithm>

#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/infer_files.hpp"
#include "cli/text.hpp"
#include "media/colormap.hpp"
#include "media/npy.hpp"
#include "media/png_encode.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace {

// Height, width and channels of a tensor that can be seen as a picture, leading 1s apart.
struct Plane {
  int height = 0;
  int width = 0;
  int channels = 0;
};

Result<Plane> plane_of(const ClientTensor& tensor) {
  Shape shape = tensor.shape();
  while (shape.size() > 3 && shape.front() == 1) shape.erase(shape.begin());
  if (shape.size() == 2) shape.push_back(1);
  const bool fits = shape.size() == 3 && (shape[2] == 1 || shape[2] == 3) &&
                    std::ranges::all_of(shape, [](auto n) { return n > 0 && n <= 65535; });
  if (!fits) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("a result of shape {} is not a picture; write it to a .npy file",
                            to_string(tensor.shape())));
  }
  return Plane{static_cast<int>(shape[0]), static_cast<int>(shape[1]), static_cast<int>(shape[2])};
}

Result<media::Image> picture_of(const ClientTensor& tensor, const std::string& colormap) {
  const auto plane = plane_of(tensor);
  if (!plane) return fail(plane.error());
  if (tensor.dtype() == DType::kUint8) {
    media::Image image(plane->width, plane->height, plane->channels);
    const auto samples = tensor.as<std::uint8_t>();
    std::copy_n(samples.data(), samples.size(), image.pixels().data());
    return image;
  }
  if (tensor.dtype() != DType::kFloat32 || plane->channels != 1) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("a {} result of shape {} is not a picture; write it to a .npy file",
                            name_of(tensor.dtype()), to_string(tensor.shape())));
  }
  const auto map = media::colormap_from_name(colormap);
  if (!map) return fail(ErrorCode::kInvalidArgument, "unknown colour map '" + colormap + "'");
  Statistics range;
  statistics(tensor, range);
  const double width = range.max > range.min ? range.max - range.min : 1;
  media::FloatMap values{plane->width, plane->height, {}};
  for (const float value : tensor.as<float>()) {
    values.values.push_back(static_cast<float>((value - range.min) / width));
  }
  return media::colorize(values, *map);
}

json::value summarised_value(const json::value& value, const InferResult& result) {
  if (const auto* list = value.if_array()) {
    json::array out;
    for (const auto& item : *list) out.push_back(summarised_value(item, result));
    return out;
  }
  const auto* object = value.if_object();
  if (object == nullptr) return value;
  json::object out;
  for (const auto& [key, member] : *object) out[key] = summarised_value(member, result);
  const auto* index = object->if_contains("tensor");
  if (index == nullptr || !index->is_int64()) return out;
  out.erase("tensor");
  Statistics numbers;
  const auto at = static_cast<std::size_t>(index->get_int64());
  if (at < result.tensors.size() && statistics(result.tensors[at], numbers)) {
    out["min"] = numbers.min;
    out["max"] = numbers.max;
    out["mean"] = numbers.mean;
  }
  return out;
}

}  // namespace

json::value summarised(const InferResult& result) { return summarised_value(result.value, result); }

Result<std::string> output_format(const std::string& file) {
  std::string ending = ending_of(file);
  if (ending == ".npy" || ending == ".png" || ending == ".json") return ending;
  return fail(
      ErrorCode::kInvalidArgument,
      fmt::format("the output's ending says its format: .npy, .png or .json, got '{}'", file));
}

Status write_result(const InferResult& result, const std::string& file,
                    const std::string& colormap) {
  const auto format = output_format(file);
  if (!format) return fail(format.error());
  if (*format == ".json") return write_file(file, json::serialize(summarised(result)) + "\n");
  const auto tensor = result.tensor();
  if (!tensor) {
    return fail(ErrorCode::kUnsupported,
                "the result is not one tensor; write it to a .json file to see what it is");
  }
  if (*format == ".npy") return write_file(file, media::encode_npy(tensor->view()));
  const auto picture = picture_of(*tensor, colormap);
  if (!picture) return fail(picture.error());
  return write_file(file, media::encode_png(*picture));
}

}  // namespace npu::cli
