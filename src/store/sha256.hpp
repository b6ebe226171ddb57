// SHA-256 (FIPS 180-4) of bytes and of files, as lower-case hexadecimal digits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <npu/result.hpp>

namespace npu::store {

class Sha256 {
 public:
  void add(std::span<const std::byte> bytes);
  // Ends the computation; the object is of no use afterwards.
  std::string finish();

 private:
  static constexpr std::size_t kBlock = 64;
  void absorb(const std::byte* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, kBlock> rest_{};
  std::size_t in_rest_ = 0;
  std::uint64_t total_ = 0;
};

// Reads the whole file; several seconds for a large model. kNotFound, kPermission or
// kInvalidArgument name it.
Result<std::string> sha256_of_file(const std::string& path);

}  // namespace npu::store
