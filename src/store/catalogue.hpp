// The model catalogue: which models exist, which file of a model is for which device.
//
// A folder of YAML files, one model each:
//
//   name: depth-tiny
//   family: depth                  # model_type
//   licence: Apache-2.0
//   files:                         # by device kind: hailo10h, hailo8, onnx
//     onnx:
//       path: depth-tiny.onnx      # file name below a model directory
//       size: 1234567
//       sha256: 9f86d081884c7d65...
//       url: https://...           # where to get it, if it is not packaged
//       package: hailo-models-cpu  # what to install, if it is
//     hailo10h: {path: scdepthv3.hef, size: ..., sha256: ..., url: ...}
//
// Other keys (input layout, normalisation, output names, side files) are for the services and are
// kept out of here. Immutable once read; safe to use from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

namespace npu::store {

struct CatalogueFile {
  std::string path;
  std::uint64_t size = 0;
  std::string sha256;
  std::string url;
  std::string package;
};

struct CatalogueEntry {
  std::string name;
  std::string family;
  std::string licence;
  std::map<std::string, CatalogueFile, std::less<>> files;  // by device kind
};

class Catalogue {
 public:
  Catalogue() = default;
  explicit Catalogue(std::vector<CatalogueEntry> entries) : entries_(std::move(entries)) {}

  // Reads *.yaml of the folder, in the order of their names. A folder that is not there is an empty
  // catalogue. A file that is wrong is left out and named in `problems`.
  static Catalogue read(const std::string& folder, std::vector<std::string>& problems);

  const std::vector<CatalogueEntry>& entries() const { return entries_; }
  // nullptr if there is none.
  const CatalogueEntry* by_name(std::string_view name) const;
  // The entry that has a file of this base name for any device. nullptr if there is none.
  const CatalogueEntry* by_file(std::string_view base_name) const;

 private:
  std::vector<CatalogueEntry> entries_;
};

// One entry from YAML text. kMalformed says what is wrong and where.
Result<CatalogueEntry> parse_catalogue_entry(const std::string& yaml);

}  // namespace npu::store
