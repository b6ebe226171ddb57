// One model of the catalogue: its files, what goes into them and what reads their outputs.
// docs/reference/catalogue.md has the keys; this is what they become.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "description/description.hpp"

namespace npu::store {

struct CatalogueFile {
  std::string path;        // below a model directory
  std::string role;        // of a side file: "tokenizer", ...; "": not told
  std::uint64_t size = 0;  // bytes; 0: not published
  std::string sha256;      // lower case; "": not published
  std::string url;         // where it is published, "" for nowhere
  std::string package;     // that brings it, "" for none
  std::string licence;     // of this file
  std::string hailort;     // release that it was compiled for ("5.2.0"), "": unknown
  std::string head;        // which post-processing its outputs want
  std::string labels;      // as those of the entry
  std::vector<std::string> label_names;
  InputDescription input;
  bool tried = false;  // our tests have run this very file
};

struct CatalogueEntry {
  std::string name;
  std::string family;
  std::string licence;
  std::string source;  // of the network, an address
  // Of files that do not say: a set of names ("coco80") or a file below a model directory, or the
  // names themselves.
  std::string labels;
  std::vector<std::string> label_names;
  std::string head;                                         // of files that do not say
  InputDescription input;                                   // the same
  std::map<std::string, CatalogueFile, std::less<>> files;  // by device kind
  std::vector<CatalogueFile> side_files;                    // that every device needs besides
};

inline constexpr std::size_t kMaxCatalogueBytes = std::size_t{64} << 10;  // of one entry's text

// One entry from YAML text. kMalformed says which key is wrong and what would be right; of text
// that is no YAML, where. What a file does not state of licence, head and input is the entry's.
Result<CatalogueEntry> parse_catalogue_entry(const std::string& yaml);

// The same of a model.yaml that lies beside the file which it describes: nothing is needed.
Result<CatalogueEntry> parse_model_yaml(const std::string& yaml);

}  // namespace npu::store
