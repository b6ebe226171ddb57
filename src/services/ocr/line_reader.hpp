// What lines of text say: cut out of the picture, straightened, sorted by width and read in
// batches.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "media/image.hpp"
#include "services/ocr/calls.hpp"
#include "services/ocr/networks.hpp"
#include "services/ocr/page.hpp"
#include "vision/quad.hpp"

namespace npu::ocr {

struct Line {
  std::string text;  // "": nothing was read
  float confidence = 0;
  std::vector<Word> words;
};

// One for each quad, in their order. What the references name outlives the call.
awaitable<Result<std::vector<Line>>> read_lines(const Calls& calls, const media::Image& picture,
                                                std::span<const vision::Quad> quads,
                                                const Recogniser& recogniser);

// Which of the quads the classifier takes for upside down, by their indices. input: of the
// classifier. It errs with what is long or blurred: who asks, reads such lines both ways.
awaitable<Result<std::vector<std::size_t>>> maybe_upside_down(const Calls& calls,
                                                              const media::Image& picture,
                                                              std::span<const vision::Quad> quads,
                                                              media::Size input);

}  // namespace npu::ocr
