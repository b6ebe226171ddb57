// How long does it take to find the nearest of 100,000 embeddings? The scan of services/face
// against numpy's product of matrix and vector (faces_rival.py, one thread, OpenBLAS) and against
// the floor: reading as many bytes. All in the same run, on the same numbers; both must find the
// same rows. Compared are lower quartiles: such short work is mostly disturbed by what else the
// machine does.
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "child.hpp"
#include "rival.hpp"
#include "run.hpp"
#include "samples.hpp"
#include "services/face/store/embedding_index.hpp"

namespace npu::bench {
namespace {

constexpr std::size_t kDimension = 512;
constexpr std::size_t kQueries = 8;
constexpr double kGoalMs = 20;

std::vector<float> random_rows(std::size_t count) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> rows(count * kDimension);
  for (float& value : rows) value = normal(random);
  for (std::size_t i = 0; i < count; ++i) {
    if (!face::normalise(std::span(rows).subspan(i * kDimension, kDimension))) give_up("no length");
  }
  return rows;
}

// Sums of whole words, so that nothing but the memory takes time.
std::uint64_t read_all(std::span<const float> rows) {
  const auto* const words = reinterpret_cast<const std::uint64_t*>(rows.data());
  const std::size_t count = rows.size() / 2;
  std::uint64_t sums[8] = {};
  for (std::size_t i = 0; i + 8 <= count; i += 8) {
    for (std::size_t k = 0; k < 8; ++k) sums[k] += words[i + k];
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t one : sums) sum += one;
  return sum;
}

int run(Run run) {
  const std::size_t rows = run.pick<std::size_t>(100'000, 2'000);
  const int rounds = run.pick(60, 3);
  const std::vector<float> numbers = random_rows(rows + kQueries);
  const auto row = [&](std::size_t i) {
    return std::span(numbers).subspan(i * kDimension, kDimension);
  };
  face::EmbeddingIndex index(kDimension);
  for (std::size_t i = 0; i < rows; ++i) {
    index.add(static_cast<std::int64_t>(i) + 1, static_cast<std::int64_t>(i), row(i));
  }
  std::vector<std::span<const float>> queries;
  queries.reserve(kQueries);
  for (std::size_t i = 0; i < kQueries; ++i) queries.push_back(row(rows + i));

  Samples one;
  Samples eight;
  Samples floor;
  std::uint64_t seen = 0;
  std::vector<std::optional<face::Nearest>> found;
  const auto measure = [&] {
    for (int i = 0; i < rounds / 2 + 1; ++i) {
      one.add(time_of([&] { (void)index.nearest(std::span(queries).first(1)); }));
      eight.add(time_of([&] { found = index.nearest(queries); }));
      floor.add(time_of([&] { seen += read_all(std::span(numbers).first(rows * kDimension)); }));
    }
  };
  const Scratch scratch;
  write_floats(scratch.path() / "numbers.f32", numbers);
  measure();
  const auto rival = run_rival("faces_rival.py", {(scratch.path() / "numbers.f32").string(),
                                                  std::to_string(rows), std::to_string(rounds)});
  if (rival.size() != 1) give_up("faces_rival.py has not answered");
  measure();

  bool agree = seen != 0;
  const auto& theirs = rival[0].at("nearest").as_array();
  for (std::size_t i = 0; i < kQueries; ++i) {
    agree = agree && found[i] && found[i]->identity == theirs.at(i).to_number<std::int64_t>();
  }
  const double ours = one.percentile(25);
  const double numpy = rival[0].at("ms").to_number<double>();
  const double least = floor.percentile(25);
  fmt::print(
      "{} x {}: one query {:.1f} ms, numpy {:.1f} ms (x {:.2f}), reading it {:.1f} ms (x {:.2f})\n",
      rows, kDimension, ours, numpy, numpy / ours, least, ours / least);
  fmt::print("eight queries {:.1f} ms\n", eight.percentile(25));
  run.goal("the same is found", agree);
  if (!agree) return 1;  // however few rounds
  run.goal("at most 20 ms", ours <= kGoalMs);
  run.goal("at most 1.5 times as long as reading it", ours <= 1.5 * least);
  return run.exit_code();
}

}  // namespace
}  // namespace npu::bench

int main(int argc, char** argv) { return npu::bench::run({argc, argv}); }
