// Files that the fake HailoRT takes for HEFs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace npu::fakes {

// The 12 bytes before everything else in a HEF.
inline std::string hef_header(std::uint32_t body_bytes, std::uint32_t version = 3,
                              std::uint32_t magic = 0x01484546) {
  std::string header;
  for (const std::uint32_t word : {magic, version, body_bytes}) {
    for (int shift = 24; shift >= 0; shift -= 8) header += static_cast<char>(word >> shift & 0xFF);
  }
  return header;
}

// body: YAML, as README.md beside this file says. Empty: the file's name says which model of the
// profile it is.
inline std::string hef(std::string_view body = {}) {
  // A real one never has a description of no length.
  const std::string content = body.empty() ? std::string(4, '\0') : std::string(body);
  return hef_header(static_cast<std::uint32_t>(content.size())) + content;
}

}  // namespace npu::fakes
