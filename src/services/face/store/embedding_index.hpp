// Exact search among embeddings: all of them are compared, one after the other as they lie in
// memory. 100,000 of 512 numbers are 205 MB, which a core reads in about 10 ms; an index that is
// built would have to forget people who are deleted (docs/adr/0081).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace npu::face {

struct Nearest {
  std::int64_t identity = 0;
  float cosine = -1;
};

// Embeddings of one model. Rows are added and removed; each has a number that is never used again
// and rises. One thread at a time; searches may run beside each other.
class EmbeddingIndex {
 public:
  // dimension: at least 1.
  explicit EmbeddingIndex(std::size_t dimension) : dimension_(dimension) {}

  std::size_t dimension() const { return dimension_; }
  std::size_t size() const { return ids_.size(); }
  // Of the rows, rising.
  std::span<const std::int64_t> ids() const { return ids_; }

  // id: above all there are. The vector has dimension() numbers and length 1.
  void add(std::int64_t id, std::int64_t identity, std::span<const float> vector);
  // Keeps the rows with these numbers, which rise; others are forgotten, in memory as well.
  void keep(std::span<const std::int64_t> ids);

  // The nearest of each query, of any identity; nothing where there are no rows. Each query has
  // dimension() numbers and length 1. Time: size() * dimension() for each four queries, about.
  std::vector<std::optional<Nearest>> nearest(
      std::span<const std::span<const float>> queries) const;

 private:
  std::size_t dimension_;
  std::vector<std::int64_t> ids_;
  std::vector<std::int64_t> identities_;
  std::vector<float> rows_;
};

// Divides by the length. False where that is no finite number above 0: it is no embedding then.
bool normalise(std::span<float> vector);

float dot(const float* a, const float* b, std::size_t count);

}  // namespace npu::face
