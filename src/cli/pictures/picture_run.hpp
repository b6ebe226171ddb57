// A task on pictures, one after the other, through the manager.
#pragma once

#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/pictures/picture_task.hpp"

namespace npu::cli {

struct PictureArguments {
  std::vector<std::string> pictures;  // files, folders, patterns
  std::string output;                 // "": nothing is written
  std::string model;                  // a name of the catalogue, or a file
  std::string type;                   // of the model
};

// Prints what is found in each picture as it is found, for people or, a line each, as JSON. A
// picture that is none is told and the others go on; what fails otherwise ends it. Returns the exit
// code.
int run_on_pictures(const Context& context, const PictureArguments& arguments, PictureTask& task);

}  // namespace npu::cli
