// tokenize FILE: lines of JSON strings from standard input, their tokens and what these say as
// JSON.
//
// For tests that compare with other implementations.
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "json/parse.hpp"
#include "json/write.hpp"
#include "text/tokenizer/tokenizer.hpp"

namespace {

int run(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string json{std::istreambuf_iterator<char>(file), {}};
  const auto tokenizer = npu::text::Tokenizer::from_json(json);
  if (!tokenizer) {
    std::cerr << path << ": " << tokenizer.error().message << "\n";
    return 1;
  }
  for (std::string line; std::getline(std::cin, line);) {
    const auto text = npu::json::parse(line);
    if (!text || !text->is_string()) return 2;
    const auto ids = tokenizer->encode(std::string_view(text->get_string()),
                                       {.adds_special = true, .reads_special = true});
    boost::json::object answer;
    if (ids) {
      answer["ids"] = boost::json::array(ids->begin(), ids->end());
      answer["text"] = tokenizer->decode(*ids);
    } else {
      answer["error"] = ids.error().message;
    }
    std::cout << npu::json::write(answer) << "\n";
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) { return argc == 2 ? run(argv[1]) : 2; }
