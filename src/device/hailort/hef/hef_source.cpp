#include "device/hailort/hef/hef_source.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.hpp"
#include "device/hailort/hef/model_path.hpp"
#include "device/hailort/status.hpp"
#include "device/model_file.hpp"
#include "store/hef_header.hpp"

namespace npu::device::hailort {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;  // of one that has to be copied

sdk::MemoryView view_of(const PageBuffer& buffer) {
  return {buffer.bytes().data(), buffer.bytes().size()};
}

Result<PageBuffer> copy_of(const ModelFile& file) {
  const auto content = read_model(file, kMostBytes);
  if (!content) return fail(content.error());
  auto buffer = PageBuffer::create(content->size());
  if (buffer) std::copy_n(content->data(), content->size(), buffer->bytes().data());
  return buffer;
}

// "hailo10h": as the files and the catalogue of models write it.
std::string lower_name(hailo_device_architecture_t architecture) {
  return to_lower(architecture_name(architecture));
}

Status runs_on([[maybe_unused]] const sdk::Hef& hef, [[maybe_unused]] const Identity& device,
               [[maybe_unused]] const std::string& name) {
#ifdef NPU_HAILORT_HEF_ARCHS
  const auto compatible = hef.get_compatible_device_archs();
  if (!compatible.has_value()) return {};  // the library looks once more
  const auto& list = compatible.value();
  if (std::ranges::find(list, device.code) != list.end()) return {};
  std::vector<std::string> names;
  names.reserve(list.size());
  for (const auto architecture : list) names.push_back(lower_name(architecture));
  return fail(ErrorCode::kUnsupported,
              fmt::format("{} is compiled for {}; this device is a {}", name,
                          fmt::join(names, " and "), lower_name(device.code)));
#else
  return {};
#endif
}

}  // namespace

Result<HefSource> HefSource::open(const ModelFile& file, Reads reads) {
  auto opened = open_model(file);
  if (!opened) return fail(opened.error());
  HefSource source;
  source.name_ = std::filesystem::path(file.path).filename();
  if (const auto whole = store::read_hef_header(opened->fd.get(), source.name_); !whole) {
    Error error = whole.error();
    if (error.code == ErrorCode::kMalformed) error.message = source.name_ + ": " + error.message;
    return fail(std::move(error));
  }
  source.fd_ = std::move(opened->fd);
  source.path_ = readable_path({file.path, file.fd >= 0 ? source.fd_.get() : -1});
  if (::faccessat(AT_FDCWD, source.path_.c_str(), R_OK, AT_EACCESS) != 0) {
    if (reads == Reads::kPathsOnly) {
      return fail(ErrorCode::kPermission,
                  fmt::format("{} came as a descriptor and HailoRT has to open it by its path: let "
                              "the user of hailo-device-worker read it",
                              source.name_));
    }
    auto content = copy_of({file.path, source.fd_.get()});
    if (!content) return fail(content.error());
    source.content_ = std::move(*content);
  }
  return source;
}

Result<sdk::Hef> HefSource::parse(const Identity& device) const {
  auto hef = content_ ? sdk::Hef::create(view_of(*content_)) : sdk::Hef::create(path_);
  if (!hef.has_value()) return fail(to_error(hef.status(), Operation::kLoadTensor, name_));
  if (auto ok = runs_on(hef.value(), device, name_); !ok) return fail(ok.error());
  return hef.release();
}

sdk::Expected<std::shared_ptr<sdk::InferModel>> HefSource::create_model(
    sdk::VDevice& vdevice, const std::string& group) const {
  if (content_) return vdevice.create_infer_model(view_of(*content_), group);
  return vdevice.create_infer_model(path_, group);
}

}  // namespace npu::device::hailort
