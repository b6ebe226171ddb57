// From a model path or name, as clients say it, to the opened file that this device can use.
//
// Safe to use from any thread; does file I/O.
#pragma once

#include <string>
#include <string_view>

#include <npu/result.hpp>

#include "store/catalogue.hpp"
#include "store/description_of.hpp"
#include "store/model_dirs.hpp"
#include "store/opened_file.hpp"

namespace npu::store {

class Resolver {
 public:
  // device_kind: "onnx", "sim" or "hailort". architecture: of the NPU, in lower case ("hailo10h").
  Resolver(ModelDirs dirs, Catalogue catalogue, std::string device_kind, std::string architecture);

  // path: absolute, or a name of the catalogue (without any '/').
  // - simulated device: the file itself, and any name.
  // - NPU: the file itself; where it is not there and the catalogue has a file of that name for
  //   this chip, or knows no such file and a model of the name before ".hef", that file from a
  //   model directory: services make such paths of names. An .hef that is none is kMalformed, with
  //   what it is instead.
  // - CPU: an .onnx file itself; for others the CPU variant that the catalogue knows, by the file's
  //   or the model's name, else the same name with the ending .onnx beside it or in a model
  //   directory.
  // A path in a folder that this process may not enter, such as a service's own, counts as not
  // there where the catalogue knows the model.
  // kPermission or kNotFound with texts for the client; with what brings the model, if the
  // catalogue knows it, and the folders that could not be looked into.
  Result<OpenedFile> open(std::string_view path) const;

  // What somebody said of a file that open() gave (description_of.hpp). What it reads lies below
  // the model directories.
  Result<Described> describe(const OpenedFile& file) const;

 private:
  Result<OpenedFile> by_name(std::string_view name) const;
  // The entry that a path "<folder>/<name>.hef" is made of; nullptr where it is none.
  const CatalogueEntry* named_by(std::string_view path) const;
  Result<OpenedFile> npu_file(std::string_view path) const;
  Result<OpenedFile> cpu_variant(std::string_view path) const;
  Result<OpenedFile> installed(const CatalogueEntry& entry, std::string_view asked) const;
  Error not_installed(const CatalogueEntry& entry, std::string_view asked) const;
  std::string_view catalogue_device() const;
  // Whether a path could not be opened for a folder that may not be entered.
  bool is_closed(const Result<OpenedFile>& file, std::string_view path) const;

  ModelDirs dirs_;
  Catalogue catalogue_;
  std::string device_kind_;
  std::string architecture_;
};

}  // namespace npu::store
