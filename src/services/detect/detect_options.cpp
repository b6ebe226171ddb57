#include "services/detect/detect_options.hpp"

namespace npu::detect {

Status read_options(kit::Fields& fields, const kit::Labels& labels, DetectOptions& options) {
  if (auto read = kit::read_object_options(fields, labels, options); !read) return read;
  return fields.status();
}

Status read_deepstack_options(kit::Fields& fields, DetectOptions& options) {
  fields.number("min_confidence", options.threshold, kit::kShare);
  return fields.status();
}

}  // namespace npu::detect
