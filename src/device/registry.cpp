#include "device/registry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "device/hailort/loader.hpp"
#include "device/sim/open.hpp"
#ifdef NPU_HAVE_ONNX
#include "device/onnx/open.hpp"
#endif

namespace npu::device {
namespace {

[[maybe_unused]] bool always(const OpenOptions&) { return true; }
bool never(const OpenOptions&) { return false; }

// In the order in which `auto` tries them.
constexpr Adapter kAdapters[] = {
    {"hailort", hailort::present, hailort::needs, hailort::open_hailort},
#ifdef NPU_HAVE_ONNX
    {"onnx", always, onnx_needs, open_onnx},
#endif
    {"sim", never, sim_needs, open_sim},
};

std::string kinds() {
  std::vector<std::string_view> names;
  for (const auto& adapter : kAdapters) names.push_back(adapter.kind);
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

Result<const Adapter*> find_adapter(std::string_view kind, const OpenOptions& options) {
  for (const auto& adapter : kAdapters) {
    if (kind == adapter.kind || (kind == "auto" && adapter.present(options))) return &adapter;
  }
  if (kind == "auto") {
    return fail(ErrorCode::kUnavailable,
                fmt::format("no device found; this build can open: {}", kinds()));
  }
  return fail(ErrorCode::kUnsupported,
              fmt::format("this build has no device '{}'; it has: {}", kind, kinds()));
}

Result<std::unique_ptr<Device>> open_device(std::string_view kind, const OpenOptions& options) {
  const auto adapter = find_adapter(kind, options);
  if (!adapter) return fail(adapter.error());
  return (*adapter)->open(options);
}

}  // namespace npu::device
