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


class Package(unittest.TestCase):
    @unittest.skipIf(os.environ.get("NPU_SANITIZE"), "installed libraries are built without sanitizers")
    def test_another_project_finds_the_client_and_pings_a_manager(self):
        with tempfile.TemporaryDirectory() as scratch:
            scratch = pathlib.Path(scratch)
            run("cmake", "--install", BUILD, "--prefix", scratch / "prefix")
            headers = scratch / "prefix" / "include" / "npu"
            self.assertEqual({path.name for path in headers.iterdir()},
                             {path.name for path in (SOURCE / "include" / "npu").iterdir()})
            run("cmake", "-S", CONSUMER, "-B", scratch / "build", "-G", "Ninja",
                f"-DCMAKE_PREFIX_PATH={scratch / 'prefix'}")
            run("cmake", "--build", scratch / "build")
            with ManagerProcess() as manager:
                said = run(scratch / "build" / "consumer", manager.socket_path)
            self.assertIn("ok", said)


if __name__ == "__main__":
    unittest.main()
