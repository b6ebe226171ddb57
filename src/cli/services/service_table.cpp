#include "cli/services/service_table.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace npu::cli {

// Embedded by CMakeLists.txt.
std::string_view picture_of_faces();
std::string_view picture_of_figure();
std::string_view picture_of_people();
std::string_view picture_of_things();
std::string_view picture_of_words();

namespace {

constexpr std::string_view kManager = "hailo-device-manager";

const auto& all_services() {
  static const std::array table{
      KnownService{kManager, "Shares the Hailo NPU among AI services", 5099, {}},
      KnownService{"hailo-clip",
                   "Pictures and texts as vectors over HTTP",
                   5000,
                   {{"/v1/classify",
                     picture_of_figure(),
                     "classifications",
                     "texts",
                     {{"prompts", R"(["a large orange circle", "a small blue star"])"}}}}},
      KnownService{"hailo-depth",
                   "Depth of pictures over HTTP",
                   11439,
                   {{"/v1/depth/estimate", picture_of_things(), "depth_map", "depth map"}}},
      KnownService{"hailo-detect",
                   "Objects in pictures over HTTP",
                   11441,
                   {{"/v1/detect", picture_of_things(), "", "objects"}}},
      KnownService{"hailo-face",
                   "Faces and whose they are over HTTP",
                   5002,
                   {{"/v1/detect", picture_of_faces(), "faces", "faces"}}},
      KnownService{"hailo-ocr",
                   "Text in photographs and scanned pages over HTTP",
                   11436,
                   {{"/v1/ocr/extract", picture_of_words(), "regions", "regions of text"}}},
      KnownService{"hailo-pose",
                   "People and their key points over HTTP",
                   11440,
                   {{"/v1/pose/detect", picture_of_people(), "poses", "people"}}},
      KnownService{"hailo-scrfd",
                   "Faces and their five points over HTTP",
                   5001,
                   {{"/v1/detect", picture_of_faces(), "faces", "faces"}}},
      KnownService{"hailo-segment",
                   "Objects in pictures and their masks over HTTP",
                   11442,
                   {{"/v1/segment", picture_of_things(), "", "objects"}}},
  };
  return table;
}

}  // namespace

std::string config_file_of(std::string_view name) {
  return fmt::format("{}/{}.yaml", kConfigDir, name == kManager ? "manager" : name);
}

std::string unit_of(std::string_view name) { return fmt::format("{}.service", name); }

std::span<const KnownService> known_services() { return all_services(); }

Result<const KnownService*> find_service(std::string_view name) {
  std::string_view stem = name;
  if (stem.ends_with(".service")) stem.remove_suffix(std::string_view(".service").size());
  std::vector<std::string_view> names;
  for (const auto& service : all_services()) {
    const std::string_view shorter = service.name.substr(std::string_view("hailo-").size());
    if (stem == service.name || stem == shorter) return &service;
    if (stem == "manager" && service.is_manager()) return &service;
    names.push_back(service.name);
  }
  return fail(ErrorCode::kNotFound,
              fmt::format("there is no service {}; there are {}", name, fmt::join(names, ", ")));
}

Result<std::vector<const KnownService*>> find_services(const std::vector<std::string>& names) {
  std::vector<const KnownService*> found;
  if (names.empty()) {
    for (const auto& service : all_services()) found.push_back(&service);
  }
  for (const auto& name : names) {
    const auto one = find_service(name);
    if (!one) return fail(one.error());
    if (std::ranges::find(found, *one) == found.end()) found.push_back(*one);
  }
  return found;
}

}  // namespace npu::cli
