// Opening and reading model files, with the same errors on every device.
//
// Messages name a file by its base name only: the directory is the server's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"
#include "device/device.hpp"

namespace npu::device {

struct OpenedModel {
  UniqueFd fd;
  std::uint64_t bytes = 0;  // at least 1
};

// A readable regular file that is not empty. kNotFound, kPermission, kMalformed otherwise.
// Never blocks on a FIFO or a device file. Does not take file.fd and does not move its offset.
Result<OpenedModel> open_model(const ModelFile& file);

// The whole content. Copied, not mapped: the owner of a file may truncate it at any time, and a
// mapping would then raise SIGBUS. kTooLarge over max_bytes; kMalformed if it shrinks meanwhile.
Result<std::vector<std::byte>> read_model(const ModelFile& file, std::uint64_t max_bytes);

// "/models/yolov8s_pose.hef" -> "yolov8s_pose".
std::string model_stem(const ModelFile& file);

}  // namespace npu::device
