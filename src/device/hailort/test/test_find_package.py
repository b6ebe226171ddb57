"""CMake finds an installed HailoRT as its package says where it is, and the features of its headers."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from support.manager_process import ADAPTERS, SOURCE

PROJECT = """
cmake_minimum_required(VERSION 3.25)
project(finds LANGUAGES CXX)
list(APPEND CMAKE_MODULE_PATH {source}/cmake)
include(NpuHailort)
npu_hailort_sdk(sdk version)
message(STATUS "sdk=${{sdk}} version=${{version}}")
if(BUILD)
  _npu_hailort_features(features ${{sdk}})
  message(STATUS "features=${{features}}")
  _npu_hailort_say_what_is_missing(${{version}} "${{features}}")
  add_executable(says main.cpp)
  target_link_libraries(says PRIVATE ${{sdk}})
endif()
"""
# Adapter and self-test without their sources: what is built of them and where it goes.
MODULES = """
cmake_minimum_required(VERSION 3.25)
project(modules LANGUAGES CXX)
list(APPEND CMAKE_MODULE_PATH {source}/cmake)
include(GNUInstallDirs)
include(NpuHailort)
function(_npu_common_setup)
endfunction()
foreach(library IN ITEMS device_hailort_common device tensor base)
  add_library(npu::${{library}} INTERFACE IMPORTED)
