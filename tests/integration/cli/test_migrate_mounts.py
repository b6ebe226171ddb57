"""hailoctl migrate on full disks, and between file systems."""

import subprocess
import unittest

from migrate_fixture import FACES, KEPT, Migration
from support import python_project
from support.manager_process import BIN, SLOW


class OwnMounts(Migration):
    """On file systems of their own, in a mount namespace of their own."""

    FULL = """set -e
mount -t tmpfs -o size=4m none "$ROOT"
cp -a "$FROM/." "$ROOT"
set +e
cat /dev/zero > "$ROOT/filler"
truncate -s "-${ROOM}k" "$ROOT/filler"
"$@" > "$OUT" 2>&1
echo $? >> "$OUT"
rm -f "$ROOT/filler"
"$@" >> "$OUT" 2>&1
echo $? >> "$OUT"
rm -rf "$RESULT"
cp -a "$ROOT" "$RESULT"
"""
    OTHERS = """set -e
cp -a "$FROM/." "$ROOT"
mkdir -p "$ROOT/var/lib/hailo/models" "$ROOT/var/backups"
mount -t tmpfs none "$ROOT/var/lib/hailo/models"
mount -t tmpfs none "$ROOT/var/backups"
"$@" --yes
cp -a "$ROOT" "$RESULT"
"$@" --undo
cp -a "$ROOT" "$RESULT.undone"
"""

    def setUp(self):
        super().setUp()
        probe = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", self.root], capture_output=True)
        if probe.returncode:
            self.skipTest("no namespaces here: " + probe.stderr.decode())
        self.source = self.folder / "source"
        self.source.mkdir()
        self.result = self.folder / "result"
        self.out = self.folder / "out"
        python_project.install(self.source, ("hailo-depth", "hailo-face"))
        # The one user that there is.
        python_project.put(self.source, "etc/passwd", "hailo-face:x:0:0::/var/lib/hailo-face:/bin/false\n")

    def run_there(self, script, *arguments, **env):
        env |= {"ROOT": str(self.root), "FROM": str(self.source), "OUT": str(self.out), "RESULT": str(self.result)}
        done = subprocess.run(["unshare", "-rm", "sh", "-c", script, "sh", BIN / "hailoctl", "migrate", "--root", self.root,
                               *arguments], env={**self.env, **env}, capture_output=True, text=True, timeout=60 * SLOW)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_full_disk_stops_it_and_room_lets_it_go_on(self):
        for room in (4, 12, 24):  # it ends at another step each time
            with self.subTest(room=room):
                self.run_there(self.FULL, "--yes", ROOM=str(room))
                said = self.out.read_text()
                self.assertRegex(said, "No space left on device|database or disk is full")
                self.assertIn("goes on", said)
                self.assertTrue(said.rstrip().endswith("\n0"), said)
                self.assertEqual(python_project.people(self.result / FACES), ["Ada Lovelace", "Grace Hopper"])
                self.assertTrue((self.result / "var/lib/hailo/models/scdepthv3.hef").exists())
                self.assertIn("port: 11439", (self.result / "etc/hailo/hailo-depth.yaml").read_text())

    def test_what_goes_to_other_file_systems_is_copied_and_comes_back(self):
        old, new = "var/lib/hailo-depth/resources/models/scdepthv3.hef", "var/lib/hailo/models/scdepthv3.hef"
        before = python_project.snapshot(self.source)
        self.run_there(self.OTHERS)
        there = python_project.snapshot(self.result)
        self.assertEqual(there[new][3], before[old][3])
        self.assertEqual(there[new][0], "0o100644")
        self.assertNotIn(old, there)
        self.assertEqual(there[f"{KEPT}/etc/hailo/hailo-depth.yaml"], before["etc/hailo/hailo-depth.yaml"])
        after = python_project.snapshot(self.result.with_suffix(".undone"))
        self.assertEqual({path: after.get(path) for path in before if path != FACES},
                         {path: is_ for path, is_ in before.items() if path != FACES})
        self.assertEqual(python_project.people(self.result.with_suffix(".undone") / FACES),
                         ["Ada Lovelace", "Grace Hopper"])
        self.assertNotIn(new, after)

if __name__ == "__main__":
    unittest.main()
