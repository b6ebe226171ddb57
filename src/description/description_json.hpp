// Model descriptions as JSON, with the keys of a model.yaml: {"family", "head", "labels": a set's
// name or a list of names, "input": {"layout", "dtype", ...}}. What was not said is not in it.
#pragma once

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "description/description.hpp"

namespace npu {

boost::json::object to_json(const ModelDescription& description);
// Of a peer of the same version: kMalformed names what is wrong. Unknown keys are left alone.
Result<ModelDescription> description_from_json(const boost::json::object& object);

// A set's name, or a list of names; null where there are none.
boost::json::value labels_json(const ModelDescription& description);

}  // namespace npu
