// Bounds-checked reading of numbers from bytes. Internal to media/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace npu::media {

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes, bool big_endian = true)
      : bytes_(bytes), big_(big_endian) {}

  std::size_t size() const { return bytes_.size(); }

  // N bytes at offset as a number; empty where they are not all there.
  template <int N>
  std::optional<std::uint32_t> number(std::size_t offset) const {
    static_assert(N >= 1 && N <= 4);
    if (offset > bytes_.size() || bytes_.size() - offset < N) return std::nullopt;
    std::uint32_t value = 0;
    for (int i = 0; i < N; ++i) {
      const auto at = offset + static_cast<std::size_t>(big_ ? i : N - 1 - i);
      value = (value << 8) | std::to_integer<std::uint32_t>(bytes_[at]);
    }
    return value;
  }
  std::optional<std::uint32_t> u8(std::size_t offset) const { return number<1>(offset); }
  std::optional<std::uint32_t> u16(std::size_t offset) const { return number<2>(offset); }
  std::optional<std::uint32_t> u32(std::size_t offset) const { return number<4>(offset); }

  bool has(std::size_t offset, std::string_view text) const {
    if (offset > bytes_.size() || bytes_.size() - offset < text.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (bytes_[offset + i] != static_cast<std::byte>(text[i])) return false;
    }
    return true;
  }

 private:
  std::span<const std::byte> bytes_;
  bool big_;
};

}  // namespace npu::media
