"""hailoctl expose: a drop-in, what it means, and a service that is started with it."""

import re
import socket
import subprocess
import unittest

from services_fixture import WithSystemd
from support.manager_process import BIN
from support.service_process import ServiceProcess


class Expose(WithSystemd):
    def setUp(self):
        super().setUp()
        self.units = self.folder / "etc-systemd"
        self.units.mkdir()
        self.drop_in = self.units / "hailo-pose.service.d/50-hailoctl-expose.conf"
        self.file = self.config("pose", "{}\n")
        self.systemd.add("hailo-pose", ("--config", self.file))

    def expose(self, *arguments):
        return self.hailoctl("expose", "pose", *arguments, "--unit-dir", self.units)

    def test_to_containers_says_what_it_means_and_restarts_with_the_address_of_the_bridge(self):
        # The only bridge that every machine has.
        done = self.expose("--docker", "--bridge", "lo", "--yes")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("Containers reach it at http://127.0.0.1:11440", done.stdout)
        self.assertIn("whoever reaches it may use it", done.stdout)
        self.assertIn("ufw allow in on lo to any port 11440", done.stdout)
        text = self.drop_in.read_text()
        self.assertIn("After=docker.service", text)
        self.assertEqual(self.drop_in.stat().st_mode & 0o777, 0o644)
        self.assertEqual([line.split(None, 2)[2] for line in self.systemd.told()], ["daemon-reload", "try-restart hailo-pose.service"])

    def test_systemd_reads_what_is_written(self):
        self.expose("--address", "*", "--yes")
        unit = self.units / "hailo-pose.service"
        unit.write_text("[Service]\nExecStart=/bin/true\n")
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(unit)], capture_output=True,
                              text=True, timeout=60)
        self.assertNotIn("hailoctl-expose", done.stderr)

    def test_the_service_listens_where_the_drop_in_says(self):
        done = self.expose("--address", "*", "--yes")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("on all addresses of this machine", done.stdout)
        name, value = re.search(r'^Environment="(\w+)=(.*)"$', self.drop_in.read_text(), re.M).groups()
        with ServiceProcess("hailo-pose", self.socket, env={name: value}) as service:
            # 127.0.0.2 is this machine's and not 127.0.0.1.
            socket.create_connection(("127.0.0.2", service.port), timeout=10).close()

    def test_nothing_is_done_without_a_yes(self):
        done = self.expose("--address", "127.0.0.1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("nothing was changed", done.stderr)
        self.assertIn("--yes", done.stderr)
        self.assertFalse(self.drop_in.exists())
        self.assertEqual(self.systemd.told(), [])

    def test_it_is_undone_without_a_trace(self):
        self.expose("--address", "*", "--yes")
        done = self.expose("--undo")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(list(self.units.iterdir()), [])
        self.assertEqual(self.expose("--undo").returncode, 1)
        # What is somebody else's stays.
        self.expose("--address", "*", "--yes")
        (self.drop_in.parent / "override.conf").write_text("")
        self.expose("--undo")
        self.assertEqual([path.name for path in self.drop_in.parent.iterdir()], ["override.conf"])

    def test_without_an_option_it_says_where_the_service_listens(self):
        self.assertEqual(self.expose().stdout, "hailo-pose listens on 127.0.0.1, port 11440 (its default)\n")
        self.file.write_text("server: {host: 127.0.0.2}\n")
        self.assertEqual(self.expose().stdout, f"hailo-pose listens on 127.0.0.2, port 11440 (set by {self.file})\n")

    def test_what_cannot_be_is_refused(self):
        for arguments, words in (
            (("--address", "203.0.113.9"), "203.0.113.9 is no address of this machine, which has 127.0.0.1 (lo)"),
            (("--address", "1.1.1.1\nExecStart=/bin/sh"), "is no address"),
            (("--docker", "--bridge", "no-such-bridge"), "Does Docker run?"),
        ):
            done = self.expose(*arguments, "--yes")
            self.assertEqual(done.returncode, 1, arguments)
            self.assertIn(words, done.stderr)
        self.systemd.add("hailo-pose", ("--host", "127.0.0.1"))
        self.assertIn("sets server.host by --host", self.expose("--address", "*", "--yes").stderr)
        self.assertIn("http.bind", self.hailoctl("expose", "manager", "--docker").stderr)
        self.assertEqual(self.expose("--docker", "--undo").returncode, 2)
        self.assertEqual(list(self.units.iterdir()), [])

    def test_without_root_it_is_said_what_to_type(self):
        self.systemd.refuse("Failed to reload daemon: Interactive authentication required.\n")
        done = self.expose("--address", "*", "--yes")
        self.assertEqual(done.returncode, 1)
        self.assertIn("sudo hailoctl expose pose --address '*'", done.stderr)


if __name__ == "__main__":
    unittest.main()
