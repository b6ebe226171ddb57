"""What the tests of hailoctl pull share: a catalogue of one model, and a server that has its file."""

import hashlib
import os
import pathlib
import random
import subprocess
import tempfile
import unittest

from support.hostile_server import HostileServer
from support.manager_process import BIN, SLOW

PROGRAM = str(BIN / "hailoctl")
TIMEOUT = 60 * SLOW
QUICK = ("--retry-delay", "0")
CONTENT = b"\x08" + random.Random(1).randbytes(300_000)
OTHER = b"\x08" + random.Random(2).randbytes(300_000)


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class WithServer(unittest.TestCase):
    """A catalogue of one model, `net`, whose file for the CPU is net.onnx at self.server.url("/net")."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.server = self.enterContext(HostileServer())
        self.models = self.folder / "models"
        self.catalogue = self.folder / "catalogue"
        self.catalogue.mkdir()
        self.file = self.models / "net.onnx"
        self.socket = str(self.folder / "nobody")
        self.add("net")

    def add(self, name, device="onnx", ending="onnx", more="", **keys):
        keys = {"path": f"{name}.{ending}", "url": self.server.url(f"/{name}"), **keys}
        text = ", ".join(f"{key}: \"{value}\"" if key != "size" else f"size: {value}" for key, value in keys.items())
        (self.catalogue / f"{name}.yaml").write_text(
            f"name: {name}\nfamily: detect\nlicence: MIT\nfiles: {{{device}: {{{text}}}}}\n{more}")

    def command(self, *arguments):
        return [PROGRAM, "--socket", self.socket, *map(str, arguments), "--catalogue", str(self.catalogue),
                "--dir", str(self.models)]

    def environment(self):
        clean = {key: value for key, value in os.environ.items()
                 if not key.startswith("HAILO_") and not key.lower().endswith("_proxy")}
        return {**clean, "HAILO_DEVICE_PROBE": str(self.folder / "none")}

    def run_program(self, *arguments, **how):
        return subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=TIMEOUT,
                              stdin=subprocess.DEVNULL, env=how.pop("env", self.environment()), **how)

    def pull(self, *arguments, **how):
        return self.run_program("pull", "net", *QUICK, *arguments, **how)

    def assert_fetched(self, done, content=CONTENT):
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.file.read_bytes(), content)
        self.assertIn(sha256(content), done.stdout)
        self.assertEqual(sorted(path.name for path in self.models.iterdir()), ["net.onnx", "net.onnx.sha256"])
        check = subprocess.run(["sha256sum", "--check", "--strict", "net.onnx.sha256"], cwd=self.models,
                               capture_output=True, text=True, timeout=TIMEOUT)
        self.assertEqual((check.returncode, check.stdout), (0, "net.onnx: OK\n"))

    def assert_refused(self, done, message, advice=None):
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(message, done.stderr)
        self.assertFalse(self.file.exists())
        if advice:
            self.assertIn(advice, done.stderr)
