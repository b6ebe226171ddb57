// Where text is in a picture: its parts go through the detector one after the other, their maps
// become one, and lines are looked for in that. So a line over a border is found as any other.
#pragma once

#include <vector>

#include "media/image.hpp"
#include "services/ocr/calls.hpp"
#include "services/ocr/networks.hpp"
#include "services/ocr/tiles.hpp"
#include "vision/text_map.hpp"

namespace npu::ocr {

// In pixels of the picture, which may have any size. What the references name outlives the call.
awaitable<Result<std::vector<vision::TextRegion>>> find_text(const Calls& calls,
                                                             const media::Image& picture,
                                                             const Detector& detector,
                                                             const TileRules& tiles,
                                                             const vision::TextMapRules& rules);

}  // namespace npu::ocr
