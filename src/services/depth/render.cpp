#include "services/depth/render.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include <boost/json.hpp>

#include "media/colormap.hpp"
#include "media/npy.hpp"
#include "media/png_encode.hpp"
#include "services/depth/depth_map.hpp"
#include "tensor/base64.hpp"

namespace npu::depth {
namespace json = boost::json;
namespace {

constexpr std::size_t kNames = 128;  // of the fields that hold them

double rounded(double value) { return std::round(value * 100) / 100; }

json::object head_of(const Estimate& estimate, const EstimateOptions& options) {
  const auto [width, height] = estimate.map.size();
  json::object body;
  body["model"] = estimate.model;
  body["model_type"] = estimate.model_type;
  body["input_shape"] = json::array{height, width, 3};
  body["depth_shape"] = json::array{height, width};
  body["inference_time_ms"] = rounded(estimate.inference_time_ms);
  body["normalized"] = options.normalize_echo;
  if (options.representation != Representation::kInverse) {
    body["representation"] = kRepresentationNames[static_cast<std::size_t>(options.representation)];
  }
  if (options.include_stats) {
    const Stats stats = estimate.map.stats();
    body["stats"] = {
        {"min", stats.min}, {"max", stats.max}, {"mean", stats.mean}, {"p95", stats.p95}};
  }
  return body;
}

// Bytes at the end of text, from `at` on, become base64, where they are.
void widen(std::string& text, std::size_t at) {
  const std::size_t size = text.size() - at;
  text.resize(at + base64_encoded_size(size));
  char* room = text.data() + at;
  std::memmove(text.data() + text.size() - size, room, size);
  base64_encode(std::as_bytes(std::span(text)).last(size), room);
}

// , "name": "base64 of what append() puts behind the text" behind what text holds already.
template <class Append>
void append_field(std::string& text, std::string_view name, const Append& append) {
  text.append(", \"").append(name).append("\": \"");
  const std::size_t at = text.size();
  append();
  widen(text, at);
  text += '"';
}

Status append_map(std::string& text, const DepthMap& map) {
  const auto [width, height] = map.size();
  const Shape shape{height, width};
  std::vector<float> row(static_cast<std::size_t>(width));
  int y = 0;
  const auto next = [&] {
    map.row(y++, row);
    return std::as_bytes(std::span(row));
  };
  Status appended;
  append_field(text, "depth_map",
               [&] { appended = media::append_npz(text, "depth", DType::kFloat32, shape, next); });
  return appended;
}

void append_colors(std::string& text, const DepthMap& map, media::Colormap colormap) {
  std::vector<float> values(static_cast<std::size_t>(map.size().width));
  append_field(text, "depth_image", [&] {
    media::append_png(text, map.size(), [&](int y, std::span<std::uint8_t> row) {
      map.unit_row(y, values);
      media::colorize(values, colormap, row);
    });
  });
}

void append_grey(std::string& text, const DepthMap& map) {
  std::vector<float> values(static_cast<std::size_t>(map.size().width));
  append_field(text, "depth_png_16", [&] {
    media::append_png16(text, map.size(), [&](int y, std::span<std::uint16_t> row) {
      map.unit_row(y, values);
      std::ranges::transform(values, row.begin(), [](float value) {
        return static_cast<std::uint16_t>(value > 0 ? std::min(value * 65535.0F, 65535.0F) : 0.0F);
      });
    });
  });
}

// Of the base64 texts together.
std::size_t bound_of(media::Size size, bool map, bool colors, bool grey) {
  const Shape shape{size.height, size.width};
  std::size_t bytes = 0;
  if (map) bytes += base64_encoded_size(media::npz_bound("depth", DType::kFloat32, shape));
  if (colors) bytes += base64_encoded_size(media::png_bound(size, 3));
  if (grey) bytes += base64_encoded_size(media::png_bound(size, 2));
  return bytes;
}

}  // namespace

Result<http::Response> render(const Estimate& estimate, const EstimateOptions& options) {
  const OutputFormat format = options.format;
  const bool map = format == OutputFormat::kNumpy || format == OutputFormat::kBoth;
  const bool colors = format == OutputFormat::kImage || format == OutputFormat::kBoth;
  const bool grey = format == OutputFormat::kDepthPng16;
  std::string text = http::json_text(head_of(estimate, options), http::JsonStyle::kSpaced);
  text.pop_back();
  // What grows by copying would be there twice; room that is never written to takes no memory.
  text.reserve(text.size() + kNames + bound_of(estimate.map.size(), map, colors, grey));
  if (map) {
    if (const Status appended = append_map(text, estimate.map); !appended) {
      return fail(appended.error());
    }
  }
  if (colors) append_colors(text, estimate.map, options.colormap);
  if (grey) append_grey(text, estimate.map);
  text += '}';
  return http::Response::json_text(std::move(text));
}

}  // namespace npu::depth
