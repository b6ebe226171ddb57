// One model of the catalogue: its files, what goes into them and what reads their outputs.
// docs/reference/catalogue.md has the keys; this is what they become.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

namespace npu::store {

// The tensor that a file's graph takes, made from an 8-bit RGB picture.
struct CatalogueInput {
  std::string layout = "nhwc";  // or nchw
  std::string dtype = "uint8";  // or float16, float32
  std::string colour = "rgb";   // or bgr, grey
  // letterbox: in the middle of the input, its shape kept; corner: so, in its upper left corner;
  // stretch: all of the input.
  std::string fit = "letterbox";
  int padding = 114;  // what is left over, 0..255
  int width = 0;      // pixels; 0: not stated
  int height = 0;
  int channels = 3;
  // Per channel, (x - mean) / std with x in 0..255: 0 and 1 where the graph takes bytes as they
  // are.
  std::array<double, 4> mean{0, 0, 0, 0};
  std::array<double, 4> std{1, 1, 1, 1};
};

struct CatalogueFile {
  std::string path;        // below a model directory
  std::uint64_t size = 0;  // bytes; 0: not published
  std::string sha256;      // lower case; "": not published
  std::string url;         // where it is published, "" for nowhere
  std::string package;     // that brings it, "" for none
  std::string licence;     // of this file
  std::string hailort;     // release that it was compiled for ("5.2.0"), "": unknown
  std::string head;        // which post-processing its outputs want
  CatalogueInput input;
  bool tried = false;  // our tests have run this very file
};

struct CatalogueEntry {
  std::string name;
  std::string family;
  std::string licence;
  std::string source;  // of the network, an address
  std::string labels;  // a set of names ("coco80") or a file below a model directory
  std::map<std::string, CatalogueFile, std::less<>> files;  // by device kind
  std::vector<CatalogueFile> side_files;                    // that every device needs besides
};

inline constexpr std::size_t kMaxCatalogueBytes = std::size_t{64} << 10;  // of one entry's text

// One entry from YAML text. kMalformed says which key is wrong and what would be right; of text
// that is no YAML, where. What a file does not state of licence, head and input is the entry's.
Result<CatalogueEntry> parse_catalogue_entry(const std::string& yaml);

}  // namespace npu::store
