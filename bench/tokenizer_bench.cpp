// How fast does text become tokens? src/text/tokenizer against Hugging Face's tokenizers for
// JavaScript (tokenizer_rival.py) with the files of published models, on this project's own
// documents, in the same run, each on one core; both must make as many tokens. Without the rival's
// packages (scripts/fetch-clients) there is nothing to measure.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "child.hpp"
#include "rival.hpp"
#include "run.hpp"
#include "samples.hpp"
#include "text/tokenizer/tokenizer.hpp"

namespace npu::bench {
namespace {

constexpr double kGoal = 5;  // times as fast
constexpr double kGoalMbPerSecond = 5;

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int measure(Run& run, const boost::json::value& rival, const std::vector<std::string>& texts,
            int rounds) {
  const std::string name(rival.at("name").as_string());
  Samples loads;
  Samples encodes;
  std::size_t tokens = 0;
  std::size_t bytes = 0;
  for (const auto& text : texts) bytes += text.size();
  for (int i = 0; i < rounds; ++i) {
    const std::string json = text_of(std::string(rival.at("file").as_string()));
    auto tokenizer = text::Tokenizer::from_json(json);
    if (!tokenizer) give_up(name + ": " + tokenizer.error().message);
    loads.add(time_of([&] { (void)text::Tokenizer::from_json(json); }));
    tokens = 0;
    encodes.add(time_of([&] {
      for (const auto& text : texts) {
        tokens += tokenizer->encode(text, {.reads_special = true}).value().size();
      }
    }));
  }
  const double theirs = rival.at("ms").to_number<double>();
  const double rate = static_cast<double>(bytes) / encodes.median() / 1e3;
  fmt::print(
      "{}: {} tokens of {} kB, {:.1f} MB/s, JavaScript {:.1f} MB/s (x {:.1f}); read in {:.0f} ms\n",
      name, tokens, bytes / 1000, rate, static_cast<double>(bytes) / theirs / 1e3,
      theirs / encodes.median(), loads.median());
  const bool same = tokens == rival.at("tokens").to_number<std::size_t>();
  run.goal("as many tokens", same);
  run.goal(fmt::format("at least {} times as fast", kGoal), theirs >= kGoal * encodes.median());
  run.goal(fmt::format("at least {} MB/s", kGoalMbPerSecond), rate >= kGoalMbPerSecond);
  return same ? 0 : 1;
}

int run(Run run) {
  const int rounds = run.pick(7, 1);
  std::vector<std::string> arguments{std::to_string(rounds)};
  std::vector<std::string> texts;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(NPU_BENCH_DOCS)) {
    if (entry.path().extension() != ".md") continue;
    arguments.push_back(entry.path().string());
    texts.push_back(text_of(entry.path()));
  }
  const auto rivals = run_rival("tokenizer_rival.py", arguments);
  if (rivals.empty()) fmt::print("nothing to compare with: scripts/fetch-clients has not run\n");
  int worst = 0;
  for (const auto& rival : rivals) worst = std::max(worst, measure(run, rival, texts, rounds));
  return worst != 0 ? worst : run.exit_code();
}

}  // namespace
}  // namespace npu::bench

int main(int argc, char** argv) { return npu::bench::run({argc, argv}); }
