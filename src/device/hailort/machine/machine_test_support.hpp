// A made-up /sys and /proc for tests.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "device/hailort/machine/machine.hpp"
#include "fakes/temp_dir.hpp"

namespace npu::device::hailort {

class MachineFixture : public testing::Test {
 protected:
  void write(const std::string& file, const std::string& text) {
    std::ofstream(in_folder(file)) << text;
  }
  void link(const std::string& file, const std::string& target) {
    std::filesystem::create_symlink(target, in_folder(file));
  }
  Roots roots() const {
    return {.sys = dir_.path("sys"), .proc = dir_.path("proc"), .dev = dir_.path("dev")};
  }

 private:
  std::filesystem::path in_folder(const std::string& file) const {
    const std::filesystem::path path = dir_.path(file);
    std::filesystem::create_directories(path.parent_path());
    return path;
  }

  fakes::TempDir dir_;
};

}  // namespace npu::device::hailort
