// CRC-32 of results of Pillow 9.4.0, Image.resize((w, h), Image.BICUBIC), of RGB and grey samples
// as those of resize_golden.hpp:
//
//   zlib.crc32(Image.frombytes("RGB", (w, h), noise(w * h * 3)).resize(to,
//   Image.BICUBIC).tobytes())
#pragma once

#include <array>
#include <cstdint>

namespace npu::media {

struct BicubicCase {
  int in_width, in_height, out_width, out_height;
  std::uint32_t rgb, grey;
};

inline constexpr std::array<BicubicCase, 9> kBicubicCases{{
    {7, 5, 3, 2, 0xc3338c07U, 0x90b20995U},
    {7, 5, 13, 9, 0xf5e35c44U, 0x2995ea06U},
    {64, 48, 20, 11, 0xb7fd891bU, 0xcdebfa53U},
    {64, 48, 64, 11, 0xf0faff98U, 0x1d81a15aU},
    {64, 48, 20, 48, 0xd575623eU, 0x878f33d2U},
    {33, 57, 97, 130, 0x8e93ee15U, 0xd22e9110U},
    {200, 3, 7, 50, 0x724b4c0cU, 0xab361f9fU},
    {1, 1, 5, 4, 0xb9e8b73aU, 0x1be9f768U},
    {300, 200, 31, 17, 0xe16aa8b5U, 0x7102616fU},
}};

}  // namespace npu::media
