// Looking through hundreds of thousands of scores for the few that count.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <type_traits>

namespace npu::vision {

using Values = std::span<const float>;

inline constexpr float kInfinity = std::numeric_limits<float>::infinity();

inline float sigmoid(float x) { return 1.F / (1.F + std::exp(-x)); }

// How scores are written. `least`: the threshold as they are, so that nothing below it is computed.
struct Scores {
  bool logits = false;
  float least = 0;

  static Scores of(bool logits, float threshold) {
    if (!logits) return {false, threshold};
    if (threshold <= 0) return {true, -kInfinity};
    if (threshold >= 1) return {true, kInfinity};
    return {true, std::log(threshold / (1 - threshold))};
  }
  float operator()(float raw) const { return logits ? sigmoid(raw) : raw; }
};

// Loops over so many are vectorised: their length is known, and integers may be reduced in any
// order.
inline constexpr std::size_t kBlock = 256;
using BlockCount = std::integral_constant<std::size_t, kBlock>;

// Dequantised probabilities may lie a step outside 0..1; of the logits of a picture most lie far
// below.
inline constexpr float kSlack = 0.1F;

inline bool any_no_probability(const float* values, std::size_t count) {
  int outside = 0;
  for (std::size_t i = 0; i < count; ++i) {
    outside |= static_cast<int>(values[i] < -kSlack) | static_cast<int>(values[i] > 1 + kSlack);
  }
  return outside != 0;
}

inline bool are_logits(Values values) {
  std::size_t at = 0;
  for (; values.size() - at >= kBlock; at += kBlock) {
    if (any_no_probability(values.data() + at, kBlock)) return true;
  }
  return any_no_probability(values.data() + at, values.size() - at);
}

inline bool block_reaches(const float* values, float least) {
  int reaches = 0;
  for (std::size_t i = 0; i < kBlock; ++i) reaches |= static_cast<int>(values[i] >= least);
  return reaches != 0;
}

// The first from `at` on that is at least `least`; values.size() where there is none.
inline std::size_t next_reaching(Values values, std::size_t at, float least) {
  while (values.size() - at >= kBlock && !block_reaches(values.data() + at, least)) at += kBlock;
  while (at < values.size() && !(values[at] >= least)) ++at;
  return at;
}

inline float greater(float most, float value) { return value > most ? value : most; }

// Each of `most` becomes the greatest of it and its neighbours in `rows` rows of values at a
// distance of `step`; NaN is never greater. Four rows at once, so that `most` is read and written
// a quarter as often. Count: std::size_t, or a constant that lets the compiler vectorise.
template <class Count>
void raise(float* most, const float* values, std::size_t step, std::size_t rows, Count count) {
  for (; rows >= 4; rows -= 4, values += 4 * step) {
    const float* second = values + step;
    const float* third = second + step;
    const float* fourth = third + step;
    for (std::size_t i = 0; i < count; ++i) {
      most[i] =
          greater(greater(greater(greater(most[i], values[i]), second[i]), third[i]), fourth[i]);
    }
  }
  for (; rows > 0; --rows, values += step) {
    for (std::size_t i = 0; i < count; ++i) most[i] = greater(most[i], values[i]);
  }
}

// The index of the greatest; 0 where all are NaN.
inline int best_of(Values values) {
  int best = 0;
  float most = -kInfinity;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!(values[i] > most)) continue;
    most = values[i];
    best = static_cast<int>(i);
  }
  return best;
}

}  // namespace npu::vision
