#include "services/depth/estimate_options.hpp"

namespace npu::depth {

Status read_options(kit::Fields& fields, EstimateOptions& options) {
  fields.choice("output_format", options.format, kOutputFormatNames);
  fields.choice("colormap", options.colormap, media::kColormapNames);
  fields.choice("representation", options.representation, kRepresentationNames);
  fields.flag("normalize", options.normalize);
  const auto* given = fields.value("normalize");
  const bool echoed = given != nullptr && !given->is_string();
  options.normalize_echo = echoed ? *given : boost::json::value(options.normalize);
  return fields.status();
}

}  // namespace npu::depth
