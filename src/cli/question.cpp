#include "cli/question.hpp"

#include <cstdio>
#include <iostream>
#include <string>

#include <unistd.h>

#include <fmt/format.h>

#include "base/ascii.hpp"

namespace npu::cli {

bool agrees(std::string_view question) {
  if (::isatty(STDIN_FILENO) == 0) return false;
  fmt::print("{} [y/N] ", question);
  std::fflush(stdout);
  std::string answer;
  std::getline(std::cin, answer);
  const std::string word = to_lower(trim(answer));
  return word == "y" || word == "yes";
}

}  // namespace npu::cli
