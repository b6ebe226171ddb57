// What a client may choose for one estimate.
#pragma once

#include <array>
#include <string_view>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "media/colormap.hpp"
#include "services/kit/options.hpp"

namespace npu::depth {

enum class OutputFormat { kNumpy, kImage, kBoth, kDepthPng16 };
inline constexpr std::array<std::string_view, 4> kOutputFormatNames{"numpy", "image", "both",
                                                                    "depth_png_16"};

// The network's output x is the logit of an inverse depth.
enum class Representation {
  kInverse,  // x as it is: larger is nearer
  kDepth,    // 1 / (10 sigmoid(x) + 0.009): larger is farther, relative scale
};
inline constexpr std::array<std::string_view, 2> kRepresentationNames{"inverse", "depth"};

struct EstimateOptions {
  OutputFormat format = OutputFormat::kBoth;
  Representation representation = Representation::kInverse;
  media::Colormap colormap = media::Colormap::kViridis;
  bool normalize = true;
  boost::json::value normalize_echo = true;  // as the client gave it, for the answer
  bool include_stats = true;
};

// The fields output_format, colormap, representation and normalize.
Status read_options(kit::Fields& fields, EstimateOptions& options);

}  // namespace npu::depth
