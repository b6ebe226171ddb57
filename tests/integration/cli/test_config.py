"""hailoctl config: what the programs themselves say of their configuration, as their units start them."""

import os
import unittest

from services_fixture import WithSystemd
from support.manager_process import BIN


class Config(WithSystemd):
    def setUp(self):
        super().setUp()
        self.file = self.config("pose", "server: {port: 81, api_keys: [very-secret-key]}\nlog: {level: debug}\n")
        self.systemd.add("hailo-pose", ("--config", self.file, "--threads", 3), Environment="HAILO_POSE_HOST=172.17.0.1")
        self.systemd.add("hailo-depth", ("--config", self.config("depth", "{}\n")))

    def test_what_is_set_is_shown_with_what_has_set_it(self):
        pose, depth = self.json_of("config")
        self.assertEqual(pose["service"], "hailo-depth" if depth["service"] == "hailo-pose" else "hailo-pose")
        keys = {one["key"]: one for service in (pose, depth) for one in service["keys"] if service["service"] == "hailo-pose"}
        self.assertEqual({name: one["from"] for name, one in keys.items()},
                         {"server.port": "file", "server.api_keys": "file", "log.level": "file", "server.threads": "flag",
                          "server.host": "environment"})
        self.assertEqual(keys["server.port"]["where"], str(self.file))
        self.assertEqual((keys["server.host"]["value"], keys["server.host"]["where"]), ("172.17.0.1", "HAILO_POSE_HOST"))
        done = self.hailoctl("config", "show", "--all", "pose")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^hailo-pose +server\.host +172\.17\.0\.1 +HAILO_POSE_HOST$")
        self.assertRegex(done.stdout, r"(?m)^hailo-pose +server\.max_connections +1024 +default$")
        self.assertNotIn("very-secret-key", done.stdout)
        self.assertEqual(self.hailoctl("config", "show", "depth").stdout,
                         "Every key has its default; see them:  hailoctl config show --all\n")

    def test_right_files_are_right(self):
        done = self.hailoctl("config", "check", "pose", "depth")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual([line.split()[0] for line in done.stdout.splitlines()], ["ok", "ok"])

    def test_what_is_wrong_is_said_in_the_words_of_the_program(self):
        self.file.write_text("server: {port: many}\n")
        wrong = self.hailoctl("config", "check", "pose", "depth")
        self.assertEqual(wrong.returncode, 1)
        self.assertRegex(wrong.stdout, r"(?m)^wrong .*hailo-pose.*\n +hailo-pose: .*server\.port must be a .*number.*, got many$")
        self.assertRegex(wrong.stdout, r"(?m)^ok .*hailo-depth")
        self.file.write_text("server: {prot: 81}\n")
        self.assertIn("unknown key server.prot", self.hailoctl("config", "check").stdout)
        shown = self.hailoctl("config", "show", "pose")
        self.assertEqual(shown.returncode, 0)  # it starts all the same

    @unittest.skipUnless(os.geteuid() == 0, "only root can be another user")
    def test_a_file_that_the_user_of_the_unit_may_not_read_is_wrong(self):
        self.file.chmod(0o600)
        self.folder.chmod(0o755)
        self.systemd.add("hailo-pose", ("--config", self.file), User="nobody")
        done = self.hailoctl("config", "check", "pose")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(f"{self.file}: cannot be read", done.stdout)

    def test_files_of_another_folder_are_checked_before_they_are_installed(self):
        new = self.folder / "new"
        new.mkdir()
        (new / "hailo-pose.yaml").write_text("server: {port: 70000}\n")
        (new / "hailo-toaster.yaml").write_text("{}\n")
        done = self.hailoctl("config", "check", "--dir", new, PATH=f"{BIN}:{self.systemd.environment()['PATH']}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("server.port must be a whole number in 0..65535, got 70000", done.stdout)
        self.assertRegex(done.stdout, r"wrong +\S*hailo-toaster\.yaml\n +no program reads it")

    def test_keys_are_explained_by_service_by_name_and_by_section(self):
        done = self.hailoctl("config", "explain", "server.port")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^server\.port\n  TCP port to listen on")
        self.assertRegex(done.stdout, r"hailo-pose +81 +file +default 11440 +--port, HAILO_POSE_PORT")
        self.assertRegex(done.stdout, r"hailo-depth +11439 +default +default 11439 ")
        depth = self.hailoctl("config", "explain", "depth").stdout
        self.assertIn("model.name\n", depth)
        self.assertNotIn("hailo-pose", depth)
        self.assertRegex(self.hailoctl("config", "explain", "pose", "log").stdout, r"^log\.level\n.*\n +hailo-pose +debug +file")
        unknown = self.hailoctl("config", "explain", "server.prot")
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("there is no key server.prot", unknown.stderr)

    def test_a_unit_that_starts_something_else_is_not_run(self):
        self.systemd.add("hailo-clip", ExecStart="{ path=/bin/false ; argv[]=/bin/false ; ignore_errors=no }")
        done = self.hailoctl("config", "show", "clip")
        self.assertEqual(done.returncode, 1)
        self.assertIn("its unit starts another program: /bin/false", done.stderr)


class NothingInstalled(WithSystemd):
    def test_is_said(self):
        for words in (("config",), ("config", "check"), ("config", "explain", "port")):
            done = self.hailoctl(*words)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn("is installed", done.stderr)


if __name__ == "__main__":
    unittest.main()
