// The catalogue and the folder that models are fetched into, as pull, rm and models --available see
// them, and the device that is here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <npu/result.hpp>

#include "cli/context.hpp"
#include "cli/hailort_probe.hpp"
#include "store/catalogue.hpp"

namespace npu::cli {

class ModelStore {
 public:
  // --catalogue and --dir. Their defaults are the manager's: by the same environment variables
  // (HAILO_CATALOGUE, HAILO_MODEL_DIRS, HAILO_MANAGER_CONFIG), by its configuration file, or usual.
  void add_to(CLI::App& command);

  // Reads the catalogue; what is wrong with it is told on stderr, once.
  const store::Catalogue& catalogue();
  // kNotFound says what to do instead.
  Result<const store::CatalogueEntry*> entry(const std::string& name);

  const std::string& dir() const { return dir_; }
  std::string place_of(const store::CatalogueFile& file) const { return dir_ + "/" + file.path; }
  // Where a file of this name is, in the folder or in the others that the manager looks into; "".
  std::string installed(const store::CatalogueFile& file) const;

 private:
  std::string catalogue_dir_;
  std::string dir_;
  std::vector<std::string> dirs_;  // that the manager looks into
  std::string config_problem_;     // why its configuration file does not count; "" for none
  bool read_ = false;
  store::Catalogue catalogue_;
};

// What models are run on here: "hailo10h", "hailo8", "onnx" for the CPU, "" for unknown; and the
// release of its firmware, which is that of HailoRT, or "".
struct DeviceHere {
  std::string kind;
  std::string release;
};
// Asks the manager, and where there is none HailoRT. Takes its time, within the context's timeout.
DeviceHere device_here(const Context& context, const HailortProbe& probe);

// Whether a file for this release of HailoRT is too new for that one: "5.2.0" for "5.1.1". False
// where either does not say.
bool is_newer(const std::string& release, const std::string& than);

// "512 bytes", "3.7 MB", "1.2 GB".
std::string bytes_text(std::uint64_t bytes);

// "hailo10h, onnx": what an entry has files for.
std::string devices_of(const store::CatalogueEntry& entry);

}  // namespace npu::cli
