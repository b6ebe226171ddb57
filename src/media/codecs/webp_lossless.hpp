// The head of a lossless WebP (VP8L, RFC 9649 section 3). Internal to media/.
//
// libwebp builds the tables of all groups of prefix codes in one call, some 5 to 20 KB for each,
// and a file may have 65,536 of them; this tells their number beforehand.
#pragma once

#include <cstddef>
#include <cstdint>

#include <npu/result.hpp>

#include "media/codecs/codecs.hpp"
#include "media/cpu_budget.hpp"

namespace npu::media::codecs {

struct LosslessHead {
  // One more than the largest number of a group that the entropy image names. libwebp makes no
  // more; where the numbers have gaps, some versions make fewer.
  std::uint32_t groups = 1;
  std::size_t bits = 0;  // of the bitstream, before the codes of the first group
};

// `bitstream` is what the chunk VP8L holds. Takes 30 KB of stack and no other memory, and time for
// each bit it passes and each pixel of the transforms' images and the entropy image. kMalformed:
// libwebp refuses it too. kTooLarge: out of budget.
Result<LosslessHead> read_lossless_head(Bytes bitstream, const CpuBudget& budget);

}  // namespace npu::media::codecs
