#include "store/hef_header.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/unique_fd.hpp"

namespace npu::store {
namespace {

constexpr std::string_view kMagic = "\x01HEF";
constexpr std::uint32_t kNewestVersion = 3;     // whose header is known
constexpr std::uint32_t kHighestVersion = 255;  // that can be a number of a version
constexpr std::size_t kLookedAt = 64;

struct Known {
  std::string_view beginning;
  std::string_view what;
};

// What people have under the name of a model.
constexpr Known kOthers[] = {
    {"version https://git-lfs", "a placeholder of Git LFS; fetch the content with: git lfs pull"},
    {"<!DOCTYPE", "a web page; the download went wrong"},
    {"<!doctype", "a web page; the download went wrong"},
    {"<html", "a web page; the download went wrong"},
    {"<?xml", "an XML text, perhaps the error message of a download"},
    {"\x1f\x8b", "gzip-compressed; unpack it first"},
    {"PK\x03\x04", "a zip archive (.har and .alls belong to the compiler, not to the device)"},
    {"\x7f"
     "ELF",
     "a program"},
    {"\x08", "perhaps an ONNX model, which the device cannot read; it must be compiled"},
};

std::uint32_t big_endian(std::span<const std::byte> bytes) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes.first(4)) value = value << 8 | std::to_integer<unsigned>(byte);
  return value;
}

std::string what_it_is(std::string_view text) {
  for (const auto& other : kOthers) {
    if (text.starts_with(other.beginning)) return fmt::format("; it is {}", other.what);
  }
  if (std::ranges::all_of(text, [](char c) { return c == 0; })) {
    return "; it begins with zeros, as a download that was not finished";
  }
  return {};
}

std::string reason(int number) { return std::generic_category().message(number); }

ErrorCode code_of(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR: return ErrorCode::kNotFound;
    case EACCES:
    case EPERM: return ErrorCode::kPermission;
    default: return ErrorCode::kInvalidArgument;
  }
}

}  // namespace

Result<HefHeader> parse_hef_header(std::span<const std::byte> first, std::uint64_t file_bytes) {
  const std::string_view text(reinterpret_cast<const char*>(first.data()), first.size());
  if (file_bytes == 0) return fail(ErrorCode::kMalformed, "no HEF file: it is empty");
  if (!text.starts_with(kMagic)) {
    return fail(ErrorCode::kMalformed, "no HEF file" + what_it_is(text));
  }
  if (first.size() < kHefHeaderBytes) {
    return fail(ErrorCode::kMalformed,
                fmt::format("no complete HEF file: it has only {} bytes", file_bytes));
  }
  const HefHeader header{big_endian(first.subspan(4)), big_endian(first.subspan(8)), file_bytes};
  if (header.version > kHighestVersion) {
    return fail(ErrorCode::kMalformed,
                fmt::format("HEF format {}: the file is damaged", header.version));
  }
  if (header.version > kNewestVersion) return header;  // HailoRT's to judge
  if (header.description_bytes == 0) {
    return fail(ErrorCode::kMalformed, "no complete HEF file: its description has no length");
  }
  if (header.description_bytes > file_bytes - kHefHeaderBytes) {
    return fail(
        ErrorCode::kMalformed,
        fmt::format("no complete HEF file: it has {} bytes, and its description alone takes "
                    "{}; load it down again",
                    file_bytes, header.description_bytes));
  }
  return header;
}

Result<HefHeader> read_hef_header(const std::string& path) {
  const auto cannot_read = [&](int number) {
    return fail(code_of(number), fmt::format("cannot read {}: {}", path, reason(number)));
  };
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return cannot_read(errno);
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) return cannot_read(errno);
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is no regular file", path));
  }
  std::array<std::byte, kLookedAt> first{};
  const ssize_t got = ::pread(file.get(), first.data(), first.size(), 0);
  if (got < 0) return cannot_read(errno);
  return parse_hef_header(std::span(first).first(static_cast<std::size_t>(got)),
                          static_cast<std::uint64_t>(info.st_size));
}

}  // namespace npu::store
