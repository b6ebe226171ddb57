// What a HEF file says of itself. Needs no device.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "hailo/buffer.hpp"
#include "hailo/expected.hpp"
#include "hailo/hailort.h"

namespace hailort {

class HAILORTAPI Hef final {
 public:
  static Expected<Hef> create(const std::string& hef_path);
  static Expected<Hef> create(const MemoryView& hef_buffer);
  static Expected<Hef> create(std::shared_ptr<Buffer> hef_buffer);

  // name: a network group, "" for the only one.
  Expected<std::vector<hailo_stream_info_t>> get_input_stream_infos(
      const std::string& name = "") const;
  Expected<std::vector<hailo_stream_info_t>> get_output_stream_infos(
      const std::string& name = "") const;
  Expected<std::vector<hailo_vstream_info_t>> get_input_vstream_infos(
      const std::string& name = "") const;
  Expected<std::vector<hailo_vstream_info_t>> get_output_vstream_infos(
      const std::string& name = "") const;
  Expected<float64_t> get_bottleneck_fps(const std::string& net_group_name = "") const;

  Expected<std::vector<hailo_device_architecture_t>> get_compatible_device_archs() const;
  static Expected<std::string> device_arch_to_string(const hailo_device_architecture_t arch);

  std::vector<std::string> get_network_groups_names() const;
  Expected<std::vector<hailo_network_group_info_t>> get_network_groups_infos() const;

  std::string hash() const;
  static Expected<std::string> hash(const std::string& hef_path);
  Expected<std::string> get_description(bool stream_infos, bool vstream_infos) const;

  // The view lives as long as this object and its copies.
  Expected<MemoryView> get_external_resources(const std::string& resource_name) const;
  std::vector<std::string> get_external_resource_names() const;

  struct HefChunksInfo {
    std::string name;
    uint64_t size;
    uint64_t offset;
  };
  struct HefParseForTransferResult {
    std::vector<HefChunksInfo> chunks;
    std::map<std::string, BufferPtr> local_resources_buffers;
    uint64_t offset_zero_point;
    uint64_t total_hef_size;
  };
  // The named resources, read; the others and the rest of the file as chunks. Since 5.2.
  static Expected<HefParseForTransferResult> parse_hef_for_transfer(
      const std::string& file_path, const std::unordered_set<std::string>& local_resources);

  ~Hef();
  Hef(Hef&&);
  Hef& operator=(Hef&&);
  Hef(const Hef&) = default;
  Hef& operator=(const Hef&) = delete;

 private:
  friend struct FakeAccess;
  class Impl;
  explicit Hef(std::shared_ptr<Impl> impl);
  std::shared_ptr<Impl> pimpl;
};

}  // namespace hailort
