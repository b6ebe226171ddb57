// What every decoder says of a picture that it cannot decode. Internal to media/.
#pragma once

#include <fmt/format.h>

#include <npu/result.hpp>

#include "media/image_probe.hpp"

namespace npu::media::codecs {

inline tl::unexpected<Error> malformed(ImageFormat format) {
  return fail(ErrorCode::kMalformed,
              fmt::format("the {} image cannot be decoded", name_of(format)));
}

}  // namespace npu::media::codecs
