// From the device's answer to what lies in the picture.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include <npu/client_types.hpp>

#include "base/clock.hpp"
#include "services/kit/found_objects.hpp"
#include "services/kit/network_outputs.hpp"
#include "services/segment/segment_options.hpp"
#include "vision/rle.hpp"
#include "vision/segment_head.hpp"

namespace npu::segment {

using Found = kit::FoundObject;

// The objects of one picture, best first, whose masks are made when they are asked for: of all at
// once they may be gigabytes. One thread at a time.
class PictureSegments {
 public:
  // head: the only one that may be; nothing: whichever the outputs are. kInternal where the outputs
  // are no segmenter's: what find_segment_head() says. Takes time. result and placed: copied.
  static Result<std::unique_ptr<PictureSegments>> find(const InferResult& result,
                                                       const kit::Placement& placed,
                                                       std::optional<vision::SegmentKind> head,
                                                       const SegmentOptions& options);
  PictureSegments(const PictureSegments&) = delete;
  PictureSegments& operator=(const PictureSegments&) = delete;

  std::size_t size() const { return found_.size(); }
  Found at(std::size_t i) const;
  // Of the size of the picture, within the object's box; may be empty. Takes time.
  vision::Rle mask(std::size_t i);

 private:
  PictureSegments(kit::NetworkOutputs outputs, const kit::Placement& placed);
  vision::SegmentOutputs outputs() const { return {outputs_.all(), outputs_.bytes()}; }
  void look(const SegmentOptions& options);

  kit::NetworkOutputs outputs_;
  kit::Placement placed_;
  vision::SegmentHead head_;
  std::optional<vision::Segments> segments_;
  std::vector<vision::Detection> found_;
};

// kTooLarge, with what the client may do.
Error masks_take_too_long(std::size_t objects, Millis max_time);

}  // namespace npu::segment
