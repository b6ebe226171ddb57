"""The packages installed on a Debian that boots: all services serve by themselves, come back whatever ends, and leave
nothing behind when they are purged. Run by the step packages of .ci/run, after scripts/package."""

import re
import unittest

from booted import SOURCE
from installed import DEBIAN, SERVICES, UNITS, InstalledTest, port_of


class Booted(InstalledTest):
    def test_every_service_answers_a_request(self):
        self.all_answer()

    def test_each_runs_as_its_own_user_and_only_the_manager_writes_its_socket(self):
        users = {self.machine.run("systemctl", "show", "--property=User", "--value", unit).strip() for unit in UNITS}
        self.assertEqual(users, {"hailo-manager", *SERVICES})
        self.assertEqual(self.machine.run("stat", "-c", "%A %U %G", "/run/hailo/device.sock"),
                         "srw-rw---- hailo-manager hailo\n")

    def test_others_than_the_owner_write_nothing(self):
        files = sorted(self.machine.files() - self.machine.files_without_packages)
        self.assertGreater(len(files), 100)
        self.machine.run("sh", "-c", "cat >/tmp/files", input="\0".join([*files, "/run/hailo"]))
        self.assertEqual(self.machine.run("find", "-files0-from", "/tmp/files", "-perm", "/022", "-not", "-type", "l",
                                          "-not", "-type", "s"), "")

    def test_ports_are_the_documented_ones_on_the_loopback_address(self):
        said = {int(port) for port in re.findall(r"listens on 127\.0\.0\.1:(\d+)", (DEBIAN / "control").read_text())}
        self.assertEqual(len(said), len(SERVICES))
        manager = re.search(r'bind: "127\.0\.0\.1:(\d+)"', (SOURCE / "packaging/etc/manager.yaml").read_text()).group(1)
        self.assertEqual(self.machine.listening(), {("127.0.0.1", port) for port in {*said, int(manager)}})

    def test_what_is_killed_comes_back(self):
        for unit in UNITS:
            with self.subTest(unit):
                pid = self.machine.main_pid(unit)
                self.machine.kill(pid, "KILL")
                self.machine.wait(f"{unit} runs again", lambda: self.machine.main_pid(unit) not in (0, pid))
                self.machine.wait_until_all_serve()
        self.all_answer()

    def test_a_worker_that_is_killed_comes_back_and_nothing_else_ends(self):
        before = self.machine.main_pids(UNITS)
        self.machine.run("sh", "-c", "kill -KILL $(cat /proc/[0-9]*/stat | sed -n 's/^\\([0-9]*\\) (hailo-device-w.*/\\1/p')")
        self.all_answer()
        self.assertEqual(self.machine.main_pids(UNITS), before)

    def test_one_that_hangs_is_ended_by_the_watchdog_and_started_again(self):
        self.override("hailo-depth", "WatchdogSec=1", "TimeoutAbortSec=1")
        pid = self.machine.main_pid("hailo-depth")
        self.machine.kill(pid, "STOP")
        self.machine.wait("another process of it", lambda: self.machine.main_pid("hailo-depth") not in (0, pid))
        self.machine.wait_until_all_serve()

    def test_a_unit_of_somebody_else_can_be_left_alone(self):
        units = self.machine.root / "etc/systemd/system"
        (units / "hailo-mine.service").write_text("[Service]\nExecStart=/bin/sleep infinity\n")

        def memory():
            self.machine.run("systemctl", "daemon-reload")
            return self.machine.run("systemctl", "show", "--property=MemoryMax", "--value", "hailo-mine").strip()

        self.assertEqual(memory(), str(1 << 30))
        (units / "hailo-mine.service.d").mkdir()
        (units / "hailo-mine.service.d/10-hardening.conf").symlink_to("/dev/null")
        self.assertEqual(memory(), "infinity")
        for path in ("hailo-mine.service.d/10-hardening.conf", "hailo-mine.service"):
            (units / path).unlink()
        (units / "hailo-mine.service.d").rmdir()
        self.machine.run("systemctl", "daemon-reload")

    def test_a_taken_port_is_waited_for(self):
        self.machine.run("systemctl", "stop", "hailo-pose")
        self.machine.run("systemd-run", "--unit=holder", "--property=SupplementaryGroups=hailo", "/usr/bin/hailo-segment",
                         "--port", str(port_of("hailo-pose")))
        self.machine.wait("the port is taken", lambda: self.machine.curl("hailo-pose", "/health", check=False).startswith("{"))
        self.machine.run("systemctl", "start", "hailo-pose", check=False)
        said = self.machine.run("journalctl", "--no-pager", "-u", "hailo-pose", "-n", "20")
        self.assertIn(str(port_of("hailo-pose")), said)
        self.machine.run("systemctl", "stop", "holder")
        self.machine.wait_until_all_serve()

    def test_stopping_the_manager_stops_no_service(self):
        before = self.machine.main_pids(SERVICES)
        self.machine.run("systemctl", "restart", "hailo-device-manager")
        self.machine.wait_until_all_serve()
        self.assertEqual(self.machine.main_pids(SERVICES), before)

    def test_all_serve_after_a_reboot(self):
        self.machine.reboot()
        self.all_answer()

    def test_a_reinstalled_package_keeps_changed_configuration(self):
        path = self.machine.root / "etc/hailo/hailo-pose.yaml"
        changed = path.read_text().replace("  #max_header_kb: 16", "  max_header_kb: 20")
        path.write_text(changed)
        self.machine.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--reinstall", "hailo-pose")
        self.assertEqual(path.read_text(), changed)

    def test_services_see_no_device_and_cannot_write(self):
        pid = self.machine.main_pid("hailo-depth")
        seen = self.machine.run("nsenter", "-t", str(pid), "-m", "sh", "-c", "ls /dev; touch /etc/x /usr/x /var/x 2>&1; true")
        self.assertNotIn("hailo0", seen)
        self.assertEqual(seen.count("Read-only file system"), 3, seen)

    def test_clients_reach_the_manager(self):
        self.assertRegex(self.machine.run("hailoctl", "status"), r"device +cpu")
        self.machine.run("apt-get", "install", "--yes", "--no-install-recommends", "python3-hailo-device-client")
        said = self.machine.run("python3", "-c", "import device_client\n"
                                "with device_client.SyncHailoDeviceClient() as client: print(client.ping())")
        self.assertIn("'status': 'ok'", said)

    def test_purging_leaves_nothing(self):
        self.addCleanup(self.machine.install)
        self.machine.run("apt-get", "purge", "--yes", "hailo-*", "python3-hailo-*")
        self.assertEqual(self.machine.files(), self.machine.files_without_packages)
        self.assertEqual(self.machine.run("sh", "-c", "systemctl list-unit-files --no-legend 'hailo-*'; ls /run/hailo 2>&1",
                                          check=False), "ls: cannot access '/run/hailo': No such file or directory\n")


if __name__ == "__main__":
    unittest.main()
