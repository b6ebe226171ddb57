#include "rival.hpp"

#include <cstdio>
#include <fstream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "child.hpp"

namespace npu::bench {

std::vector<boost::json::value> run_rival(const std::string& script,
                                          const std::vector<std::string>& arguments) {
  const std::string command = fmt::format("'{}' -B '{}/{}' '{}'", NPU_PYTHON, NPU_BENCH_SOURCES,
                                          script, fmt::join(arguments, "' '"));
  FILE* const rival = ::popen(command.c_str(), "r");
  if (rival == nullptr) give_up("cannot start " + command);
  std::string text(std::size_t{4} << 20, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), rival));
  if (::pclose(rival) != 0) give_up("it needs python3-numpy: " + command);
  std::vector<boost::json::value> answers;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    answers.push_back(boost::json::parse(text.substr(at, text.find('\n', at) - at)));
  }
  return answers;
}

void write_floats(const std::filesystem::path& file, std::span<const float> values) {
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size_bytes()));
}

}  // namespace npu::bench
