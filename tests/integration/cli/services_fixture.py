"""hailoctl beside real services, and a systemd that says that it has started them."""

import json
import pathlib
import subprocess
import tempfile
import unittest

from support.fake_systemd import FakeSystemd
from support.manager_process import BIN, SLOW, SOURCE

TIMEOUT = 120 * SLOW
CTL = str(BIN / "hailoctl")


class WithSystemd(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "systemd").mkdir()
        self.systemd = FakeSystemd(self.folder / "systemd")
        self.socket = self.folder / "no.sock"

    def hailoctl(self, *arguments, **more):
        return subprocess.run([CTL, "--socket", str(self.socket), *map(str, arguments)], capture_output=True, text=True,
                              timeout=TIMEOUT, stdin=subprocess.DEVNULL, cwd=self.folder,
                              env={**self.systemd.environment(), **more})

    def json_of(self, *arguments, status=0):
        done = self.hailoctl("--json", *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def config(self, name, text):
        path = self.folder / f"{name}.yaml"
        path.write_text(text)
        return path


def packaged_services():
    return sorted(path.stem for path in (SOURCE / "packaging/debian").glob("hailo-*.service"))
