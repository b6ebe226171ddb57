// From the device's answer to what lies in the picture.
#pragma once

#include <optional>
#include <vector>

#include <npu/client_types.hpp>

#include "services/detect/detect_options.hpp"
#include "services/kit/found_objects.hpp"
#include "services/kit/picture_input.hpp"
#include "vision/head.hpp"

namespace npu::detect {

using Found = kit::FoundObject;

// Best first. head: the only one that may be; nothing: whichever the outputs are. kInternal where
// the outputs are no detector's: what find_head() says. Takes time.
Result<std::vector<Found>> find_objects(const InferResult& result, const kit::Placement& placed,
                                        std::optional<vision::HeadKind> head,
                                        const DetectOptions& options);

}  // namespace npu::detect
