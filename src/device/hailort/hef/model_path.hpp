// A path by which HailoRT can read a model file.
#pragma once

#include <string>

#include "device/device.hpp"

namespace npu::device::hailort {

// Where the file was given by descriptor: its path, if that still leads to the same file and may be
// read, else the descriptor under /proc. Never /proc/self: the server on the chip looks whether it
// has a file of the same absolute path, and everybody has a /proc/self/fd/5. Absolute, usable as
// long as file.fd is open.
std::string readable_path(const ModelFile& file);

}  // namespace npu::device::hailort
