// Files that the fake HailoRT takes for HEFs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace npu::fakes {

// The first 12 bytes, and what a version has behind them: checksums, which are zeros, and the
// length of the weights.
inline std::string hef_header(std::uint32_t body_bytes, std::uint32_t version = 3,
                              std::uint32_t magic = 0x01484546, std::uint64_t weight_bytes = 0) {
  constexpr std::size_t kSizes[] = {32, 28, 44, 56};
  constexpr std::size_t kWeightsAt[] = {0, 16, 20, 20};
  std::string header;
  for (const std::uint32_t word : {magic, version, body_bytes}) {
    for (int shift = 24; shift >= 0; shift -= 8) header += static_cast<char>(word >> shift & 0xFF);
  }
  if (version > 3) return header;
  header.resize(kSizes[version]);
  for (std::size_t i = 0; kWeightsAt[version] > 0 && i < 8; ++i) {
    header[kWeightsAt[version] + i] = static_cast<char>(weight_bytes >> (56 - 8 * i) & 0xFF);
  }
  return header;
}

// body: YAML, as README.md beside this file says. Empty: the file's name says which model of the
// profile it is.
// weight_bytes: so many follow it in the file.
inline std::string hef(std::string_view body = {}, std::uint64_t weight_bytes = 0) {
  // A real one never has a description of no length.
  const std::string content = body.empty() ? std::string(4, '\0') : std::string(body);
  return hef_header(static_cast<std::uint32_t>(content.size()), 3, 0x01484546, weight_bytes) +
         content;
}

}  // namespace npu::fakes
