// hailo-device-manager: owns the NPU and shares it among programs over a Unix socket.
#include <malloc.h>

#include "base/log.hpp"
#include "manager/manager.hpp"
#include "manager/settings/config.hpp"

namespace {

// Messages of version 1 are megabytes of text. By default glibc maps each of them afresh and the
// kernel clears every page of it again, which takes longer than all the rest.
void keep_large_buffers() {
  constexpr int kBytes = 32 << 20;
  ::mallopt(M_MMAP_THRESHOLD, kBytes);
  ::mallopt(M_TRIM_THRESHOLD, kBytes);
  ::mallopt(M_ARENA_MAX, 2);
}

}  // namespace

int main(int argc, char** argv) {
  keep_large_buffers();
  npu::manager::Config config;
  if (const auto exit_status = npu::manager::load_config(config, argc, argv)) return *exit_status;
  npu::log::init("hailo-device-manager",
                 npu::log::parse_level(config.log_level).value_or(npu::log::Level::kInfo));
  return npu::manager::Manager(std::move(config)).run();
}
