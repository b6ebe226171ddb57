// A path by which HailoRT can read a model file.
#pragma once

#include <string>

#include "device/device.hpp"

namespace npu::device::hailort {

// Where the file was given by descriptor, that one under /proc: between a look at its own path and
// HailoRT's opening of it the path may come to lead elsewhere. Never /proc/self: the server on the
// chip looks whether it has a file of the same absolute path, and everybody has a /proc/self/fd/5.
// Absolute, usable as long as file.fd is open.
std::string readable_path(const ModelFile& file);

}  // namespace npu::device::hailort
