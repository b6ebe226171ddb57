#include "services/face/store/embedding_index.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace npu::face {
namespace {

// Sums that do not wait for each other: the compiler may not reorder additions of floats by itself.
constexpr std::size_t kSums = 32;

}  // namespace

float dot(const float* a, const float* b, std::size_t count) {
  std::array<float, kSums> sums{};
  std::size_t i = 0;
  for (; i + kSums <= count; i += kSums) {
    for (std::size_t k = 0; k < kSums; ++k) sums[k] += a[i + k] * b[i + k];
  }
  float sum = 0;
  for (; i < count; ++i) sum += a[i] * b[i];
  for (const float part : sums) sum += part;
  return sum;
}

bool normalise(std::span<float> vector) {
  double square = 0;
  for (const float value : vector) square += static_cast<double>(value) * value;
  const double length = std::sqrt(square);
  if (!std::isfinite(length) || !(length > 0)) return false;
  for (float& value : vector) value = static_cast<float>(value / length);
  return true;
}

void EmbeddingIndex::add(std::int64_t id, std::int64_t identity, std::span<const float> vector) {
  ids_.push_back(id);
  identities_.push_back(identity);
  rows_.insert(rows_.end(), vector.begin(), vector.end());
}

void EmbeddingIndex::keep(std::span<const std::int64_t> ids) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (!std::ranges::binary_search(ids, ids_[i])) continue;
    if (kept != i) {
      ids_[kept] = ids_[i];
      identities_[kept] = identities_[i];
      std::copy_n(&rows_[i * dimension_], dimension_, &rows_[kept * dimension_]);
    }
    ++kept;
  }
  std::fill(rows_.begin() + static_cast<std::ptrdiff_t>(kept * dimension_), rows_.end(), 0.F);
  ids_.resize(kept);
  identities_.resize(kept);
  rows_.resize(kept * dimension_);
}

std::vector<std::optional<Nearest>> EmbeddingIndex::nearest(
    std::span<const std::span<const float>> queries) const {
  std::vector<std::optional<Nearest>> best(queries.size());
  // Each row is read from memory once, whatever the number of queries.
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    const float* const row = &rows_[i * dimension_];
    for (std::size_t q = 0; q < queries.size(); ++q) {
      const float cosine = dot(row, queries[q].data(), dimension_);
      if (!best[q] || cosine > best[q]->cosine) best[q] = Nearest{identities_[i], cosine};
    }
  }
  return best;
}

}  // namespace npu::face
