// Embeddings, and how near to each other they are.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace npu::clip {

using Vector = std::vector<float>;

// To length 1: divided by the length + 1e-8, as the Python project does. Zeros stay zeros.
void normalise(std::span<float> vector);

// The mean of vectors of one dimension, at least one, normalised.
Vector mean_of(std::span<const Vector> vectors);

// dot / (length * length + 1e-8), in double precision. Of one dimension.
double cosine(std::span<const float> a, std::span<const float> b);

enum class ScoreMode {
  kAuto,     // as the Python project: one prompt's score is its cosine, those of several a softmax
  kCosine,   // -1..1
  kSoftmax,  // of logit_scale * cosine; they add up to 1
};

struct ScoreRules {
  ScoreMode mode = ScoreMode::kAuto;
  double logit_scale = 100;
  double threshold = 0;   // of scores that are kept
  std::size_t top_k = 3;  // as many of these at most
};

struct Score {
  std::size_t prompt = 0;  // its index
  double score = 0;
};

// The prompts that are kept, best first, of equals the earlier one first. First the threshold
// counts, then top_k.
std::vector<Score> rank(std::span<const float> picture, std::span<const Vector> prompts,
                        const ScoreRules& rules);

}  // namespace npu::clip
