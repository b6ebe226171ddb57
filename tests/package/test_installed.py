"""Installs everything and runs it from there: nothing is told where anything is."""

import contextlib
import os
import pathlib
import subprocess
import tempfile
import unittest

from support.manager_process import BIN, SOURCE
from support.patience import Patience

BUILD = pathlib.Path(BIN).parent
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith(("HAILO_", "LD_LIBRARY_PATH"))}


def run(*command, **more_environment):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, env={**ENVIRONMENT, **more_environment})
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


@contextlib.contextmanager
def manager_of(prefix, folder):
    """The installed manager, told only its device and its socket."""
    empty, log = folder / "manager.yaml", folder / "manager.log"
    empty.write_text("{}\n")
    with open(log, "wb") as out:
        process = subprocess.Popen([prefix / "bin" / "hailo-device-manager", "--config", empty, "--device", "onnx",
                                    "--http", "off", "--socket-path", folder / "device.sock"],
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=ENVIRONMENT)
    try:
        patience = Patience("the installed manager serves", log.read_text)
        while not (folder / "device.sock").exists():
            if process.poll() is not None:
                raise AssertionError(f"it ended with {process.returncode}: {log.read_text()[-2000:]}")
            patience.spend()
        yield process
    finally:
        process.terminate()
        process.wait()


def workers_of(manager):
    children = pathlib.Path(f"/proc/{manager.pid}/task/{manager.pid}/children").read_text().split()
    return {os.readlink(f"/proc/{child}/exe") for child in children}


class Installed(unittest.TestCase):
    def setUp(self):
        self.scratch = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def runs_from(self, prefix):
        for name in ("clip-tiny-image.onnx", "clip-tiny-text.onnx", "clip-tiny-bpe.txt", "clip-tiny-tokens.npy",
                     "clip-tiny-projection.npy", "depth-tiny.onnx", "detect-tiny.onnx", "segment-tiny.onnx", "pose-tiny.onnx",
                     "face-tiny.onnx", "things.txt"):
            self.assertTrue((prefix / "share/hailo/models" / name).is_file(), name)
        self.assertTrue((prefix / "share/hailo/catalogue/scdepthv3.yaml").is_file())
        with manager_of(prefix, self.scratch) as manager:
            hailoctl = [prefix / "bin" / "hailoctl", "--socket", self.scratch / "device.sock"]
            self.assertEqual(run(*hailoctl, "load", "scdepthv3"), "Model loaded: scdepthv3\n")
            self.assertEqual(workers_of(manager), {str(prefix / "libexec/hailo/hailo-device-worker")})
            seen = run(*hailoctl, "infer", "scdepthv3", SOURCE / "docs/pictures/yard.jpg")
            self.assertIn("float32 (256, 320, 1)", seen)

    def test_in_any_prefix(self):
        run("cmake", "--install", BUILD, "--prefix", self.scratch / "prefix")
        self.runs_from(self.scratch / "prefix")

    def test_for_usr_in_the_folder_of_a_package(self):
        run("cmake", "--install", BUILD, "--prefix", "/usr", DESTDIR=str(self.scratch / "package"))
        self.runs_from(self.scratch / "package" / "usr")


if __name__ == "__main__":
    unittest.main()
