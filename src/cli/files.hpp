// Whole files, with errors that name them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

namespace npu::cli {

// kNotFound, kPermission, or kTooLarge beyond 1 GiB.
Result<std::vector<std::byte>> read_file(const std::string& path);
// Replaces the file.
Status write_file(const std::string& path, std::string_view bytes);

// The path from the root, without "." and "..", except where ".." follows a link: there the text
// without it would be another file.
std::string absolute_path(const std::string& path);

// ".npy" of "a/b.NPY": the ending in lower case.
std::string ending_of(const std::string& path);

}  // namespace npu::cli
