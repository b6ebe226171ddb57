#include "store/checksum_file.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "base/ascii.hpp"
#include "store/part_file.hpp"

namespace npu::store {
namespace {

constexpr std::size_t kDigits = 64;

}  // namespace

Result<std::string> parse_sha256(const std::string& text) {
  std::string digits = to_lower(text);
  const bool right = digits.size() == kDigits && std::ranges::all_of(digits, [](unsigned char c) {
                       return std::isxdigit(c) != 0;
                     });
  if (right) return digits;
  return fail(ErrorCode::kInvalidArgument, "must be 64 hexadecimal digits, as sha256sum prints");
}

Result<std::string> recorded_sha256(const std::string& path) {
  const std::string record = path + ".sha256";
  std::error_code failed;
  if (!std::filesystem::exists(record, failed)) return std::string();
  std::ifstream file(record);
  std::string line(kDigits, '\0');
  file.read(line.data(), static_cast<std::streamsize>(line.size()));
  auto sum = file ? parse_sha256(line) : fail(ErrorCode::kMalformed, "");
  if (sum) return sum;
  return fail(
      ErrorCode::kMalformed,
      fmt::format("{} does not begin with 64 hexadecimal digits; remove it to begin anew", record));
}

Status record_sha256(const std::string& path, const std::string& sha256) {
  const std::string name = std::filesystem::path(path).filename().string();
  return replace_file(path + ".sha256", fmt::format("{}  {}\n", sha256, name));
}

}  // namespace npu::store
