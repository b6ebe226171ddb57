#include "services/depth/estimate_options.hpp"

namespace npu::depth {

Status read_options(kit::Fields& fields, EstimateOptions& options) {
  fields.choice("output_format", options.format, kOutputFormatNames);
  fields.choice("colormap", options.colormap, media::kColormapNames);
  fields.choice("representation", options.representation, kRepresentationNames);
  fields.flag("normalize", options.normalize);
  if (auto given = fields.value("normalize")) {
    options.normalize_echo = given->is_string() ? options.normalize : std::move(*given);
  }
  return fields.status();
}

}  // namespace npu::depth
