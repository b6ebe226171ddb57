#include "services/clip/vectors.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace npu::clip {
namespace {

constexpr double kTiny = 1e-8;

double dot(std::span<const float> a, std::span<const float> b) {
  return std::transform_reduce(a.begin(), a.end(), b.begin(), 0.0, std::plus<>(),
                               [](double x, double y) { return x * y; });
}

double length(std::span<const float> vector) { return std::sqrt(dot(vector, vector)); }

void softmax(std::vector<Score>& scores, double scale) {
  const double most = std::ranges::max(scores, {}, &Score::score).score;
  double sum = 0;
  for (Score& one : scores) sum += one.score = std::exp(scale * (one.score - most));
  for (Score& one : scores) one.score /= sum;
}

bool wants_softmax(ScoreMode mode, std::size_t prompts) {
  return mode == ScoreMode::kSoftmax || (mode == ScoreMode::kAuto && prompts > 1);
}

}  // namespace

void normalise(std::span<float> vector) {
  const double by = length(vector) + kTiny;
  for (float& value : vector) value = static_cast<float>(value / by);
}

Vector mean_of(std::span<const Vector> vectors) {
  Vector mean(vectors.front().size());
  for (std::size_t i = 0; i < mean.size(); ++i) {
    double sum = 0;
    for (const Vector& vector : vectors) sum += vector[i];
    mean[i] = static_cast<float>(sum / static_cast<double>(vectors.size()));
  }
  normalise(mean);
  return mean;
}

double cosine(std::span<const float> a, std::span<const float> b) {
  return dot(a, b) / (length(a) * length(b) + kTiny);
}

std::vector<Score> rank(std::span<const float> picture, std::span<const Vector> prompts,
                        const ScoreRules& rules) {
  std::vector<Score> scores;
  scores.reserve(prompts.size());
  for (const Vector& prompt : prompts) scores.push_back({scores.size(), cosine(picture, prompt)});
  if (!scores.empty() && wants_softmax(rules.mode, prompts.size())) {
    softmax(scores, rules.logit_scale);
  }
  std::erase_if(scores, [&](const Score& one) { return !(one.score >= rules.threshold); });
  std::ranges::stable_sort(scores, std::ranges::greater(), &Score::score);
  scores.resize(std::min(scores.size(), rules.top_k));
  return scores;
}

}  // namespace npu::clip
