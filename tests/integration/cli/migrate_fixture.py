"""hailoctl migrate on a root with an installation of the Python project.

systemctl is a script in PATH that keeps what is enabled as links below the root, as the real one does with --root.
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

from support import python_project
from support.manager_process import BIN, SLOW

SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$FAKE_LOG"
case $1 in --root=*) root=${1#--root=}; shift ;; esac
verb=$1
for unit; do :; done
wants="$root/etc/systemd/system/multi-user.target.wants"
[ "$verb $unit" != "$FAKE_KILL" ] || kill -9 $PPID
case $verb in
  is-enabled) [ -L "$wants/$unit" ] ;;
  enable) mkdir -p "$wants"; [ -L "$wants/$unit" ] || ln -s "/etc/systemd/system/$unit" "$wants/$unit" ;;
  disable) rm -f "$wants/$unit" ;;
esac
"""
OURS = ("hailo-clip", "hailo-depth", "hailo-face", "hailo-ocr", "hailo-pose", "hailo-scrfd")
KEPT = "var/backups/hailo-migration"
FACES = "var/lib/hailo-face/faces.db"


class Migration(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.root = self.folder / "root"
        self.root.mkdir()
        self.log = self.folder / "calls"
        script = python_project.put(self.folder, "bin/systemctl", SYSTEMCTL, 0o755)
        self.env = {**os.environ, "PATH": f"{script.parent}:{os.environ['PATH']}", "FAKE_LOG": str(self.log)}

    def migrate(self, *arguments, status=0, shim=(), **env):
        done = subprocess.run([*shim, BIN / "hailoctl", "migrate", "--root", self.root, *arguments], text=True,
                              capture_output=True, timeout=60 * SLOW, env={**self.env, **env}, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def snapshot(self, *leave_out):
        return python_project.snapshot(self.root, leave_out)

    def yaml(self, name):
        return (self.root / "etc/hailo" / f"{name}.yaml").read_text()

    def check_configuration(self, name):
        """By the program that is to read it."""
        file = self.root / "etc/hailo" / f"{name}.yaml"
        program = "hailo-device-manager" if name == "manager" else name
        done = subprocess.run([BIN / program, "--config", file, "--check-config"], text=True, capture_output=True,
                              timeout=60 * SLOW, env={"PATH": self.env["PATH"]})
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
