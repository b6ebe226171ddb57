#include "device/hailort/hef/hef_config.hpp"

#include <fmt/format.h>

#include "device/hailort/status.hpp"
#include "json/parse.hpp"
#include "store/hef_kind.hpp"

namespace npu::device::hailort {
namespace json = boost::json;
namespace {

[[maybe_unused]] Result<json::object> parsed(const sdk::BufferPtr& buffer) {
  const std::string_view text(reinterpret_cast<const char*>(buffer->data()), buffer->size());
  auto value = npu::json::parse(text);
  if (!value || !value->is_object()) {
    return fail(ErrorCode::kMalformed, fmt::format("{} is no JSON object", store::kHefConfigName));
  }
  return std::move(value->get_object());
}

[[maybe_unused]] tl::unexpected<Error> absent() {
  return fail(ErrorCode::kNotFound, fmt::format("the file holds no {}", store::kHefConfigName));
}

}  // namespace

std::vector<std::string> hef_resources([[maybe_unused]] const sdk::Hef& hef) {
#ifdef NPU_HAILORT_HEF_ARCHS
  return hef.get_external_resource_names();
#else
  return {};
#endif
}

Result<json::object> hef_config([[maybe_unused]] const std::string& path) {
#if defined(NPU_HAILORT_HEF_TRANSFER)
  const auto parts = sdk::Hef::parse_hef_for_transfer(path, {store::kHefConfigName});
  if (!parts.has_value()) {
    return fail(to_error(parts.status(), Operation::kLoadText, store::kHefConfigName));
  }
  const auto& all = parts->local_resources_buffers;
#elif defined(NPU_HAILORT_HEF_EXTRACT)
  const auto parts = sdk::Hef::extract_hef_external_resources(path);  // all, some 100 MB
  if (!parts.has_value()) {
    return fail(to_error(parts.status(), Operation::kLoadText, store::kHefConfigName));
  }
  const auto& all = parts.value();
#endif
#if defined(NPU_HAILORT_HEF_TRANSFER) || defined(NPU_HAILORT_HEF_EXTRACT)
  const auto found = all.find(store::kHefConfigName);
  if (found == all.end() || found->second == nullptr) return absent();
  return parsed(found->second);
#else
  return fail(ErrorCode::kUnsupported, fmt::format("HailoRT {} has no call that reads {}",
                                                   loaded_version(), store::kHefConfigName));
#endif
}

}  // namespace npu::device::hailort
