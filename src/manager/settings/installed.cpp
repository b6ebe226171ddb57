#include "manager/settings/installed.hpp"

#include <filesystem>
#include <system_error>

namespace npu::manager {
namespace {

std::string place_of(const char* from_bin, const char* configured) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const fs::path moved = (self.parent_path() / from_bin).lexically_normal();
  return !error && fs::is_directory(moved, error) ? moved.string() : configured;
}

}  // namespace

std::string installed_libexec_dir() { return place_of(NPU_LIBEXEC_FROM_BIN, NPU_LIBEXECDIR); }
std::string installed_data_dir() { return place_of(NPU_DATA_FROM_BIN, NPU_DATADIR); }

}  // namespace npu::manager
