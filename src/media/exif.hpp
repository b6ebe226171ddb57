// Which way up a picture is, by what cameras write into it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "media/byte_reader.hpp"

namespace npu::media {

// The tag Orientation of EXIF data, with or without "Exif\0\0" before it; empty where it has none
// that is 1..8. What upright() takes.
std::optional<int> exif_orientation(std::span<const std::byte> exif);

inline constexpr std::uint32_t kOrientationTag = 274;

// An entry of a TIFF directory. `value`: the first of its numbers, where they lie in the entry.
struct TiffEntry {
  std::uint32_t tag = 0;
  std::uint32_t type = 0;
  std::uint32_t count = 0;
  std::uint32_t value = 0;

  std::uint64_t bytes() const;
};

// Calls on_entry(TiffEntry) for each entry of the first directory of a TIFF structure, which EXIF
// data is too; false where it is cut off.
template <class OnEntry>
bool read_tiff_directory(std::span<const std::byte> bytes, OnEntry on_entry) {
  const ByteReader in(bytes, !bytes.empty() && bytes[0] == std::byte{'M'});
  const auto directory = in.u32(4);
  const auto entries = directory ? in.u16(*directory) : std::nullopt;
  if (!entries) return false;
  for (std::size_t i = 0; i < *entries; ++i) {
    const std::size_t at = std::size_t{*directory} + 2 + i * 12;
    if (!in.u32(at + 8)) return false;
    TiffEntry entry{*in.u16(at), *in.u16(at + 2), *in.u32(at + 4), 0};
    const std::uint64_t one = entry.count == 0 ? 0 : entry.bytes() / entry.count;
    entry.value = one == 1 ? *in.u8(at + 8) : one == 2 ? *in.u16(at + 8) : *in.u32(at + 8);
    on_entry(entry);
  }
  return true;
}

}  // namespace npu::media
