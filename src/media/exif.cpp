#include "media/exif.hpp"

#include <array>

namespace npu::media {

std::uint64_t TiffEntry::bytes() const {
  // BYTE, ASCII, SHORT, LONG, RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL, FLOAT, DOUBLE,
  // IFD of TIFF 6.0 and its supplement.
  constexpr std::array<std::uint8_t, 14> kSizes{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};
  return std::uint64_t{count} * (type < kSizes.size() ? kSizes.at(type) : 8U);
}

std::optional<int> exif_orientation(std::span<const std::byte> exif) {
  constexpr std::string_view kHeader("Exif\0\0", 6);
  if (ByteReader(exif).has(0, kHeader)) exif = exif.subspan(kHeader.size());
  if (!ByteReader(exif).has(0, "II*") && !ByteReader(exif).has(0, std::string_view("MM\0*", 4))) {
    return std::nullopt;
  }
  std::optional<int> orientation;
  read_tiff_directory(exif, [&](const TiffEntry& entry) {
    if (entry.tag != kOrientationTag || entry.value < 1 || entry.value > 8) return;
    orientation = static_cast<int>(entry.value);
  });
  return orientation;
}

}  // namespace npu::media
