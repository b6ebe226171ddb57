#include "services/depth/render.hpp"

#include <algorithm>
#include <cmath>

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
  const int width = estimate.map.width;
  const int height = estimate.map.height;
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
    const Stats stats = stats_of(estimate.map);
    body["stats"] = {
        {"min", stats.min}, {"max", stats.max}, {"mean", stats.mean}, {"p95", stats.p95}};
  }
  return body;
}

// , "name": "base64" behind what text holds already.
void append_field(std::string& text, std::string_view name, std::string_view bytes) {
  text.append(", \"").append(name).append("\": \"");
  const std::size_t at = text.size();
  text.resize(at + base64_encoded_size(bytes.size()));
  base64_encode(std::as_bytes(std::span(bytes)), text.data() + at);
  text += '"';
}

Result<std::string> encode_map(const media::FloatMap& map) {
  const TensorView view{
      DType::kFloat32, {map.height, map.width}, std::as_bytes(std::span(map.values))};
  return media::encode_npz("depth", view);
}

Result<std::string> encode_png16(const media::FloatMap& unit) {
  std::vector<std::uint16_t> pixels(unit.values.size());
  std::ranges::transform(unit.values, pixels.begin(), [](float value) {
    return static_cast<std::uint16_t>(value > 0 ? std::min(value * 65535.0F, 65535.0F) : 0.0F);
  });
  return media::encode_png16(unit.width, unit.height, pixels);
}

}  // namespace

Result<http::Response> render(Estimate estimate, const EstimateOptions& options) {
  std::string text = http::json_text(head_of(estimate, options), http::JsonStyle::kSpaced);
  text.pop_back();
  const auto add = [&](std::string_view name, Result<std::string> bytes) -> Status {
    if (!bytes) return fail(bytes.error());
    append_field(text, name, *bytes);
    return {};
  };
  Status status;
  const OutputFormat format = options.format;
  if (format == OutputFormat::kNumpy || format == OutputFormat::kBoth) {
    status = add("depth_map", encode_map(estimate.map));
  }
  if (format != OutputFormat::kNumpy) normalize(estimate.map);  // what follows are pictures
  if (status && (format == OutputFormat::kImage || format == OutputFormat::kBoth)) {
    status = add("depth_image", media::encode_png(media::colorize(estimate.map, options.colormap)));
  }
  if (status && format == OutputFormat::kDepthPng16) {
    status = add("depth_png_16", encode_png16(estimate.map));
  }
  if (!status) return fail(status.error());
  text += '}';
  return http::Response::json_text(std::move(text));
}

}  // namespace npu::depth
