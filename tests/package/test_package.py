"""Installs the client library into a temporary folder and builds another project against it."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from support.manager_process import BIN, SOURCE, ManagerProcess

# Programs of the consumer: with the blocking client, and with coroutines.
PROGRAMS = ("main", "async")
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

    def ping_a_manager(self, folder):
        [library] = self.prefix.glob("lib/**/libnpu-client.so.0")
        with ManagerProcess() as manager:
            for program in PROGRAMS:
                said = run(folder / program, manager.socket_path, env={**os.environ, "LD_LIBRARY_PATH": str(library.parent)})
                self.assertIn("ok", said)

    def test_all_public_headers_are_there(self):
        self.assertEqual({path.name for path in (self.prefix / "include/npu").iterdir()},
                         {path.name for path in (SOURCE / "include/npu").iterdir()})

    def test_another_project_finds_the_client_by_cmake(self):
        build = self.scratch / "build"
        run("cmake", "-S", CONSUMER, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        self.ping_a_manager(build)

    def test_another_project_finds_the_client_by_pkg_config(self):
        [found] = self.prefix.glob("lib/**/npu-client.pc")
        flags = run("pkg-config", "--cflags", "--libs", "npu-client",
                    env={**os.environ, "PKG_CONFIG_PATH": str(found.parent)}).split()
        folder = self.scratch / "by_pkg_config"
        folder.mkdir()
        for program in PROGRAMS:
            run("g++", "-std=c++20", CONSUMER / f"{program}.cpp", "-o", folder / program, *flags)
        self.ping_a_manager(folder)

    def test_it_exports_what_its_headers_declare_and_asio(self):
        """So that nothing else becomes what programs rely on. The oracle is nm."""
        [library] = self.prefix.glob("lib/**/libnpu-client.so.0")
        declared = set(re.findall(r"\w+", "".join(path.read_text() for path in (SOURCE / "include/npu").iterdir())))
        exported = run("nm", "--dynamic", "--demangle", "--defined-only", library).splitlines()
        self.assertGreater(len(exported), 100)
        for line in exported:
            symbol, version = re.fullmatch(r"[0-9a-f]* [A-Zu] (.*?)(?:@@(\w+))?", line).groups()
            if version is None:
                self.assertRegex(symbol, "^(NPU_CLIENT_0|BOOST_ASIO)_")
            elif version.startswith("NPU_CLIENT_0_"):
                self.assertIn(re.match(r"npu::(\w+)", symbol).group(1), declared, line)
            else:
                self.assertIn("boost::asio::", symbol)


if __name__ == "__main__":
    unittest.main()
