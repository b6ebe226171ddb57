// A HEF file as HailoRT reads it, checked before any of it goes to the chip.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"
#include "device/device.hpp"
#include "device/hailort/chip/identify.hpp"
#include "device/hailort/chip/page_memory.hpp"
#include "device/hailort/sdk.hpp"

namespace npu::device::hailort {

class HefSource {
 public:
  // kMalformed where the file is no HEF, or not all of one; the errors of open_model(). A file that
  // came as a descriptor, and that this process may not open itself, is copied, or, for models that
  // HailoRT reads by their path only, kPermission.
  enum class Reads { kMemoryToo, kPathsOnly };
  static Result<HefSource> open(const ModelFile& file, Reads reads = Reads::kMemoryToo);

  // Its name without folder, for messages.
  const std::string& name() const { return name_; }

  // Reads what it says of itself, on this machine. kUnsupported where it was compiled for another
  // architecture than the device's, which the message names; kMalformed where it is damaged.
  Result<sdk::Hef> parse(const Identity& device) const;

  // To be used after parse(). group: empty for the only one.
  sdk::Expected<std::shared_ptr<sdk::InferModel>> create_model(sdk::VDevice& vdevice,
                                                               const std::string& group) const;
  // The library has what it needs of the file's content.
  void drop_content() { content_.reset(); }

 private:
  std::string name_;
  std::string path_;  // readable as long as fd_ is open
  UniqueFd fd_;
  // The file itself, where it came as a descriptor of something that this process may not open.
  std::optional<PageBuffer> content_;
};

}  // namespace npu::device::hailort
