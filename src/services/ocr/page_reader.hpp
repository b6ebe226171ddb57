// From a picture to what is written in it.
#pragma once

#include <memory>
#include <optional>

#include <npu/replies.hpp>

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

// Used on the event loop.
class PageReader {
 public:
  explicit PageReader(const TileRules& tiles) : tiles_(tiles) {}

  // Of each load. Pages that are being read go on with the networks of before.
  Status use(const LoadedModel& model);
  // nullptr before the first load.
  const std::shared_ptr<const Networks>& networks() const { return networks_; }

  // kInvalidArgument where nothing reads one of the languages.
  awaitable<Result<Page>> read(const Calls& calls, const media::Image& picture,
                               const OcrOptions& options) const;

 private:
  TileRules tiles_;
  std::shared_ptr<const Networks> networks_;
};

}  // namespace npu::ocr
