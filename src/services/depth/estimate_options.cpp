#include "services/depth/estimate_options.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.hpp"
#include "http/headers.hpp"

namespace npu::depth {
namespace json = boost::json;
namespace {

template <class Names>
Result<std::size_t> index_of(std::string_view field, const Names& names, std::string_view value) {
  const auto found = std::ranges::find(names, value);
  if (found == names.end()) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} must be one of {}, got '{}'", field, fmt::join(names, ", "),
                            utf8_prefix(value, 64)));
  }
  return static_cast<std::size_t>(found - names.begin());
}

bool truth_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return false;
    case json::kind::bool_: return value.get_bool();
    case json::kind::int64: return value.get_int64() != 0;
    case json::kind::uint64: return value.get_uint64() != 0;
    case json::kind::double_: return value.get_double() != 0;
    case json::kind::string: return http::equals_ignoring_case(value.get_string(), "true");
    case json::kind::array: return !value.get_array().empty();
    case json::kind::object: return !value.get_object().empty();
  }
  return false;
}

}  // namespace

Status set_format(EstimateOptions& options, std::string_view name) {
  const auto index = index_of("output_format", kOutputFormatNames, name);
  if (!index) return fail(index.error());
  options.format = static_cast<OutputFormat>(*index);
  return {};
}

Status set_representation(EstimateOptions& options, std::string_view name) {
  const auto index = index_of("representation", kRepresentationNames, name);
  if (!index) return fail(index.error());
  options.representation = static_cast<Representation>(*index);
  return {};
}

Status set_colormap(EstimateOptions& options, std::string_view name) {
  const auto index = index_of("colormap", media::kColormapNames, name);
  if (!index) return fail(index.error());
  options.colormap = static_cast<media::Colormap>(*index);
  return {};
}

void set_normalize(EstimateOptions& options, const json::value& value) {
  options.normalize = truth_of(value);
  if (value.is_string()) {
    options.normalize_echo = options.normalize;
  } else {
    options.normalize_echo = value;
  }
}

void set_auto_orient(EstimateOptions& options, const json::value& value) {
  options.auto_orient = truth_of(value);
}

}  // namespace npu::depth
