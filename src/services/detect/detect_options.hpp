// What a client may choose for one detection.
#pragma once

#include "services/kit/object_options.hpp"

namespace npu::detect {

using DetectOptions = kit::ObjectOptions;

// The fields of kit::read_object_options().
Status read_options(kit::Fields& fields, const kit::Labels& labels, DetectOptions& options);
// Of DeepStack: min_confidence.
Status read_deepstack_options(kit::Fields& fields, DetectOptions& options);

}  // namespace npu::detect
