// The configuration that a service of the Python project runs with.
#pragma once

#include <string>
#include <vector>

#include "cli/migrate/old_keys.hpp"
#include "cli/migrate/old_services.hpp"
#include "cli/migrate/tree.hpp"

namespace npu::cli::migrate {

struct OldConfig {
  std::vector<OldKey> keys;
  std::string source = "nothing";  // path of the file that they are of
  std::vector<std::string> notes;  // what is wrong with it
};

// Of the file that it reads; where that cannot be read, of the one that it is made of. One that was
// kept aside, by us or by dpkg, counts before what has taken its place.
OldConfig read_old_config(const Tree& tree, const OldService& service);

}  // namespace npu::cli::migrate
