// What the manager is told by its configuration file, as far as the doctor needs it.
#pragma once

#include "cli/doctor/machine.hpp"

namespace npu::cli {

// Takes group id and model directories of the file where the user named none; a file that is
// absent changes nothing.
void read_config(Machine& machine, bool take_group_id, bool take_model_dirs);

}  // namespace npu::cli
