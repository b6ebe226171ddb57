// The model catalogue: which models exist, which file of a model is for which device, where it is
// published and how it is used.
//
// A folder of YAML files, one model each (docs/reference/catalogue.md). Immutable once read; safe
// to use from any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/catalogue_entry.hpp"

namespace npu::store {

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

}  // namespace npu::store
