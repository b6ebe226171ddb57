// What somebody has said of a model file.
//
// The first of these says it: NAME.yaml beside NAME.onnx or NAME.hef; a model.yaml in the same
// folder, unless it lists files and this one is none of them; the catalogue, where it has a file of
// this name. What a yaml leaves out, nobody else says: its author knows his file.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <npu/result.hpp>

#include "description/description.hpp"
#include "store/catalogue.hpp"

namespace npu::store {

// The text of a small file: of an absolute path, or of a name below the model directories. Fails
// with kNotFound where it is not there. Reads one byte more than `most` of a file that has more.
using ReadText = std::function<Result<std::string>(const std::string& path, std::size_t most)>;

struct Described {
  ModelDescription description;
  std::string by;  // the yaml's path, or "the catalogue's entry NAME"; "": nobody
};

// path: of the model file. device: whose file of a catalogue entry it is rather: "onnx",
// "hailo10h". kMalformed names the yaml or the list of labels and what is wrong with it,
// kNotFound a list that is not there. Blocks.
Result<Described> description_of(const std::string& path, const Catalogue& catalogue,
                                 std::string_view device, const ReadText& read);

// Names of classes from a text: UTF-8, one a line, none empty; blank lines at the end are ignored.
// kMalformed says so.
Result<std::vector<std::string>> parse_labels(std::string_view text);

}  // namespace npu::store
