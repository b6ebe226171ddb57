#include "store/hef_header.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
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
constexpr std::uint32_t kHighestVersion = 255;  // that can be a number of a version
constexpr std::size_t kCommonBytes = 12;        // of the header, in every version
constexpr std::size_t kLookedAt = 64;
static_assert(kLookedAt >= kHefHeaderBytes);

// Where a version has the lengths of what follows the description; 0: nothing follows.
struct Layout {
  std::size_t header_bytes;
  std::size_t weights_at;
  std::size_t resources_at;
  std::size_t padding_at;
};
constexpr Layout kLayouts[] = {{32, 0, 0, 0}, {28, 16, 0, 0}, {44, 20, 0, 0}, {56, 20, 32, 28}};

struct Known {
  std::string_view beginning;
  std::string_view what;
};

// What people have under the name of a model: of any model, and of a HEF file.
constexpr Known kNoModels[] = {
    {"version https://git-lfs", "a placeholder of Git LFS; fetch the content with: git lfs pull"},
    {"<!DOCTYPE", "a web page; the download went wrong"},
    {"<!doctype", "a web page; the download went wrong"},
    {"<html", "a web page; the download went wrong"},
    {"<HTML", "a web page; the download went wrong"},
    {"<?xml", "an XML text, perhaps the error message of a download"},
};
constexpr Known kOthers[] = {
    {"\x1f\x8b", "gzip-compressed; unpack it first"},
    {"PK\x03\x04", "a zip archive (.har and .alls belong to the compiler, not to the device)"},
    {"\x7f"
     "ELF",
     "a program"},
    {"\x08", "perhaps an ONNX model, which the device cannot read; it must be compiled"},
};

std::string_view among(std::span<const Known> kinds, std::string_view text) {
  for (const auto& kind : kinds) {
    if (text.starts_with(kind.beginning)) return kind.what;
  }
  return {};
}

template <class Number>
Number big_endian(std::span<const std::byte> bytes, std::size_t at) {
  Number value = 0;
  for (const std::byte byte : bytes.subspan(at, sizeof(Number))) {
    value = static_cast<Number>(value << 8) | std::to_integer<Number>(byte);
  }
  return value;
}

// What the whole file has, the greatest number where that is more.
std::uint64_t whole_bytes(const Layout& layout, std::span<const std::byte> header) {
  std::uint64_t sum = layout.header_bytes + big_endian<std::uint32_t>(header, 8);
  for (const std::size_t at : {layout.weights_at, layout.resources_at}) {
    if (at == 0) continue;
    const auto part = big_endian<std::uint64_t>(header, at);
    sum += std::min(part, std::numeric_limits<std::uint64_t>::max() - sum);
  }
  return sum;
}

std::string what_it_is(std::string_view text) {
  for (const std::span<const Known> kinds : {std::span<const Known>(kNoModels), {kOthers}}) {
    if (const auto what = among(kinds, text); !what.empty()) return fmt::format("; it is {}", what);
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

tl::unexpected<Error> cannot_read(const std::string& name, int number) {
  return fail(code_of(number), fmt::format("cannot read {}: {}", name, reason(number)));
}

}  // namespace

std::string_view placeholder_or_page(std::string_view beginning) {
  return among(kNoModels, beginning);
}

Result<HefHeader> parse_hef_header(std::span<const std::byte> first, std::uint64_t file_bytes) {
  const std::string_view text(reinterpret_cast<const char*>(first.data()), first.size());
  if (file_bytes == 0) return fail(ErrorCode::kMalformed, "no HEF file: it is empty");
  if (!text.starts_with(kMagic)) {
    return fail(ErrorCode::kMalformed, "no HEF file" + what_it_is(text));
  }
  const auto too_short = [&] {
    return fail(ErrorCode::kMalformed,
                fmt::format("no complete HEF file: it has only {} bytes", file_bytes));
  };
  if (first.size() < kCommonBytes) return too_short();
  HefHeader header{.version = big_endian<std::uint32_t>(first, 4),
                   .description_bytes = big_endian<std::uint32_t>(first, 8),
                   .file_bytes = file_bytes};
  if (header.version > kHighestVersion) {
    return fail(ErrorCode::kMalformed,
                fmt::format("HEF format {}: the file is damaged", header.version));
  }
  if (header.version >= std::size(kLayouts)) return header;  // HailoRT's to judge
  const Layout& layout = kLayouts[header.version];
  if (first.size() < layout.header_bytes) return too_short();
  if (header.description_bytes == 0) {
    return fail(ErrorCode::kMalformed, "no complete HEF file: its description has no length");
  }
  if (const auto whole = whole_bytes(layout, first); file_bytes < whole) {
    return fail(ErrorCode::kMalformed,
                fmt::format("no complete HEF file: it is cut off after {} of {} bytes; load it "
                            "down again",
                            file_bytes, whole));
  }
  const std::uint32_t padding =
      layout.padding_at > 0 ? big_endian<std::uint32_t>(first, layout.padding_at) : 0;
  header.header_bytes = layout.header_bytes;
  header.data_begin = layout.header_bytes + std::uint64_t{header.description_bytes} + padding;
  return header;
}

Result<HefHeader> read_hef_header(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return cannot_read(path, errno);
  return read_hef_header(file.get(), path);
}

Result<HefHeader> read_hef_header(int fd, const std::string& name) {
  struct stat info{};
  if (::fstat(fd, &info) != 0) return cannot_read(name, errno);
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is no regular file", name));
  }
  std::array<std::byte, kLookedAt> first{};
  const ssize_t got = ::pread(fd, first.data(), first.size(), 0);
  if (got < 0) return cannot_read(name, errno);
  return parse_hef_header(std::span(first).first(static_cast<std::size_t>(got)),
                          static_cast<std::uint64_t>(info.st_size));
}

}  // namespace npu::store
