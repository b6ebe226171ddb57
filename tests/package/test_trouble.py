"""A machine in trouble: no room on the disk or in /run, a group that is gone, no NPU, a manager that restarts under load.
What can go on does, what cannot says why, and all serve again by themselves when the trouble is over."""

import concurrent.futures
import contextlib
import itertools
import threading
import unittest

from installed import SERVICES, UNITS, InstalledTest

FACE = ("-F", "image=@/srv/pictures/ada.jpg")


class Trouble(InstalledTest):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.all_answer)  # when everything else is cleaned up

    def enroll(self, name):
        return self.machine.curl("hailo-face", "/v1/database/add", *FACE, "-F", f"name={name}", check=False)

    def remove(self, name):
        self.machine.curl("hailo-face", "/v1/database/remove", "--json", f'{{"name": "{name}"}}')

    @contextlib.contextmanager
    def var_of_its_own(self, size):
        """/var/lib on a small file system, which can be filled; the services are started again on it, and at the end off it."""
        self.machine.run("sh", "-c", f"mount -t tmpfs -o mode=755,size={size} tmpfs /mnt && cp -a /var/lib/hailo* /mnt && "
                         "mount --move /mnt /var/lib")
        try:
            self.machine.run("systemctl", "restart", *UNITS)
            self.machine.wait_until_all_serve()
            yield
        finally:
            self.machine.run("umount", "--lazy", "/var/lib")
            self.machine.run("systemctl", "restart", *UNITS)

    def test_a_full_disk_keeps_nobody_from_serving(self):
        with self.var_of_its_own("16m"):
            self.machine.run("sh", "-c", "cat /dev/zero >/var/lib/fill; true")
            self.machine.run("systemctl", "restart", *UNITS)
            self.all_answer()
            refused = self.enroll("No Room")
            self.assertIn("503", refused)
            self.assertIn("no room", refused)
            self.machine.run("rm", "/var/lib/fill")
            self.machine.wait("somebody can be enrolled again", lambda: "No Room" in self.enroll("No Room"))
            self.remove("No Room")

    def test_a_var_that_cannot_be_written_keeps_nobody_from_serving(self):
        with self.var_of_its_own("16m"):
            self.machine.run("systemctl", "stop", *UNITS)
            self.machine.run("mount", "-o", "remount,ro", "/var/lib")
            self.machine.run("systemctl", "start", *UNITS)
            self.all_answer()
            self.assertIn("503", self.enroll("No Paper"))

    def test_a_full_run_is_survived(self):
        before = self.machine.main_pids(SERVICES)
        self.machine.run("sh", "-c", "cat /dev/zero >/run/fill; true")
        self.addCleanup(self.machine.run, "rm", "-f", "/run/fill")
        self.machine.kill(self.machine.main_pid("hailo-device-manager"), "KILL")
        for service in SERVICES:
            self.assertIn("{", self.machine.curl(service, "/health"))
        self.machine.run("rm", "/run/fill")
        self.all_answer()
        self.assertEqual(self.machine.main_pids(SERVICES), before)

    def test_without_its_group_a_service_waits_and_says_so(self):
        groups = self.machine.root / "etc/group"
        text = groups.read_text()
        groups.write_text("".join(line for line in text.splitlines(True) if not line.startswith("hailo:")))
        self.addCleanup(groups.write_text, text)
        self.machine.run("systemctl", "restart", "hailo-pose", check=False)
        self.machine.wait("systemd says what is missing", lambda: "group" in self.machine.journal("hailo-pose", "-n", "20").lower())
        self.assertNotEqual(self.machine.state("hailo-pose"), "active")
        groups.write_text(text)  # as systemd-sysusers does

    def test_a_second_installation_leaves_the_first_alone(self):
        before = self.machine.main_pids(UNITS)
        said = self.machine.run("sh", "-c", "mkdir -p /opt/other && cp /usr/bin/hailo-device-manager /opt/other/ && "
                                "timeout 20 /opt/other/hailo-device-manager --http off; echo ended with $?")
        self.addCleanup(self.machine.run, "rm", "-rf", "/opt/other")
        self.assertIn("another device manager is already serving /run/hailo/device.sock", said)
        self.assertIn("ended with 1\n", said)
        self.assertEqual(self.machine.main_pids(UNITS), before)

    def test_services_without_a_manager_say_so_and_its_log_says_why(self):
        """The NPU is asked for where there is neither a driver nor the adapter."""
        before = self.machine.main_pids(SERVICES)
        self.setting("hailo-device-manager", "  #kind: \"auto\"", "  kind: hailort", check=False)
        self.machine.wait("the log says why", lambda: "no HailoRT adapter" in self.machine.journal("hailo-device-manager", "-n", "50"))
        for service in SERVICES:
            with self.subTest(service):
                self.machine.wait("it is not ready", lambda: not self.machine.is_ready(service))
                self.assertIn("manager", self.machine.curl(service, "/health/ready", check=False))
        self.assertEqual(self.machine.main_pids(SERVICES), before)

    def test_a_manager_that_restarts_under_load_fails_requests_with_words_and_hangs_none(self):
        before, ended, said = self.machine.main_pids(SERVICES), threading.Event(), []

        def ask(service):
            for _ in itertools.count():
                if ended.is_set():
                    return
                path, picture = ("/v1/depth/estimate", "yard.jpg") if service == "hailo-depth" else ("/v1/detect", "things.jpg")
                said.append(self.machine.curl(service, path, "-F", f"image=@/srv/pictures/{picture}", "-o", "/tmp/answer." + service,
                                              "-w", "%{http_code}\n", check=False))

        with concurrent.futures.ThreadPoolExecutor() as pool:
            asking = [pool.submit(ask, service) for service in ("hailo-depth", "hailo-detect") * 2]
            for signal in ("TERM", "KILL", "TERM"):
                served = len(said)
                self.machine.wait("requests are under way", lambda: len(said) > served + 8)
                pid = self.machine.main_pid("hailo-device-manager")
                self.machine.kill(pid, signal)
                self.machine.wait("a new manager", lambda: self.machine.main_pid("hailo-device-manager") not in (0, pid))
                self.machine.wait_until_all_serve()
            ended.set()
            for one in asking:
                one.result()
        codes = {answer.split()[-1] for answer in said}
        self.assertIn("200", codes)
        self.assertLessEqual(codes, {"200", "503"}, sorted(codes))
        self.assertEqual(self.machine.main_pids(SERVICES), before)


