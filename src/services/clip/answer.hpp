// What the service says, as clients want it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "media/image.hpp"
#include "services/clip/vectors.hpp"

namespace npu::clip {

// {"classifications": [{"text", "score", "rank"}], "inference_time_ms", "model"}, as the Python
// project has it; ranks are counted from 1.
std::string classify_text(std::span<const Score> scores, const std::vector<std::string>& prompts,
                          double milliseconds, std::string_view model);

// {"embedding": [numbers], "dimension", "model"}
std::string embedding_text(std::span<const float> vector, std::string_view model);

// [numbers], each with as many digits as give it back.
void append_vector(std::string& out, std::span<const float> vector);

// The best prompt and its score in the upper left corner; nothing where there is none.
void draw_on(media::Image& picture, std::span<const Score> scores,
             const std::vector<std::string>& prompts);

}  // namespace npu::clip
