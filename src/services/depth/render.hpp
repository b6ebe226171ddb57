// The answer to an estimate.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include <npu/result.hpp>

#include "media/colormap.hpp"
#include "media/image.hpp"
#include "services/depth/depth_map.hpp"
#include "services/depth/estimate_options.hpp"
#include "services/kit/bands.hpp"

namespace npu::depth {

struct Estimate {
  std::string model;
  std::string model_type;
  DepthMap map;  // of the picture's size, normalised if asked for
  double inference_time_ms = 0;
};

// {"model", "model_type", "input_shape", "depth_shape", "inference_time_ms", "normalized", "stats",
//  and by format: "depth_map": base64 of a .npz with `depth` (float32, height x width),
//  "depth_image": base64 of an RGB PNG, "depth_png_16": base64 of a 16-bit grey PNG}
// "representation" is there where it is not "inverse".
//
// Of all that only a band is ever held: a map of 12 million pixels is 60 MB of text.
class EstimateText final : public kit::Bands {
 public:
  // Fails with kTooLarge where the map is too large for its format.
  static Result<std::unique_ptr<kit::Bands>> make(Estimate estimate,
                                                  const EstimateOptions& options);
  EstimateText(const EstimateText&) = delete;
  EstimateText& operator=(const EstimateText&) = delete;
  ~EstimateText() override;

  const std::string& next(std::size_t bytes) override;
  bool ended() const override { return ended_; }

 private:
  class Field;
  class MapField;
  class ColorField;
  class GreyField;

  EstimateText(Estimate estimate, const EstimateOptions& options);
  void put_head();

  Estimate estimate_;
  EstimateOptions options_;
  std::string text_;
  std::vector<std::unique_ptr<Field>> fields_;  // in reverse order
  bool begun_ = false;
  bool ended_ = false;
};

// {"min", "max", "mean", "p95"}
boost::json::object stats_json(const Stats& stats);

// {"depth_shape", "stats"}, as an estimate has them. Takes time.
std::string live_text(const DepthMap& map);

// The same colours as a picture for people: RGB, of the map's size. Takes time.
media::Image colour_picture(const DepthMap& map, media::Colormap colormap);

}  // namespace npu::depth
