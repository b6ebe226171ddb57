// Which classes a client wants to see.
#pragma once

#include <vector>

#include <npu/result.hpp>

#include "services/kit/labels.hpp"
#include "services/kit/options.hpp"

namespace npu::kit {

// The field `classes`: names, in a JSON array or with commas between them. classes: sorted, each
// once; left as it is where the field names none. kInvalidArgument: a class that the model does not
// know.
Status read_classes(Fields& fields, const Labels& labels, std::vector<int>& classes);

}  // namespace npu::kit
