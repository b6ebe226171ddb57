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
Status append_field(std::string& text, std::string_view name, const Append& append) {
  text.append(", \"").append(name).append("\": \"");
  const std::size_t at = text.size();
  if (const Status appended = append(); !appended) return appended;
  widen(text, at);
  text += '"';
  return {};
}

Status append_map(std::string& text, const DepthMap& map) {
  const auto [width, height] = map.size();
  const Shape shape{height, width};
  // A quarter of a gigabyte for a large picture: what grows by copying would be there twice.
  text.reserve(text.size() +
               base64_encoded_size(media::npz_bound("depth", DType::kFloat32, shape)) + 64);
  std::vector<float> row(static_cast<std::size_t>(width));
  int y = 0;
  const auto next = [&] {
    map.row(y++, row);
    return std::as_bytes(std::span(row));
  };
  return append_field(text, "depth_map", [&] {
    return media::append_npz(text, "depth", DType::kFloat32, shape, next);
  });
}

Result<std::string> encode_colors(const DepthMap& map, media::Colormap colormap) {
  std::vector<float> values(static_cast<std::size_t>(map.size().width));
  return media::encode_png(map.size(), [&](int y, std::span<std::uint8_t> row) {
    map.row(y, values);
    media::colorize(values, colormap, row);
  });
}

Result<std::string> encode_grey(const DepthMap& map) {
  std::vector<float> values(static_cast<std::size_t>(map.size().width));
  return media::encode_png16(map.size(), [&](int y, std::span<std::uint16_t> row) {
    map.row(y, values);
    std::ranges::transform(values, row.begin(), [](float value) {
      return static_cast<std::uint16_t>(value > 0 ? std::min(value * 65535.0F, 65535.0F) : 0.0F);
    });
  });
}

Status append_picture(std::string& text, std::string_view name, const Result<std::string>& png) {
  if (!png) return fail(png.error());
  return append_field(text, name, [&] {
    text += *png;
    return Status();
  });
}

}  // namespace

Result<http::Response> render(Estimate estimate, const EstimateOptions& options) {
  std::string text = http::json_text(head_of(estimate, options), http::JsonStyle::kSpaced);
  text.pop_back();
  Status status;
  const OutputFormat format = options.format;
  if (format == OutputFormat::kNumpy || format == OutputFormat::kBoth) {
    status = append_map(text, estimate.map);
  }
  estimate.map.normalize();  // what follows are pictures
  if (status && (format == OutputFormat::kImage || format == OutputFormat::kBoth)) {
    status = append_picture(text, "depth_image", encode_colors(estimate.map, options.colormap));
  }
  if (status && format == OutputFormat::kDepthPng16) {
    status = append_picture(text, "depth_png_16", encode_grey(estimate.map));
  }
  if (!status) return fail(status.error());
  text += '}';
  return http::Response::json_text(std::move(text));
}

}  // namespace npu::depth
