#include "services/depth/depth_config.hpp"

#include <algorithm>

#include "base/settings.hpp"
#include "media/colormap.hpp"

namespace npu::depth {
namespace {

template <class Names>
std::vector<std::string> choices(const Names& names) {
  return {names.begin(), names.end()};
}

// The settings' own checks have admitted the name.
template <class Enum, class Names>
Enum value_of(const std::string& name, const Names& names) {
  return static_cast<Enum>(std::ranges::find(names, name) - names.begin());
}

void add_output(Settings& settings, DepthConfig& config) {
  settings.add("output.format", config.format,
               {.env = settings.variable("OUTPUT_FORMAT"),
                .help = "What an answer contains",
                .choices = choices(kOutputFormatNames)});
  settings.add("output.colormap", config.colormap,
               {.help = "Colours of depth images", .choices = choices(media::kColormapNames)});
  settings.add("output.representation", config.representation,
               {.help = "inverse: larger is nearer; depth: larger is farther",
                .choices = choices(kRepresentationNames)});
  settings.add("output.normalize", config.normalize, {.help = "Scale maps to 0..1"});
  settings.add("output.include_stats", config.include_stats, {.help = "Add min, max, mean, p95"});
}

}  // namespace

EstimateOptions DepthConfig::defaults() const {
  EstimateOptions options;
  options.format = value_of<OutputFormat>(format, kOutputFormatNames);
  options.colormap = value_of<media::Colormap>(colormap, media::kColormapNames);
  options.representation = value_of<Representation>(representation, kRepresentationNames);
  options.normalize = normalize;
  options.normalize_echo = normalize;
  options.include_stats = include_stats;
  return options;
}

void add_depth_settings(Settings& settings, DepthConfig& config) {
  kit::add_model_settings(settings, config.model);
  settings.add("model.type", config.model_type,
               {.help = "Shown in answers", .choices = {"monocular", "stereo"}});
  add_output(settings, config);
  kit::add_picture_settings(settings, config.pictures);
  kit::add_live_settings(settings, config.live);
  settings.ignore("output.depth_png_16", "ask for it with output.format: depth_png_16");
  settings.ignore("input.allow_local_paths", "files of the server are never read");
  settings.ignore("resources.postprocess_dir", "post-processing is built in");
  settings.ignore("resource_limits.memory_max", "limits are set in the systemd unit");
  settings.ignore("resource_limits.cpu_quota", "limits are set in the systemd unit");
}

}  // namespace npu::depth