class Secrets(InstalledTest):
    def test_no_key_is_in_the_journal(self):
        key, other = "s3cret-of-the-house", "s3cret-of-a-guest"
        self.setting("hailo-pose", "  #api_keys: []", f"  api_keys: [{key}]")
        self.override("hailo-detect", f"Environment=HAILO_DETECT_API_KEYS={key}", "Environment=HAILO_DETECT_LOG_LEVEL=debug")
        self.machine.wait_until_all_serve()
        picture = ("-F", "image=@/srv/pictures/people.jpg")
        for service, path in (("hailo-pose", "/v1/pose/detect"), ("hailo-detect", "/v1/detect")):
            for given in (key, other):
                said = self.machine.curl(service, f"{path}?api_key={given}", *picture, "-H", f"Authorization: Bearer {given}", check=False)
                self.assertEqual("401" in said, given == other, said[:200])
        path = self.machine.file_of("hailo-pose")
        right = path.read_text()
        path.write_text(right.replace("  api_keys:", "  api_key:"))  # a typing error, of which the log tells
        self.machine.run("systemctl", "restart", "hailo-pose", check=False)
        self.machine.wait("the mistake is told", lambda: "api_key" in self.machine.journal("hailo-pose"))
        path.write_text(right)
        self.machine.run("systemctl", "restart", "hailo-pose")
        self.machine.wait_until_all_serve()
        said = self.machine.run("journalctl", "--no-pager", "--quiet", "-a")
        self.assertIn("hailo-pose", said)
        for secret in (key, other):
            self.assertNotIn(secret, said)


if __name__ == "__main__":
    unittest.main()