endforeach()
npu_hailort_sources(ENTRY entry.cpp GENERAL empty.cpp SELFTEST checks.cpp)
npu_hailort_sdk(sdk version)
npu_hailort_plugin(${{version}} ${{version}} ${{sdk}} INSTALL)
"""
PROGRAM = """
#include <hailo/hailort.h>
#include <cstdio>
int main() {
  hailo_version_t version{};
  if (hailo_get_library_version(&version) != HAILO_SUCCESS) return 1;
  std::printf("%u.%u\\n", version.major, version.minor);
}
"""
# As HailoRT installs it: one imported target, of any version of one major number.
CONFIG = """
get_filename_component(prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
add_library(HailoRT::libhailort SHARED IMPORTED)
set_target_properties(HailoRT::libhailort PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES "${prefix}/include"
  IMPORTED_LOCATION "${prefix}/lib/libhailort.so.5.2.0" IMPORTED_SONAME libhailort.so.5.2.0)
"""
VERSION = """
set(PACKAGE_VERSION {version})
if(PACKAGE_FIND_VERSION_MAJOR EQUAL {major} AND NOT PACKAGE_FIND_VERSION VERSION_GREATER PACKAGE_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
endif()
"""
# What 5.1.0 has not.
NEW_IN_5_1_1 = re.compile(r"\b(max_context_capacity|save_context|load_context)\(")


class FindPackage(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.scratch = pathlib.Path(scratch.name)
        (self.scratch / "src").symlink_to(SOURCE / "src")
        (self.scratch / "CMakeLists.txt").write_text(PROJECT.format(source=SOURCE))
        (self.scratch / "main.cpp").write_text(PROGRAM)

    def install(self, version, headers=SOURCE / "tests" / "fakes" / "hailort" / "include"):
        prefix = self.scratch / "prefix"
        package = prefix / "lib" / "cmake" / "HailoRT"
        package.mkdir(parents=True)
        (package / "HailoRTConfig.cmake").write_text(CONFIG)
        (package / "HailoRTConfigVersion.cmake").write_text(
            VERSION.format(version=version, major=version.split(".")[0]))
        (prefix / "include").symlink_to(headers)
        (prefix / "lib" / "libhailort.so.5.2.0").symlink_to(ADAPTERS / "libhailort.so.5.2.0")
        return package

    def run_cmake(self, *arguments):
        done = subprocess.run(["cmake", *map(str, arguments)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode, done.stdout

    def configure(self, *arguments):
        return self.run_cmake("-S", self.scratch, "-B", self.scratch / "build", "-G", "Ninja", *arguments)

    @unittest.skipIf(os.environ.get("NPU_SANITIZE"), "the library needs the sanitizer's runtime")
    def test_an_installed_version_is_found_and_linked(self):
        code, said = self.configure(f"-DHailoRT_DIR={self.install('5.2.0')}", "-DBUILD=ON")
        self.assertEqual(code, 0, said)
        self.assertIn("sdk=HailoRT::libhailort version=5.2.0", said)
        self.assertIn("NPU_HAILORT_GENAI", said)
        self.assertNotIn("not supported", said)
        code, said = self.run_cmake("--build", self.scratch / "build")
        self.assertEqual(code, 0, said)
        done = subprocess.run([self.scratch / "build" / "says"], capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout, "5.2\n")

    @unittest.skipIf(os.environ.get("NPU_SANITIZE"), "the library needs the sanitizer's runtime")
    def test_adapter_and_self_test_are_installed_beside_each_other(self):
        (self.scratch / "CMakeLists.txt").write_text(MODULES.format(source=SOURCE))
        (self.scratch / "empty.cpp").touch()
        for name, symbol in (("entry", "npu_hailort_plugin"), ("checks", "npu_hailort_selftest")):
            (self.scratch / f"{name}.cpp").write_text(f'extern "C" void {symbol}() {{}}\n')
        code, said = self.configure(f"-DHailoRT_DIR={self.install('5.2.0')}", "-DCMAKE_INSTALL_LIBDIR=lib")
        self.assertEqual(code, 0, said)
        code, said = self.run_cmake("--build", self.scratch / "build")
        self.assertEqual(code, 0, said)
        code, said = self.run_cmake("--install", self.scratch / "build", "--prefix", self.scratch / "installed")
        self.assertEqual(code, 0, said)
        files = sorted(file.name for file in (self.scratch / "installed" / "lib" / "hailo").iterdir())
        self.assertEqual(files, ["hailort-5.2.0.so", "hailort-selftest-5.2.0.so"])

    def test_generative_models_that_cannot_save_a_context_are_left_out_with_advice(self):
        headers = self.scratch / "headers"
        shutil.copytree(SOURCE / "tests" / "fakes" / "hailort" / "include", headers)
        for kind in ("llm", "vlm"):
            file = headers / "hailo" / "genai" / kind / f"{kind}.hpp"
            lines = file.read_text().splitlines(keepends=True)
            file.write_text("".join(line for line in lines if not NEW_IN_5_1_1.search(line)))
        code, said = self.configure(f"-DHailoRT_DIR={self.install('5.1.0', headers)}", "-DBUILD=ON")
        self.assertEqual(code, 0, said)
        self.assertNotIn("NPU_HAILORT_GENAI", said)
        self.assertIn("NPU_HAILORT_HEF_ARCHS", said)
        self.assertIn("HailoRT 5.1.0 is not supported for language and speech models", said)
        self.assertIn("install HailoRT 5.1.1", said.replace("\n", " ").replace("  ", " "))

    def test_a_version_for_the_older_chips_is_taken_too(self):
        code, said = self.configure(f"-DHailoRT_DIR={self.install('4.23.0')}")
        self.assertEqual(code, 0, said)
        self.assertIn("sdk=HailoRT::libhailort version=4.23.0", said)

    def test_none_is_an_error_only_where_it_is_demanded(self):
        nowhere = ("-DCMAKE_DISABLE_FIND_PACKAGE_HailoRT=ON",)
        code, said = self.configure(*nowhere)
        self.assertEqual(code, 0, said)
        self.assertIn("its adapter is left out", said)
        code, said = self.configure(*nowhere, "-DNPU_HAILORT=ON")
        self.assertNotEqual(code, 0)
        self.assertIn("NPU_HAILORT is ON and HailoRT 5.1.1 or later was not found", said)


if __name__ == "__main__":
    unittest.main()
