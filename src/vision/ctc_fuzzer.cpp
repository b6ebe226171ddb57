// Classes and scores as they lie in memory, of a network that reads a strip of these pixels.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "vision/ctc.hpp"
#include "vision/text_gaps.hpp"

namespace {

constexpr int kHeight = 8;
constexpr std::size_t kMostSteps = 256;

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace npu;
  if (size < 2) return 0;
  const int strip_width = 1 + data[0];
  const int text_width = 1 + data[1] % strip_width;
  const std::size_t steps = std::min((size - 2) / (2 * sizeof(float)), kMostSteps);
  if (steps == 0) return 0;
  std::vector<float> best(2 * steps);
  std::memcpy(best.data(), data + 2, best.size() * sizeof(float));
  // Half of the classes that come are small whole numbers, so that there is text.
  for (std::size_t i = 0; i < best.size(); i += 4) best[i] = static_cast<float>(data[2 + i] % 100);

  std::vector<std::uint8_t> strip(std::size_t{3} * kHeight * static_cast<std::size_t>(strip_width));
  for (std::size_t i = 0; i < strip.size(); ++i) strip[i] = data[i % size];
  const auto gaps = vision::find_gaps(strip, {text_width, kHeight}, strip_width);
  for (const auto& gap : gaps) require(gap.from >= 0 && gap.from <= gap.to && gap.to <= 1);

  static const std::vector<vision::Alphabet> kAlphabets{
      vision::Alphabet::latin97(), vision::Alphabet({"，", "一", "a", "！", " "}),
      vision::Alphabet()};
  for (const auto& alphabet : kAlphabets) {
    auto read = vision::read_ctc(best, alphabet);
    vision::narrow_punctuation(read);
    vision::add_spaces(read, gaps, static_cast<double>(kHeight) / strip_width);
    vision::tidy_spaces(read);
    require(read.text.find("  ") == std::string::npos);
    std::string text;
    for (const auto& character : read.characters) {
      require(character.from >= 0 && character.from <= character.to && character.to <= 1);
      text += character.text;
    }
    require(text == read.text);
  }
  return 0;
}
