"""hailoctl migrate on installations that are not as they should be: as far as it goes, and back."""

import fcntl
import os
import re
import shutil
import unittest

from migrate_fixture import FACES, KEPT, Migration
from support import python_project
from support.manager_process import SOURCE


class Broken(Migration):
    """Each is migrated as far as it goes, says what is wrong, and can be undone."""

    def setUp(self):
        super().setUp()
        python_project.install(self.root)
        self.outside = self.folder / "outside"
        self.outside.mkdir()

    def migrate_and_back(self, *expected):
        before = self.snapshot(FACES)
        outside = python_project.snapshot(self.outside)
        said = self.migrate("--yes")
        for text in expected:
            self.assertRegex(said, text)
        self.assertEqual(python_project.snapshot(self.outside), outside)
        state = self.snapshot()
        self.assertIn("nothing left to do", self.migrate("--yes"))
        self.assertEqual(self.snapshot(), state)
        self.migrate("--undo")
        self.assertEqual(python_project.snapshot(self.outside), outside)
        shutil.rmtree(self.root / "var/backups")
        new = ("var/lib/hailo", "var/lib/hailo/models", "var/backups")
        self.assertEqual(self.snapshot(FACES, *new), before)
        return said

    def test_units_are_missing(self):
        for name in ("hailo-depth", "hailo-device-manager", "hailo-florence"):
            (self.root / f"etc/systemd/system/{name}.service").unlink()
        self.migrate_and_back("hailo-florence: has no successor")

    def test_configuration_that_cannot_be_read(self):
        put = python_project.put
        put(self.root, "etc/xdg/hailo-depth/hailo-depth.json", "{broken")
        put(self.root, "etc/hailo/hailo-clip.yaml", "a: [1, 2\nb")
        put(self.root, "etc/hailo/hailo-scrfd.yaml", "x" * 100_000)
        (self.root / "etc/xdg/hailo-pose/hailo-pose.json").write_bytes(b"\xff\xfe\x00\x01")
        (self.root / "etc/hailo/hailo-pose.yaml").write_bytes(b"\0" * 100)
        said = self.migrate_and_back("hailo-depth.json cannot be used", "hailo-clip.yaml cannot be used",
                                     "hailo-scrfd.yaml has over 65536 bytes", "the defaults are used")
        self.assertIn("taken over from /etc/hailo/hailo-depth.yaml", self.taken_over("hailo-depth"), said)

    def taken_over(self, name):
        self.migrate("--yes")
        text = self.yaml(name)
        self.check_configuration(name)
        self.migrate("--undo")
        return text

    def test_configuration_that_was_changed_and_not_rendered_is_said(self):
        file = self.root / "etc/hailo/hailo-depth.yaml"
        file.write_text(file.read_text().replace("11439", "12000"))
        self.assertIn("the service ran without it: server.port", self.migrate())
        self.assertIn("port: 11439", self.taken_over("hailo-depth"))

    def test_configuration_that_apt_has_replaced_is_read_where_apt_has_put_it(self):
        file = self.root / "etc/hailo/hailo-clip.yaml"
        file.write_text(file.read_text().replace("5000", "5999"))
        file.rename(f"{file}.dpkg-old")
        shutil.copy(SOURCE / "packaging/etc/hailo-clip.yaml", file)
        self.assertIn("port: 5999", self.taken_over("hailo-clip"))

    def test_files_that_are_folders_and_folders_that_are_files(self):
        for path in ("etc/xdg/hailo-depth/hailo-depth.json", "etc/hailo/hailo-pose.yaml",
                     "etc/xdg/hailo-pose/hailo-pose.json", FACES):
            (self.root / path).unlink()
            (self.root / path).mkdir()
        model = self.root / "var/lib/hailo-depth/resources/models/scdepthv3.hef"
        model.unlink()
        model.mkdir()
        shutil.rmtree(self.root / "var/lib/hailo-ocr")
        python_project.put(self.root, "var/lib/hailo-ocr", "a file")
        self.migrate_and_back("hailo-depth.json is no file", "hailo-pose.yaml is no file: no configuration is written",
                              "faces.db is no file of its own")

    def test_links_lead_nowhere(self):
        models = self.root / "var/lib/hailo-depth/resources/models"
        shadow = python_project.put(self.outside, "shadow", "secret", 0o600)
        shutil.rmtree(self.root / "var/lib/hailo-pose/resources")
        (self.root / "var/lib/hailo-pose/resources").symlink_to(self.outside)
        (models / "dangling.hef").symlink_to("/nowhere")
        (models / "shadow.hef").symlink_to(shadow)
        os.link(shadow, models / "hard.hef")
        python_project.put(self.outside, "evil.yaml", "server: {port: 1}")
        (self.root / "etc/hailo/hailo-clip.yaml").unlink()
        (self.root / "etc/hailo/hailo-clip.yaml").symlink_to(self.outside / "evil.yaml")
        (self.root / "etc/xdg/hailo-ocr/hailo-ocr.json").unlink()
        (self.root / "etc/xdg/hailo-ocr/hailo-ocr.json").symlink_to("loop")
        self.migrate_and_back("dangling.hef stays where it is: it is a link", "shadow.hef stays where it is: it is a link",
                              "hard.hef stays where it is: it is the same file as another", "hailo-clip.yaml cannot be used")

    def test_a_folder_of_configuration_that_leads_out_stops_it_before_it_writes_there(self):
        shutil.move(self.root / "etc/hailo", self.outside / "hailo")
        (self.root / "etc/hailo").symlink_to(self.outside / "hailo")
        before = python_project.snapshot(self.outside)
        said = self.migrate("--yes", status=1)
        self.assertIn("a link or a file is on the way", said)
        self.assertEqual(python_project.snapshot(self.outside), before)
        self.migrate("--undo")

    def test_names_with_control_characters_are_shown_and_not_obeyed(self):
        models = self.root / "var/lib/hailo-depth/resources/models"
        for name in ("new\nline.hef", "\x1b[2J.hef", "sp ace.hef", "ümlaut.onnx", "-rf.hef", ".hidden.hef"):
            python_project.put(models, name, "x")
        said = self.migrate_and_back(r"new\\x0aline.hef stays where it is: no model is called so")
        self.assertNotIn("\x1b", said)
        self.assertNotRegex(said, r"\nline\.hef")

    def test_two_models_of_one_name(self):
        python_project.put(self.root, "var/lib/hailo-depth/resources/models/hailo8/scdepthv3.hef", "another")
        python_project.put(self.root, "var/lib/hailo/models/yolov8s_pose.hef", "was here")
        before = self.snapshot(FACES)
        said = self.migrate("--yes")
        self.assertEqual(len(re.findall("stays where it is: there is a /var/lib/hailo/models/", said)), 2)
        self.assertEqual((self.root / "var/lib/hailo/models/yolov8s_pose.hef").read_text(), "was here")
        self.migrate("--undo")
        shutil.rmtree(self.root / "var/backups")
        self.assertEqual(self.snapshot(FACES, "var/backups"), before)

    def test_somebodys_own_unit_is_left_alone(self):
        python_project.put(self.root, "etc/systemd/system/hailo-depth.service", "[Service]\nExecStart=/home/me/depth\n")
        self.migrate_and_back("hailo-depth.service is not the Python project's: it is left alone")

    def test_without_our_packages_it_says_which_is_missing(self):
        (self.root / "usr/lib/systemd/system/hailo-device-manager.service").unlink()
        self.assertIn("the package hailo-device-manager is not installed", self.migrate("--yes", status=1))

    def test_two_at_once(self):
        lock = os.open(self.root, os.O_RDONLY)
        self.addCleanup(os.close, lock)
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = self.snapshot()
        self.assertIn("another migration is at work", self.migrate("--yes", status=1))
        self.assertIn("another migration is at work", self.migrate("--undo", status=1))
        self.assertEqual(self.snapshot(), before)

    def test_no_installation_at_all(self):
        shutil.rmtree(self.root)
        self.root.mkdir()
        self.assertIn("there is nothing to migrate", self.migrate("--yes"))
        self.assertIn("nothing to undo", self.migrate("--undo"))

    def test_a_journal_that_cannot_be_understood_stops_everything(self):
        python_project.put(self.root, f"{KEPT}/journal", "not a journal\n")
        before = self.snapshot()
        for what in ("--yes", "--undo"):
            self.assertIn("line 1 of /var/backups/hailo-migration/journal cannot be understood",
                          self.migrate(what, status=1))
        self.assertEqual(self.snapshot(), before)

if __name__ == "__main__":
    unittest.main()
