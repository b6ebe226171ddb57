"""Installs the client library into a temporary folder and builds another project against it."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from support.manager_process import BIN, SOURCE, ManagerProcess

CONSUMER = pathlib.Path(__file__).resolve().parent / "consumer"
BUILD = pathlib.Path(BIN).parent


def run(*command, **how):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **how)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


@unittest.skipIf(os.environ.get("NPU_SANITIZE"), "installed libraries are built without sanitizers")
class Package(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.prefix = cls.scratch / "prefix"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix)

    def pings_a_manager(self, consumer):
        with ManagerProcess() as manager:
            self.assertIn("ok", run(consumer, manager.socket_path))

    def test_all_public_headers_are_there(self):
        self.assertEqual({path.name for path in (self.prefix / "include/npu").iterdir()},
                         {path.name for path in (SOURCE / "include/npu").iterdir()})

    def test_another_project_finds_the_client_by_cmake(self):
        build = self.scratch / "build"
        run("cmake", "-S", CONSUMER, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        self.pings_a_manager(build / "consumer")

    def test_another_project_finds_the_client_by_pkg_config(self):
        [found] = self.prefix.glob("lib/**/npu-client.pc")
        flags = run("pkg-config", "--cflags", "--libs", "npu-client",
                    env={**os.environ, "PKG_CONFIG_PATH": str(found.parent)}).split()
        consumer = self.scratch / "by_pkg_config"
        run("g++", "-std=c++20", CONSUMER / "main.cpp", "-o", consumer, *flags)
        self.pings_a_manager(consumer)


if __name__ == "__main__":
    unittest.main()
