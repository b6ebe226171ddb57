// Reads texts, a JSON string a line, and writes the numbers of their tokens, a line each.
//
//   clip_tokens MERGES < texts
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "json/parse.hpp"
#include "text/clip_bpe.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ifstream file(argv[1], std::ios::binary);
  const auto bpe =
      npu::text::ClipBpe::from_merges(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!bpe) {
    std::cerr << bpe.error().message << '\n';
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);) {
    const auto text = npu::json::parse(line);
    if (!text || !text->is_string()) return 1;
    std::cout << fmt::format("{}\n", fmt::join(bpe->encode(text->get_string()), " "));
  }
  return 0;
}
