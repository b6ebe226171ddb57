"""The packages installed on a Debian that boots: all services serve by themselves, come back whatever ends, and leave
nothing behind when they are purged. Run by the step packages of .ci/nightly, after scripts/package."""

import json
import os
import pathlib
import re
import unittest

from booted import SOURCE, Machine

DEBIAN = SOURCE / "packaging/debian"
SERVICES = sorted(path.stem for path in DEBIAN.glob("hailo-*.service") if path.stem != "hailo-device-manager")
UNITS = ["hailo-device-manager", *SERVICES]
PICTURES = SOURCE / "docs/pictures"
# Of each service whose model is in hailo-models-cpu: a request, and where in the answer what was found begins.
REQUESTS = {
    "hailo-depth": ("/v1/depth/estimate", "yard.jpg", "depth_map"),
    "hailo-detect": ("/v1/detect", "things.jpg", 0),
    "hailo-ocr": ("/v1/ocr/extract", "page.jpg", "regions"),
    "hailo-pose": ("/v1/pose/detect", "people.jpg", "poses"),
    "hailo-scrfd": ("/v1/detect", "faces.jpg", "faces"),
    "hailo-segment": ("/v1/segment", "things.jpg", 0),
}
# Those whose default model is for an NPU, or has to be fetched.
MODELS = {"hailo-detect": "detect-tiny", "hailo-pose": "pose-tiny", "hailo-scrfd": "blazeface_short", "hailo-segment": "segment-tiny"}
OCR = """model: {path: ocr_det}
hailo_models: {recognition_hefs: {en: ocr}, classification: ocr_angle}
"""


def port_of(service):
    text = (SOURCE / f"packaging/etc/{service}.yaml").read_text()
    return int(re.search(r"^  #port: (\d+)$", text, re.M).group(1))


