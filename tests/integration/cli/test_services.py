"""hailoctl services, with real services where they run and a fake systemctl that says so."""

import os
import re
import socket
import subprocess
import unittest

from services_fixture import WithSystemd, packaged_services
from support.manager_process import BIN, SOURCE
from support.service_process import ServiceProcess, wait_ready
from support.unseen import MODELS, manager_of


class Table(WithSystemd):
    """The table of hailoctl against what is packaged: one that joins is missing here until it has its entry."""

    def test_it_has_every_packaged_service_with_its_port_and_purpose(self):
        known = {one["service"]: one for one in self.json_of("services")}
        self.assertEqual(sorted(known), packaged_services())
        for name, one in known.items():
            with self.subTest(name):
                unit = (SOURCE / f"packaging/debian/{name}.service").read_text()
                self.assertEqual(one["purpose"], re.search(r"^Description=(.*)$", unit, re.M).group(1))
                manager = name == "hailo-device-manager"
                text = (SOURCE / "packaging/etc" / ("manager.yaml" if manager else f"{name}.yaml")).read_text()
                port = re.search(r'#bind: "127.0.0.1:(\d+)"' if manager else r"^  #port: (\d+)$", text, re.M)
                self.assertEqual(one["default_port"], int(port.group(1)))

    def test_what_is_not_installed_is_said_to_be_so(self):
        done = self.hailoctl("services")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 1 + len(packaged_services()))
        self.assertTrue(all("not installed" in line for line in lines[1:]))


class Running(WithSystemd):
    @classmethod
    def setUpClass(cls):
        cls.manager = cls.enterClassContext(manager_of("detect-segment-tiny"))
        cls.service = cls.enterClassContext(ServiceProcess("hailo-detect", cls.manager.socket_path, "detect-tiny"))
        wait_ready(cls.service)

    def test_one_that_serves_is_told_with_all_that_is_known(self):
        self.systemd.add_running("hailo-detect", self.service)
        one, = self.json_of("services", "list", "detect")
        self.assertEqual((one["active"], one["boot"], one["ready"], one["why_not"]), ("active", "enabled", True, ""))
        self.assertEqual((one["host"], one["port"], one["memory_bytes"]), ("127.0.0.1", self.service.port, 32 << 20))
        self.assertEqual(one["model"], "yolov8s")  # the default of model.name
        self.assertGreater(one["up_seconds"], 0)
        text = self.hailoctl("services").stdout
        self.assertRegex(text, rf"hailo-detect +active +enabled .* 127\.0\.0\.1:{self.service.port} +yes +32 MiB +yolov8s")

    def test_another_service_that_answers_at_its_port_is_not_taken_for_it(self):
        self.systemd.add("hailo-clip", ("--port", self.service.port), MainPID=1)
        one, = self.json_of("services", "list", "clip")
        self.assertFalse(one["ready"])
        self.assertEqual(one["port_held_by"]["pid"], self.service.pid)
        self.assertIn(f"port {self.service.port} is held by hailo-detect", one["why_not"])

    def test_one_whose_model_is_missing_is_told_with_what_to_do(self):
        with ServiceProcess("hailo-pose", self.manager.socket_path,
                            arguments=("--model-dir", MODELS / "detect-segment-tiny")) as pose:
            wait_ready(pose, ready=False)
            self.systemd.add_running("hailo-pose", pose)
            text = self.hailoctl("services", "list", "pose").stdout
        self.assertRegex(text, r"hailo-pose +active .* no ")
        self.assertIn("Model file not found", text)
        self.assertIn("model.name in /etc/hailo/hailo-pose.yaml:  hailoctl models --available", text)
        with ServiceProcess("hailo-detect", self.manager.socket_path,
                            arguments=("--model-dir", MODELS / "detect-segment-tiny")) as detect:
            wait_ready(detect, ready=False)
            self.systemd.add_running("hailo-detect", detect)
            text = self.hailoctl("services", "list", "detect").stdout
        self.assertIn("Fetch it:  sudo hailoctl pull yolov8s\n", text)

    def test_one_that_is_stopped_is_no_complaint(self):
        self.systemd.add("hailo-clip", ActiveState="inactive", SubState="dead", UnitFileState="disabled")
        done = self.hailoctl("services", "list", "clip")
        self.assertRegex(done.stdout, r"hailo-clip +inactive +disabled +- +127\.0\.0\.1:5000 +- ")
        self.assertEqual(len(done.stdout.splitlines()), 2)

    def test_one_whose_configuration_is_wrong_says_what(self):
        self.systemd.add("hailo-clip", ("--config", self.config("clip", "server: {port: many}\n")),
                         ActiveState="activating", SubState="auto-restart", NRestarts=7)
        text = self.hailoctl("services", "list", "clip").stdout
        self.assertIn("starting again (7x)", text)
        self.assertIn("server.port must be a number", text.replace("a whole number", "a number"))
        self.assertIn("hailoctl config check hailo-clip", text)


