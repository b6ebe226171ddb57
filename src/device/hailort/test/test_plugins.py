"""What is in the shared objects: a worker opens none of the hardware checks."""

import shutil
import subprocess
import unittest

from support.manager_process import ADAPTERS, BIN

CHECKS = "npu::device::hailort::selftest::"


def symbols(file, *options):
    """Names of what the file defines, C++ names in their written form."""
    nm = shutil.which("nm") or shutil.which("llvm-nm-19")
    done = subprocess.run([nm, "--demangle", "--defined-only", *options, str(file)], stdout=subprocess.PIPE,
                          text=True, check=True)
    return [line.split(maxsplit=2)[2] for line in done.stdout.splitlines() if len(line.split(maxsplit=2)) == 3]


def exported(file):
    return [name for name in symbols(file, "--dynamic") if not name.startswith("__")]


class Plugins(unittest.TestCase):
    adapter = ADAPTERS / "hailort-5.2.0.so"
    selftest = ADAPTERS / "hailort-selftest-5.2.0.so"

    def test_the_checks_are_in_their_own_object_only(self):
        self.assertTrue([name for name in symbols(self.selftest) if CHECKS + "restart(" in name])
        for file in (self.adapter, BIN / "hailo-device-worker", BIN / "hailo-device-manager"):
            self.assertTrue(symbols(file), file)
            self.assertEqual([name for name in symbols(file) if CHECKS in name], [], file)

    def test_each_exports_the_symbol_that_it_is_opened_by_and_nothing_else(self):
        self.assertEqual(exported(self.adapter), ["npu_hailort_plugin"])
        self.assertEqual(exported(self.selftest), ["npu_hailort_selftest"])


if __name__ == "__main__":
    unittest.main()
