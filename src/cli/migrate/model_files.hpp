// Model files of a service of the Python project, and where they go.
#pragma once

#include <string>
#include <vector>

#include "cli/migrate/tree.hpp"

namespace npu::cli::migrate {

struct ModelFile {
  std::string path;
  std::string goes_to;
  Access access;  // as it is
};

struct ModelFiles {
  std::vector<ModelFile> files;
  std::vector<std::string> notes;  // of what stays where it is, and why
};

// .hef and .onnx files in the folder and the folders in it.
ModelFiles find_model_files(const Tree& tree, const std::string& folder);

}  // namespace npu::cli::migrate
