#include "hailo/hef.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "access.hpp"
#include "hef_file.hpp"

namespace hailort {
namespace {

using hailo_fake::HefFile;
using hailo_fake::HefPtr;
using hailo_fake::Stream;

template <std::size_t N>
void put(char (&to)[N], const std::string& text) {
  std::strncpy(to, text.c_str(), N - 1);
}

hailo_vstream_info_t vstream_info(const HefFile& hef, const Stream& stream,
                                  hailo_stream_direction_t direction) {
  hailo_vstream_info_t info{};
  put(info.name, stream.name);
  put(info.network_name, fmt::format("{0}/{0}", hef.groups.front()));
  info.direction = direction;
  info.format = stream.format;
  if (stream.is_nms()) {
    info.nms_shape = stream.nms_shape;
  } else {
    info.shape = stream.shape;
  }
  info.quant_info = stream.quant;
  return info;
}

hailo_stream_info_t stream_info(const Stream& stream, hailo_stream_direction_t direction) {
  hailo_stream_info_t info{};
  put(info.name, stream.name);
  info.shape = stream.shape;
  info.hw_shape = stream.shape;
  info.format = stream.format;
  info.hw_frame_size = static_cast<uint32_t>(frame_bytes(stream, stream.format));
  info.hw_data_bytes = stream.format.type == HAILO_FORMAT_TYPE_UINT16 ? 2 : 1;
  info.direction = direction;
  info.index = static_cast<uint8_t>(stream.index);
  info.quant_info = stream.quant;
  return info;
}

bool has_group(const HefFile& hef, const std::string& name) {
  return name.empty() || std::ranges::find(hef.groups, name) != hef.groups.end();
}

template <class Info, class Make>
Expected<std::vector<Info>> infos(const HefFile& hef, const std::string& group,
                                  const std::vector<Stream>* inputs,
                                  const std::vector<Stream>* outputs, Make make) {
  if (!has_group(hef, group)) return make_unexpected(HAILO_NOT_FOUND);
  std::vector<Info> all;
  if (inputs != nullptr) {
    for (const auto& stream : *inputs) all.push_back(make(stream, HAILO_H2D_STREAM));
  }
  if (outputs != nullptr) {
    for (const auto& stream : *outputs) all.push_back(make(stream, HAILO_D2H_STREAM));
  }
  return all;
}

Expected<std::vector<hailo_vstream_info_t>> vstreams(const HefFile& hef, const std::string& group,
                                                     const std::vector<Stream>* inputs,
                                                     const std::vector<Stream>* outputs) {
  return infos<hailo_vstream_info_t>(
      hef, group, inputs, outputs,
      [&](const auto& stream, auto direction) { return vstream_info(hef, stream, direction); });
}

Expected<std::vector<hailo_stream_info_t>> streams(const HefFile& hef, const std::string& group,
                                                   const std::vector<Stream>* inputs,
                                                   const std::vector<Stream>* outputs) {
  return infos<hailo_stream_info_t>(hef, group, inputs, outputs, stream_info);
}

Expected<Hef> as_hef(Expected<HefPtr> file) {
  if (!file) return make_unexpected(file.status());
  return FakeAccess::make_hef(file.release());
}

}  // namespace

class Hef::Impl {
 public:
  HefPtr file;
};

Hef FakeAccess::make_hef(HefPtr file) {
  auto impl = std::make_shared<Hef::Impl>();
  impl->file = std::move(file);
  return Hef(std::move(impl));
}

Hef::Hef(std::shared_ptr<Impl> impl) : pimpl(std::move(impl)) {}
Hef::~Hef() = default;
Hef::Hef(Hef&&) = default;
Hef& Hef::operator=(Hef&&) = default;

Expected<Hef> Hef::create(const std::string& hef_path) {
  return as_hef(hailo_fake::read_hef(hef_path));
}
Expected<Hef> Hef::create(const MemoryView& hef_buffer) {
  return as_hef(hailo_fake::read_hef({hef_buffer.data(), hef_buffer.size()}));
}
Expected<Hef> Hef::create(std::shared_ptr<Buffer> hef_buffer) {
  return create(MemoryView(std::move(hef_buffer)));
}

Expected<std::vector<hailo_stream_info_t>> Hef::get_input_stream_infos(
    const std::string& name) const {
  return streams(*pimpl->file, name, &pimpl->file->inputs, nullptr);
}
Expected<std::vector<hailo_stream_info_t>> Hef::get_output_stream_infos(
    const std::string& name) const {
  return streams(*pimpl->file, name, nullptr, &pimpl->file->outputs);
}
Expected<std::vector<hailo_vstream_info_t>> Hef::get_input_vstream_infos(
    const std::string& name) const {
  return vstreams(*pimpl->file, name, &pimpl->file->inputs, nullptr);
}
Expected<std::vector<hailo_vstream_info_t>> Hef::get_output_vstream_infos(
    const std::string& name) const {
  return vstreams(*pimpl->file, name, nullptr, &pimpl->file->outputs);
}

Expected<float64_t> Hef::get_bottleneck_fps(const std::string& net_group_name) const {
  if (!has_group(*pimpl->file, net_group_name)) return make_unexpected(HAILO_NOT_FOUND);
  const auto& run = pimpl->file->model.run;
  if (pimpl->file->multi_context || run.empty() || run.begin()->second.count() == 0) {
    return make_unexpected(HAILO_NOT_AVAILABLE);
  }
  return 1 / std::chrono::duration<double>(run.begin()->second).count();
}

Expected<std::vector<hailo_device_architecture_t>> Hef::get_compatible_device_archs() const {
  auto copy = pimpl->file->architectures;
  return copy;
}

Expected<std::string> Hef::device_arch_to_string(const hailo_device_architecture_t arch) {
  constexpr const char* kNames[] = {"HAILO8_A0", "HAILO8",   "HAILO8L",  "HAILO15H",
                                    "HAILO15L",  "HAILO15M", "HAILO10H", "HAILO12L"};
  if (static_cast<std::size_t>(arch) >= std::size(kNames)) return std::string("UNKNOWN");
  return std::string(kNames[arch]);
}

std::vector<std::string> Hef::get_network_groups_names() const { return pimpl->file->groups; }

Expected<std::vector<hailo_network_group_info_t>> Hef::get_network_groups_infos() const {
  std::vector<hailo_network_group_info_t> groups;
  for (const auto& name : pimpl->file->groups) {
    put(groups.emplace_back().name, name);
    groups.back().is_multi_context = pimpl->file->multi_context;
  }
  return groups;
}

std::string Hef::hash() const { return pimpl->file->hash; }

Expected<std::string> Hef::hash(const std::string& hef_path) {
  const auto file = hailo_fake::read_hef(hef_path);
  if (!file) return make_unexpected(file.status());
  if (file.value()->version < 3) return make_unexpected(HAILO_HEF_NOT_SUPPORTED);
  return std::string(file.value()->hash);
}

Expected<std::string> Hef::get_description(bool stream_infos, bool vstream_infos) const {
  std::string text = fmt::format("Network groups: {}\n", fmt::join(pimpl->file->groups, ", "));
  if (!stream_infos && !vstream_infos) return text;
  for (const auto& stream : pimpl->file->inputs) text += "Input " + stream.name + "\n";
  for (const auto& stream : pimpl->file->outputs) text += "Output " + stream.name + "\n";
  return text;
}

Expected<MemoryView> Hef::get_external_resources(const std::string& resource_name) const {
  const auto found = pimpl->file->resources.find(resource_name);
  if (found == pimpl->file->resources.end()) return make_unexpected(HAILO_NOT_FOUND);
  return MemoryView(found->second);
}

std::vector<std::string> Hef::get_external_resource_names() const {
  std::vector<std::string> names;
  for (const auto& [name, text] : pimpl->file->resources) names.push_back(name);
  return names;
}

Expected<Hef::HefParseForTransferResult> Hef::parse_hef_for_transfer(
    const std::string& file_path, const std::unordered_set<std::string>& local_resources) {
  const auto file = hailo_fake::read_hef(file_path);
  if (!file) return make_unexpected(file.status());
  const HefFile& hef = *file.value();
  if (hef.version < 3) return make_unexpected(HAILO_HEF_NOT_SUPPORTED);
  HefParseForTransferResult result{.chunks = {{"header+proto+padding", 0, 0}},
                                   .offset_zero_point = 0,
                                   .total_hef_size = hef.bytes};
  for (const auto& [name, text] : hef.resources) {
    if (!local_resources.contains(name)) {
      result.chunks.push_back({name, text.size(), 0});
      continue;
    }
    auto buffer = Buffer::create_shared(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    if (!buffer) return make_unexpected(buffer.status());
    result.local_resources_buffers.emplace(name, buffer.release());
  }
  return result;
}

}  // namespace hailort
