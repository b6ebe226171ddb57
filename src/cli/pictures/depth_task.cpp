#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cli/pictures/picture_task.hpp"
#include "media/colormap.hpp"
#include "services/depth/depth_map.hpp"
#include "services/depth/render.hpp"

namespace npu::cli {
namespace {

class FoundDepth final : public PictureFindings {
 public:
  FoundDepth(depth::DepthMap map, media::Colormap colormap)
      : map_(std::move(map)), stats_(map_.stats()), colormap_(colormap) {}

  Result<boost::json::object> json() override {
    return boost::json::object{{"stats", depth::stats_json(stats_)}};
  }

  std::string summary() const override {
    return fmt::format("{:.4g} to {:.4g}, mean {:.4g}", stats_.min, stats_.max, stats_.mean);
  }

  Result<media::Image> annotated(media::Image) override {
    return depth::colour_picture(map_, colormap_);
  }

 private:
  depth::DepthMap map_;
  depth::Stats stats_;
  media::Colormap colormap_;
};

class DepthTask final : public FittedTask {
 public:
  void add_options(CLI::App& command) override {
    using Names = std::vector<std::string>;
    command.add_option("--colormap", colormap_, "Colours of the picture that -o writes")
        ->check(CLI::IsMember(Names(media::kColormapNames.begin(), media::kColormapNames.end())))
        ->capture_default_str();
    command
        .add_option("--representation", representation_,
                    "inverse: larger is nearer; depth: larger is farther")
        ->check(CLI::IsMember(
            Names(depth::kRepresentationNames.begin(), depth::kRepresentationNames.end())))
        ->capture_default_str();
  }

  // As hailo-depth: the network is shown the whole picture, whatever its shape.
  kit::Fit usual_fit() const override { return kit::Fit::kStretch; }

  Result<std::unique_ptr<PictureFindings>> read(const InferResult& result,
                                                const kit::Placement& placed) const override {
    const auto output = result.tensor();
    if (!output) return fail(ErrorCode::kUnsupported, "the model has several outputs, not a map");
    auto plane = depth::plane_of(output->view());
    if (!plane) return fail(ErrorCode::kUnsupported, plane.error().message);
    depth::represent(*plane, representation());
    return std::make_unique<FoundDepth>(depth::DepthMap(*plane, placed.picture),
                                        *media::colormap_from_name(colormap_));
  }

 private:
  depth::Representation representation() const {
    const auto& names = depth::kRepresentationNames;
    const auto at = std::ranges::find(names, representation_) - names.begin();
    return static_cast<depth::Representation>(at);
  }

  std::string colormap_ = "viridis";
  std::string representation_ = "inverse";
};

}  // namespace

std::unique_ptr<PictureTask> make_depth_task() { return std::make_unique<DepthTask>(); }

}  // namespace npu::cli