@unittest.skipIf(Machine.skip_reason(), Machine.skip_reason())
class Booted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.machine = Machine("installed")
        cls.addClassCleanup(cls.machine.discard)
        cls.machine.make("hailo-ai-services", "hailo-models-cpu", "python3-hailo-device-client")
        cls.before = cls.files()
        cls.machine.boot()
        cls.install()
        (cls.machine.root / "srv/pictures").mkdir()
        for picture in PICTURES.glob("*.jpg"):
            (cls.machine.root / "srv/pictures" / picture.name).write_bytes(picture.read_bytes())

    @classmethod
    def install(cls):
        cls.machine.run("apt-get", "install", "--yes", "--no-install-recommends", "hailo-ai-services", "hailo-models-cpu")
        for service, model in MODELS.items():
            path = cls.machine.root / f"etc/hailo/{service}.yaml"
            path.write_text(re.sub(r"^  #name: .*$", f"  name: {model}", path.read_text(), flags=re.M))
            cls.machine.run("systemctl", "restart", service)
        (cls.machine.root / "etc/hailo/hailo-ocr.yaml").write_text(OCR)
        cls.machine.run("systemctl", "restart", "hailo-ocr")

    @classmethod
    def files(cls):
        """Names of files and folders, but for those of volatile file systems, apt, dpkg and logs."""
        skipped = re.compile(r"/(run|tmp|dev|proc|sys|srv)/|/var/(lib/(dpkg|apt)|cache|log)/")
        names = set()
        for folder, folders, files in os.walk(cls.machine.root):
            for name in [*folders, *files]:
                inside = "/" + str(pathlib.Path(folder, name).relative_to(cls.machine.root))
                if "hailo" in inside and not skipped.search(inside):
                    names.add(inside)
        return names

    def curl(self, service, path, *options, check=True):
        return self.machine.run("curl", "-sS", "--fail-with-body", "--max-time", "20", *options,
                                f"http://127.0.0.1:{port_of(service)}{path}", check=check)

    def ready(self, service):
        return '"ready":true' in self.curl(service, "/health/ready", check=False).replace(" ", "")

    def all_serve(self):
        return (all(self.machine.state(unit) == "active" for unit in UNITS) and all(map(self.ready, REQUESTS)) and
                all(self.curl(service, "/health", check=False).startswith("{") for service in SERVICES))

    def wait_until_all_serve(self):
        self.machine.wait("all units are active and all services ready that have a model", self.all_serve)

    def answers(self, service):
        path, picture, expected = REQUESTS[service]
        answer = json.loads(self.curl(service, path, "-F", f"image=@/srv/pictures/{picture}"))
        self.assertTrue(answer and answer[expected], f"{service} found nothing: {str(answer)[:300]}")

    def setUp(self):
        self.wait_until_all_serve()

    def test_every_service_answers_a_request(self):
        for service in REQUESTS:
            with self.subTest(service):
                self.answers(service)

    def test_each_runs_as_its_own_user_and_only_the_manager_writes_its_socket(self):
        users = {self.machine.run("systemctl", "show", "--property=User", "--value", unit).strip() for unit in UNITS}
        self.assertEqual(users, {"hailo-manager", *SERVICES})
        self.assertEqual(self.machine.run("stat", "-c", "%A %U %G", "/run/hailo/device.sock"),
                         "srw-rw---- hailo-manager hailo\n")
        self.assertEqual(self.machine.run("find", "/etc/hailo", "/var/lib/hailo", "/usr/share/hailo", "/run/hailo",
                                          "-perm", "/022", "-not", "-type", "l", "-not", "-type", "s"), "")

    def test_what_is_killed_comes_back(self):
        for unit in UNITS:
            with self.subTest(unit):
                pid = self.machine.main_pid(unit)
                self.machine.kill(pid, "KILL")
                self.machine.wait(f"{unit} runs again", lambda: self.machine.main_pid(unit) not in (0, pid))
                self.wait_until_all_serve()
                for service in REQUESTS:
                    self.answers(service)

    def test_a_worker_that_is_killed_comes_back_and_nothing_else_ends(self):
        before = [self.machine.main_pid(unit) for unit in UNITS]
        self.machine.run("sh", "-c", "kill -KILL $(cat /proc/[0-9]*/stat | sed -n 's/^\\([0-9]*\\) (hailo-device-w.*/\\1/p')")
        self.wait_until_all_serve()
        for service in REQUESTS:
            self.answers(service)
        self.assertEqual([self.machine.main_pid(unit) for unit in UNITS], before)

    def test_one_that_hangs_is_ended_by_the_watchdog_and_started_again(self):
        self.override("hailo-depth", "WatchdogSec=1", "TimeoutAbortSec=1")
        pid = self.machine.main_pid("hailo-depth")
        self.machine.kill(pid, "STOP")
        self.machine.wait("another process of it", lambda: self.machine.main_pid("hailo-depth") not in (0, pid))
        self.wait_until_all_serve()

    def override(self, unit, *lines):
        """As an administrator's drop-in does; until the next boot."""
        folder = self.machine.root / f"etc/systemd/system/{unit}.service.d"
        folder.mkdir(parents=True)
        (folder / "override.conf").write_text("\n".join(["[Service]", *lines, ""]))

        def remove():
            (folder / "override.conf").unlink()
            folder.rmdir()
            self.machine.run("systemctl", "daemon-reload")
            self.machine.run("systemctl", "restart", unit)

        self.addCleanup(remove)
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", unit)

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
        self.machine.wait("the port is taken", lambda: self.curl("hailo-pose", "/health", check=False).startswith("{"))
        self.machine.run("systemctl", "start", "hailo-pose", check=False)
        said = self.machine.run("journalctl", "--no-pager", "-u", "hailo-pose", "-n", "20")
        self.assertIn(str(port_of("hailo-pose")), said)
        self.machine.run("systemctl", "stop", "holder")
        self.wait_until_all_serve()

    def test_stopping_the_manager_stops_no_service(self):
        before = [self.machine.main_pid(service) for service in SERVICES]
        self.machine.run("systemctl", "restart", "hailo-device-manager")
        self.wait_until_all_serve()
        self.assertEqual([self.machine.main_pid(service) for service in SERVICES], before)

    def test_all_serve_after_a_reboot(self):
        self.machine.reboot()
        self.wait_until_all_serve()
        for service in REQUESTS:
            self.answers(service)

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
        self.addCleanup(self.install)
        self.machine.run("apt-get", "purge", "--yes", "hailo-*", "python3-hailo-*")
        self.assertEqual(self.files(), self.before)
        self.assertEqual(self.machine.run("sh", "-c", "systemctl list-unit-files --no-legend 'hailo-*'; ls /run/hailo 2>&1",
                                          check=False), "ls: cannot access '/run/hailo': No such file or directory\n")


if __name__ == "__main__":
    unittest.main()
