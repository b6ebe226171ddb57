// From a picture to what is written in it.
#pragma once

#include <vector>

#include "media/image.hpp"
#include "services/ocr/calls.hpp"
#include "services/ocr/networks.hpp"
#include "services/ocr/ocr_options.hpp"
#include "services/ocr/page.hpp"
#include "services/ocr/tiles.hpp"

namespace npu::ocr {

// Regions in the order in which people read them; of a page that was photographed on its side or
// upside down as if it were upright. regions: with text, in any order.
Page ordered_page(std::vector<Region> regions, media::Size size);

// kInvalidArgument where nothing reads one of the languages. What the references name outlives the
// call.
awaitable<Result<Page>> read_page(const Calls& calls, const Networks& networks,
                                  const TileRules& tiles, const media::Image& picture,
                                  const OcrOptions& options);

}  // namespace npu::ocr