class TakenPort(WithSystemd):
    def setUp(self):
        super().setUp()
        self.holder = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        self.port = self.holder.getsockname()[1]

    def test_the_program_that_holds_it_is_named_with_the_setting_that_moves_the_service(self):
        self.systemd.add("hailo-clip", ("--port", self.port), ActiveState="activating", SubState="auto-restart")
        one, = self.json_of("services", "list", "clip")
        self.assertEqual(one["port_held_by"]["pid"], os.getpid())
        self.assertIn("python", one["port_held_by"]["program"])
        self.assertIn(f"port {self.port} is held by", one["why_not"])
        text = self.hailoctl("services", "list", "clip").stdout
        self.assertIn(f"(pid {os.getpid()}", text)
        self.assertIn("move hailo-clip: server.port in /etc/hailo/hailo-clip.yaml", text)

    def test_doctor_names_it_too(self):
        self.systemd.add("hailo-clip", ("--port", self.port), ActiveState="activating", SubState="auto-restart")
        finding, = [one for one in self.json_of("doctor", status=1) if one["check"] == "service.port"]
        self.assertEqual(finding["level"], "error")
        self.assertIn(f"hailo-clip cannot have its port {self.port}: it is held by ", finding["what"])
        self.assertIn(f"(pid {os.getpid()}", finding["what"])

    def test_a_service_that_is_active_is_not_taken_for_the_program_that_answers(self):
        self.systemd.add("hailo-clip", ("--port", self.port), MainPID=1)
        one, = self.json_of("services", "list", "clip")
        self.assertEqual((one["ready"], one["port_held_by"]["pid"]), (False, os.getpid()))

    def test_the_service_itself_says_so_when_it_starts(self):
        done = subprocess.run([BIN / "hailo-clip", "--port", str(self.port)], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        said = done.stdout + done.stderr
        self.assertIn(f"cannot listen on 127.0.0.1:{self.port}: another program holds the port", said)
        self.assertIn("server.port in /etc/hailo/hailo-clip.yaml", said)


class Changes(WithSystemd):
    def setUp(self):
        super().setUp()
        self.systemd.add("hailo-pose")
        self.systemd.add("hailo-depth")

    def test_each_becomes_one_command_of_systemctl(self):
        quiet = "--no-ask-password --no-pager "
        for verb, words in {"enable": "enable --now", "disable": "disable --now", "start": "start", "stop": "stop",
                            "restart": "restart"}.items():
            done = self.hailoctl("services", verb, "pose", "hailo-depth")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, r"hailo-pose: \w+.*\nhailo-depth: ")
            self.assertEqual(self.systemd.told()[-1], f"{quiet}{words} hailo-pose.service hailo-depth.service")

    def test_without_root_it_is_said_what_to_type(self):
        self.systemd.refuse("Failed to enable unit: Interactive authentication required.\n")
        done = self.hailoctl("services", "enable", "pose")
        self.assertEqual(done.returncode, 1)
        self.assertIn("sudo hailoctl services enable pose", done.stderr)

    def test_what_is_not_installed_or_not_ours_is_refused_before_anything_is_done(self):
        done = self.hailoctl("services", "enable", "pose", "clip")
        self.assertEqual(done.returncode, 1)
        self.assertIn("sudo apt install hailo-clip", done.stderr)
        done = self.hailoctl("services", "stop", "ssh")
        self.assertIn("there is no service ssh; there are hailo-device-manager, hailo-clip", done.stderr)
        self.assertEqual(self.hailoctl("services", "enable").returncode, 2)
        self.assertEqual(self.systemd.told(), [])


if __name__ == "__main__":
    unittest.main()
