"""hailoctl migrate does what it says, twice does nothing, and takes it back.

Our own programs judge the configuration that is written (--check-config).
"""

import json
import os
import pathlib
import pty
import shutil
import subprocess
import unittest

from migrate_fixture import FACES, KEPT, Migration, OURS
from support import python_project
from support.manager_process import BIN, SLOW, SOURCE


class Whole(Migration):
    def setUp(self):
        super().setUp()
        python_project.install(self.root)

    def test_without_yes_it_says_what_it_would_do_and_changes_nothing(self):
        before = self.snapshot()
        said = self.migrate()
        self.assertEqual(self.snapshot(), before)
        for line in ("Nothing was changed", "sudo hailoctl migrate --yes", "server.port: 12440",
                     "move /var/lib/hailo-pose/resources/models/hailo10h/yolov8s_pose.hef to "
                     "/var/lib/hailo/models/yolov8s_pose.hef",
                     "HAILO_DEVICE_SOCKET_GROUP (hailo)", "Open to the whole network until now: hailo-clip"):
            self.assertIn(line, said)
        for name in ("hailo-florence", "hailo-ollama", "hailo-web-portal"):
            self.assertRegex(said, f"{name}: has no successor: .* It is stopped and disabled")
        for name in ("hailo-vision", "hailo-whisper", "hailo-piper"):
            self.assertRegex(said, f"{name}: has no successor yet: .* goes on")
        plan = json.loads(self.migrate("--json"))
        self.assertEqual({at["service"] for at in plan["services"]},
                         {"hailo-device-manager", *python_project.SERVICES})

    def test_yes_takes_all_of_it_over(self):
        models = {path: (self.root / path).read_bytes() for path in python_project.MODELS}
        self.migrate("--yes")
        for name in (*OURS, "manager"):
            with self.subTest(name):
                self.check_configuration(name)
        for name in OURS:
            self.assertRegex(self.yaml(name), r"\n  host: 127\.0\.0\.1\n")
            self.assertIn(f"  port: {python_project.CONFIGS[name]['server']['port']}\n", self.yaml(name))
            self.assertFalse((self.root / f"etc/systemd/system/{name}.service").exists())
        self.assertIn("colormap: turbo", self.yaml("hailo-depth"))
        self.assertIn("recognition_threshold: 0.55", self.yaml("hailo-face"))
        self.assertIn("  model: scrfd_2.5g\n", self.yaml("hailo-scrfd"))
        self.assertIn("message_bytes: 8388608", self.yaml("manager"))
        for path, content in models.items():
            service = path.split("/")[2]
            new = self.root / "var/lib/hailo/models" / pathlib.Path(path).name
            if service in OURS:
                self.assertEqual(new.read_bytes(), content)
                self.assertEqual(new.stat().st_mode & 0o7777, 0o644)
                self.assertEqual(new.stat().st_uid, os.geteuid())  # root, where root runs this
            else:  # of services that go on, and of hailo-apps
                self.assertEqual((self.root / path).read_bytes(), content)
        enabled = {link.name for link in (self.root / "etc/systemd/system/multi-user.target.wants").iterdir()}
        self.assertEqual(enabled, {f"{name}.service" for name in (
            "hailo-device-manager", "hailo-vision", "hailo-whisper", "hailo-piper", *OURS)})
        self.assertIn("SupplementaryGroups=hailo\n",
                      (self.root / "etc/systemd/system/hailo-vision.service.d/10-hardening.conf").read_text())
        self.assertEqual((self.root / KEPT).stat().st_mode & 0o7777, 0o700)

    def test_twice_changes_nothing(self):
        self.migrate("--yes")
        before = self.snapshot()
        self.assertIn("There is nothing left to do", self.migrate("--yes"))
        self.assertEqual(self.snapshot(), before)
        self.assertIn("was migrated already", self.migrate())

    def test_undo_brings_all_of_it_back(self):
        before = self.snapshot(FACES)
        self.migrate("--yes")
        self.migrate("--undo")
        left = f"{KEPT}/{FACES}.since-migration"
        folders = {str(path) for path in pathlib.Path(left).parents if str(path) != "."}
        new = {"var/lib/hailo", "var/lib/hailo/models", "var/backups"}
        self.assertEqual(self.snapshot(FACES, left, *folders, *new),
                         {path: is_ for path, is_ in before.items() if path not in folders})
        self.assertEqual(python_project.people(self.root / FACES), ["Ada Lovelace", "Grace Hopper"])
        self.assertIn("nothing to undo", self.migrate("--undo"))

    def test_after_undo_drop_ins_of_the_packages_are_not_for_the_old_units(self):
        ours = self.root / "usr/lib/systemd/system"
        shutil.copytree(SOURCE / "packaging/systemd", ours, dirs_exist_ok=True)
        self.migrate("--yes")
        self.migrate("--undo")
        for name in ("hailo-device-manager", *python_project.SERVICES):
            shadowed = {path.name for folder in ("hailo-", name) for path in ours.glob(f"{folder}.service.d/*.conf")}
            self.assertIn("10-hardening.conf", shadowed)
            for drop_in in shadowed:
                text = (self.root / f"etc/systemd/system/{name}.service.d" / drop_in).read_text()
                self.assertRegex(text, "^#[^\n]*\n$")
        self.migrate("--yes")
        for name in OURS:
            self.assertFalse((self.root / f"etc/systemd/system/{name}.service.d/10-hardening.conf").exists(), name)
        for name in ("hailo-vision", "hailo-whisper"):
            self.assertIn("SupplementaryGroups=hailo\n",
                          (self.root / f"etc/systemd/system/{name}.service.d/10-hardening.conf").read_text(), name)

    def test_of_another_root_no_unit_is_stopped_or_started(self):
        self.migrate("--yes")
        self.migrate("--undo")
        verbs = set()
        for line in self.log.read_text().splitlines():
            root, verb, *_ = line.split()
            self.assertEqual(root, f"--root={self.root}")
            verbs.add(verb)
            self.assertNotIn("--now", line)
        self.assertEqual(verbs, {"is-enabled", "enable", "disable"})

    def test_bind_keep_leaves_open_what_was(self):
        self.migrate("--yes", "--bind", "keep")
        for name in OURS:
            self.assertRegex(self.yaml(name), r"\n  host: 0\.0\.0\.0\n")

    def test_on_a_terminal_it_asks_and_anything_but_yes_closes_what_was_open(self):
        for answer, host in (("y", "0.0.0.0"), ("", "127.0.0.1"), ("maybe", "127.0.0.1")):
            with self.subTest(answer):
                ours, theirs = pty.openpty()
                with os.fdopen(ours, "wb", buffering=0) as terminal, os.fdopen(theirs, "rb") as stdin:
                    terminal.write(answer.encode() + b"\n")
                    done = subprocess.run([BIN / "hailoctl", "migrate", "--root", self.root, "--yes"], stdin=stdin,
                                          capture_output=True, text=True, timeout=60 * SLOW, env=self.env)
                self.assertIn("Leave them open? [y/N]", done.stdout)
                self.assertIn(f"  host: {host}\n", self.yaml("hailo-depth"))
                self.migrate("--undo")

    def test_killed_anywhere_it_is_gone_on_with_or_taken_back(self):
        self.migrate("--yes")
        whole = self.snapshot(f"{KEPT}/journal", FACES)
        self.migrate("--undo")
        shutil.rmtree(self.root / "var/backups")
        before = self.snapshot(FACES)
        for call in ("disable hailo-web-portal.service", "disable hailo-device-manager.service",
                     "enable hailo-device-manager.service", "enable hailo-whisper.service"):
            with self.subTest(call):
                self.migrate("--yes", status=-9, FAKE_KILL=call)
                self.migrate("--yes")
                self.assertEqual(self.snapshot(f"{KEPT}/journal", FACES), whole)
                self.migrate("--undo")
                shutil.rmtree(self.root / "var/backups")
                self.assertEqual(self.snapshot(FACES), before)
                self.migrate("--yes", status=-9, FAKE_KILL=call)
                self.migrate("--undo")
                shutil.rmtree(self.root / "var/backups", ignore_errors=True)
                self.assertEqual(self.snapshot(FACES), before)

    def test_a_service_whose_package_comes_later_is_migrated_then(self):
        unit = self.root / "usr/lib/systemd/system/hailo-pose.service"
        later = unit.read_text()
        unit.unlink()
        self.assertIn("the package hailo-pose is not installed", self.migrate("--yes"))
        self.assertTrue((self.root / "etc/systemd/system/hailo-pose.service").exists())
        self.assertTrue((self.root / "etc/systemd/system/hailo-pose.service.d/10-hardening.conf").exists())
        unit.write_text(later)
        self.migrate("--yes")
        self.check_configuration("hailo-pose")
        self.assertFalse((self.root / "etc/systemd/system/hailo-pose.service").exists())
        self.assertFalse((self.root / "etc/systemd/system/hailo-pose.service.d/10-hardening.conf").exists())

    @unittest.skipIf(os.geteuid() == 0, "this is root")
    def test_root_is_needed_for_the_machine_itself(self):
        done = subprocess.run([BIN / "hailoctl", "migrate", "--yes"], capture_output=True, text=True, env=self.env)
        self.assertEqual(done.returncode, 1)
        self.assertIn("root is needed", done.stderr)


@unittest.skipIf(shutil.which("systemctl") is None, "there is no systemctl")
class WithSystemctl(Migration):
    """The real one, which does without a running systemd what is of another root."""

    def setUp(self):
        super().setUp()
        python_project.install(self.root)
        self.env["PATH"] = os.environ["PATH"]

    def links(self):
        wants = self.root / "etc/systemd/system/multi-user.target.wants"
        return {link.name.removesuffix(".service"): os.readlink(link) for link in wants.iterdir()}

    def test_what_is_enabled_is_ours_then_and_theirs_after_undo(self):
        before = self.links()
        self.migrate("--yes")
        after = self.links()
        for name in ("hailo-device-manager", *OURS):
            self.assertEqual(after.pop(name), f"/usr/lib/systemd/system/{name}.service")
        self.assertEqual(after, {name: before[name] for name in ("hailo-piper", "hailo-vision", "hailo-whisper")})
        self.migrate("--undo")
        self.assertEqual(self.links(), before)

if __name__ == "__main__":
    unittest.main()
