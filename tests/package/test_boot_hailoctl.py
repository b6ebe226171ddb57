"""hailoctl on a Debian that boots with the packages: what it says of units is what systemd does, and what it changes counts."""

import json
import unittest

from installed import UNITS, InstalledTest, port_of

KEY = "a-key-that-nobody-may-see"


class Hailoctl(InstalledTest):
    def ctl(self, *words, check=True):
        return self.machine.run("hailoctl", *words, check=check)

    def json(self, *words):
        """As far as it is JSON: what is said on standard error stands before."""
        said = self.ctl("--json", *words, check=False)
        return json.loads(said[said.index("["):])

    def service(self, name):
        one, = self.json("services", "list", name)
        return one

    def wait_ready(self, name):
        self.machine.wait(f"{name} is ready", lambda: self.service(name)["ready"])

    def finding(self, check, words):
        found = [one for one in self.json("doctor") if one["check"] == check and words in one["what"]]
        self.assertEqual(len(found), 1, f"{check} with {words}: {found}")
        return found[0]

    def as_nobody(self, command):
        return self.machine.run("su", "nobody", "-s", "/bin/sh", "-c", command, check=False)

    def test_all_are_installed_active_and_enabled_at_their_ports(self):
        all_of_them = {one["service"]: one for one in self.json("services")}
        self.assertEqual(set(all_of_them), set(UNITS))
        for name, one in all_of_them.items():
            with self.subTest(name):
                self.assertEqual((one["installed"], one["active"], one["boot"]), (True, "active", "enabled"))
                self.assertEqual((one["host"], one["port"]), ("127.0.0.1", one["default_port"]))
                self.assertGreater(one["up_seconds"], 0)
                self.assertTrue(one["ready"], one["why_not"])

    def test_verify_passes_for_all(self):
        self.ctl("verify")  # exit status 0
        self.assertEqual({one["service"]: one["result"] for one in self.json("verify")}, dict.fromkeys(UNITS, "passed"))

    def test_a_model_that_is_not_there_is_told_with_the_command_that_brings_it(self):
        self.setting("hailo-detect", "name: detect-tiny", "name: yolov8s")
        detect, = self.json("verify", "detect")
        self.assertEqual((detect["result"], detect["advice"]), ("failed", "Fetch it:  sudo hailoctl pull yolov8s"))
        self.assertIn("pull yolov8s", self.finding("service.model", "hailo-detect")["advice"])

    def test_a_program_on_the_port_is_named_everywhere(self):
        port = port_of("hailo-depth")
        self.ctl("services", "stop", "depth")
        self.machine.run("systemd-run", "--unit=holder", "/usr/bin/hailo-segment", "--port", str(port))
        self.addCleanup(self.machine.run, "systemctl", "stop", "holder", check=False)
        self.machine.wait("the port is taken", lambda: f":{port:04X} " in self.machine.run("cat", "/proc/net/tcp"))
        self.machine.run("systemctl", "start", "--no-block", "hailo-depth")
        self.machine.wait("it is started again", lambda: self.service("depth")["sub"] == "auto-restart")
        one = self.service("depth")
        self.assertEqual((one["port_held_by"]["program"], one["port_held_by"]["unit"]),
                         (f"hailo-segment --port {port}", "holder.service"))
        self.assertIn("server.port in /etc/hailo/hailo-depth.yaml", one["advice"])
        self.assertIn("holder.service", self.finding("service.port", "hailo-depth")["what"])
        log = self.machine.run("journalctl", "--no-pager", "-u", "hailo-depth", "-n", "50")
        self.assertIn(f"cannot listen on 127.0.0.1:{port}: another program holds the port", log)
        self.assertIn("another program (sudo shows which)", self.as_nobody("hailoctl services list depth"))
        self.machine.run("systemctl", "stop", "holder")
        self.wait_ready("hailo-depth")

    def test_what_is_disabled_stays_so_over_a_reboot(self):
        self.ctl("services", "disable", "segment")
        self.machine.reboot()
        one = self.service("segment")
        self.assertEqual((one["active"], one["boot"], one["why_not"]), ("inactive", "disabled", ""))
        self.ctl("services", "enable", "segment")
        self.assertEqual(self.service("segment")["active"], "active")

    def test_others_than_root_change_nothing(self):
        said = self.as_nobody("hailoctl services stop depth")
        self.assertIn("sudo hailoctl services stop depth", said)
        said = self.as_nobody("hailoctl expose depth --address '*' --yes")
        self.assertIn("sudo hailoctl expose depth --address '*'", said)
        self.assertEqual(self.service("depth")["host"], "127.0.0.1")
        self.assertTrue(self.service("depth")["ready"])

    def test_an_exposed_service_listens_there_also_after_its_package_is_installed_again(self):
        self.ctl("expose", "depth", "--address", "*", "--yes")
        self.wait_ready("hailo-depth")
        self.machine.run("curl", "-sS", "--fail", f"http://127.0.0.2:{port_of('hailo-depth')}/health")
        self.machine.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--reinstall", "hailo-depth")
        self.wait_ready("hailo-depth")
        self.assertEqual(self.service("depth")["host"], "*")
        self.assertRegex(self.ctl("config", "show", "depth"), r"server\.host +\* +HAILO_DEPTH_HOST")
        self.ctl("expose", "depth", "--undo")
        self.wait_ready("hailo-depth")
        refused = self.machine.run("curl", "-sS", f"http://127.0.0.2:{port_of('hailo-depth')}/health", check=False)
        self.assertIn("onnect", refused)
        self.assertNotIn("hailo-depth.service.d", self.machine.run("ls", "/etc/systemd/system"))

    def test_the_configuration_is_checked_as_the_services_user_reads_it(self):
        self.assertNotIn("wrong", self.ctl("config", "check"))
        self.machine.run("chmod", "600", "/etc/hailo/hailo-pose.yaml")
        self.addCleanup(self.machine.run, "chmod", "644", "/etc/hailo/hailo-pose.yaml")
        self.assertIn("/etc/hailo/hailo-pose.yaml: cannot be read", self.ctl("config", "check", "pose", check=False))

    def test_doctor_sees_what_somebody_has_done_to_units(self):
        self.assertEqual(self.finding("package.versions", "all of version")["level"], "ok")
        units = self.machine.root / "etc/systemd/system"
        (units / "hailo-pose.service.d").mkdir()
        (units / "hailo-pose.service.d/override.conf").write_text("[Service]\nMemoryMax=2G\n")
        (units / "hailo-scrfd.service").write_text("[Service]\nExecStart=/bin/sleep infinity\n")
        self.machine.run("systemctl", "mask", "hailo-clip")
        self.machine.run("systemctl", "daemon-reload")
        try:
            self.finding("service.override", "hailo-pose.service is changed by /etc/systemd/system/hailo-pose.service.d/override.conf")
            self.finding("service.unit", "takes the place of the package's unit; it starts /bin/sleep")
            self.finding("service", "hailo-clip.service is masked")
        finally:
            self.machine.run("systemctl", "unmask", "hailo-clip")
            (units / "hailo-scrfd.service").unlink()
            (units / "hailo-pose.service.d/override.conf").unlink()
            (units / "hailo-pose.service.d").rmdir()
            self.machine.run("systemctl", "daemon-reload")

    def test_a_report_has_the_logs_and_not_the_key(self):
        self.setting("hailo-depth", "server:\n", f"server:\n  api_keys: [{KEY}]\n")
        self.machine.run("rm", "-f", "/root/report.tar.gz")
        self.wait_ready("hailo-depth")
        self.ctl("verify", "depth")  # with the key
        self.ctl("report", "-o", "/root/report.tar.gz")
        self.assertEqual(self.machine.run("stat", "-c", "%a %U", "/root/report.tar.gz"), "600 root\n")
        text = self.machine.run("tar", "-xzOf", "/root/report.tar.gz")
        self.assertNotIn(KEY, text)
        for part in ("listens on 127.0.0.1:", "api_keys: <removed>", "ii  hailo-depth", "hailo-depth.service is active", "10-hardening.conf"):
            self.assertIn(part, text)


if __name__ == "__main__":
    unittest.main()
