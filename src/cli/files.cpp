#include "cli/files.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "base/ascii.hpp"

namespace npu::cli {
namespace {

constexpr std::uintmax_t kMaxBytes = std::uintmax_t{1} << 30;

}  // namespace

Result<std::vector<std::byte>> read_file(const std::string& path) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);
  if (failed) {
    const bool absent = failed == std::errc::no_such_file_or_directory;
    return fail(absent ? ErrorCode::kNotFound : ErrorCode::kInvalidArgument,
                fmt::format("cannot read {}: {}", path, failed.message()));
  }
  if (size > kMaxBytes)
    return fail(ErrorCode::kTooLarge, fmt::format("{} is larger than 1 GiB", path));
  std::ifstream file(path, std::ios::binary);
  std::vector<std::byte> bytes(size);
  if (!file ||
      !file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)));
  }
  return bytes;
}

Status write_file(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("cannot write {}: {}", path, std::generic_category().message(errno)));
  }
  return {};
}

std::string absolute_path(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path absolute = fs::absolute(path, failed);
  if (failed) return path;
  const fs::path normal = absolute.lexically_normal();
  const bool other = fs::exists(absolute, failed) && !fs::equivalent(absolute, normal, failed);
  return other ? absolute : normal;
}

std::string ending_of(const std::string& path) {
  return to_lower(std::filesystem::path(path).extension().native());
}

}  // namespace npu::cli
