"""All packages on one booted machine, which the tests of a run share: python3 -m unittest test_boot test_idle ...

With KEEP_MACHINE=1 it is kept and used again, to look at it and for the next run: build/boot/installed.
"""

import atexit
import functools
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
# Of each service: a route, a picture, where in the answer what was found begins, and other fields.
REQUESTS = {
    "hailo-clip": ("/v1/classify", "figure.jpg", "classifications", 'prompts=["a red circle", "a blue square"]'),
    "hailo-depth": ("/v1/depth/estimate", "yard.jpg", "depth_map"),
    "hailo-detect": ("/v1/detect", "things.jpg", 0),
    "hailo-face": ("/v1/detect", "faces.jpg", "faces"),
    "hailo-ocr": ("/v1/ocr/extract", "page.jpg", "regions"),
    "hailo-pose": ("/v1/pose/detect", "people.jpg", "poses"),
    "hailo-scrfd": ("/v1/detect", "faces.jpg", "faces"),
    "hailo-segment": ("/v1/segment", "things.jpg", 0),
}
# For the processor, as docs/guide/install.md has it: a name in the file that is there, or all of a file.
MODELS = {"hailo-detect": "detect-tiny", "hailo-pose": "pose-tiny", "hailo-scrfd": "blazeface_short",
          "hailo-segment": "segment-tiny"}
CONFIGURATION = {
    "hailo-clip": "model: {name: clip-tiny, path: clip-tiny-image}\n",
    "hailo-face": "model: {name: blazeface_short, path: blazeface_short}\n"
                  "face_recognition: {recognition_model: face-tiny, recognition_path: face-tiny}\n"
                  "faces: {demo_model: true}\n",
    "hailo-ocr": "model: {path: ocr_det}\nhailo_models: {recognition_hefs: {en: ocr}, classification: ocr_angle}\n",
}


def port_of(service):
    text = (SOURCE / f"packaging/etc/{service}.yaml").read_text()
    return int(re.search(r"^  #port: (\d+)$", text, re.M).group(1))


class InstalledMachine(Machine):
    files_without_packages = frozenset()

    def make(self, *packages):
        super().make(*packages)
        (self.root / "srv/pictures").mkdir()
        for picture in PICTURES.glob("*.jpg"):
            (self.root / "srv/pictures" / picture.name).write_bytes(picture.read_bytes())
        self.files_without_packages = self.files()

    def files(self):
        """Names of files and folders, but for those of volatile file systems, apt, dpkg and logs."""
        skipped = re.compile(r"/(run|tmp|dev|proc|sys|srv)/|/var/(lib/(dpkg|apt)|cache|log)/")
        names = set()
        for folder, folders, files in os.walk(self.root):
            for name in [*folders, *files]:
                inside = "/" + str(pathlib.Path(folder, name).relative_to(self.root))
                if "hailo" in inside and not skipped.search(inside):
                    names.add(inside)
        return names

    def install(self):
        self.run("apt-get", "install", "--yes", "--no-install-recommends", "hailo-ai-services", "hailo-models-cpu")
        self.configure()

    def configure(self):
        for service in [*MODELS, *CONFIGURATION]:
            path = self.file_of(service)
            text = CONFIGURATION.get(service) or re.sub(r"^  #name: .*$", f"  name: {MODELS[service]}", path.read_text(),
                                                        flags=re.M)
            path.write_text(text)
        self.run("systemctl", "restart", *MODELS, *CONFIGURATION)

    def file_of(self, unit):
        return self.root / f"etc/hailo/{unit.removeprefix('hailo-device-')}.yaml"

    def curl(self, service, path, *options, check=True):
        return self.run("curl", "-sS", "--fail-with-body", "--max-time", "20", *options,
                        f"http://127.0.0.1:{port_of(service)}{path}", check=check)

    def is_ready(self, service):
        return '"ready":true' in self.curl(service, "/health/ready", check=False).replace(" ", "")

    def all_serve(self):
        return all(self.state(unit) == "active" for unit in UNITS) and all(map(self.is_ready, SERVICES))

    def wait_until_all_serve(self):
        self.wait("all units are active and all services ready", self.all_serve)

    def main_pids(self, units):
        return [self.main_pid(unit) for unit in units]

    def listening(self):
        """Addresses and ports on which somebody accepts connections: what the kernel says in /proc/net."""
        found = set()
        for line in self.run("cat", "/proc/net/tcp", "/proc/net/tcp6").splitlines():
            fields = line.split()
            if fields[3] == "0A":
                address, port = fields[1].split(":")
                parts = bytes.fromhex(address)
                found.add((".".join(map(str, parts[::-1])) if len(parts) == 4 else address, int(port, 16)))
        return found

    def journal(self, unit, *options):
        return self.run("journalctl", "--no-pager", "--quiet", "-o", "cat", "-u", unit, *options)

    def reload(self, unit):
        self.run("systemctl", "daemon-reload")
        self.run("systemctl", "restart", unit)


@functools.cache
def machine():
    """Installed and configured; gone when the process ends."""
    made = InstalledMachine("installed")
    if os.environ.get("KEEP_MACHINE"):
        if made.runs():
            made.configure()
            return made
    else:
        atexit.register(made.discard)
    made.make("hailo-ai-services", "hailo-models-cpu", "python3-hailo-device-client")
    made.boot()
    made.install()
    return made


class InstalledTest(unittest.TestCase):
    """Each test begins and ends with a machine on which every service serves."""

    @classmethod
    def setUpClass(cls):
        if reason := Machine.skip_reason():
            raise unittest.SkipTest(reason)
        cls.machine = machine()

    def setUp(self):
        self.machine.wait_until_all_serve()

    def answer_of(self, service):
        path, picture, _, *fields = REQUESTS[service]
        forms = [word for field in fields for word in ("-F", field)]
        return json.loads(self.machine.curl(service, path, "-F", f"image=@/srv/pictures/{picture}", *forms))

    def answers(self, service):
        answer, expected = self.answer_of(service), REQUESTS[service][2]
        self.assertTrue(answer and answer[expected], f"{service} found nothing: {str(answer)[:300]}")

    def all_answer(self):
        self.machine.wait_until_all_serve()
        for service in SERVICES:
            with self.subTest(service):
                self.answers(service)

    def override(self, unit, *lines):
        """As an administrator's drop-in does; until the end of the test."""
        folder = self.machine.root / f"etc/systemd/system/{unit}.service.d"
        folder.mkdir(parents=True)
        (folder / "override.conf").write_text("\n".join(["[Service]", *lines, ""]))

        def remove():
            (folder / "override.conf").unlink()
            folder.rmdir()
            self.machine.reload(unit)

        self.addCleanup(remove)
        self.machine.reload(unit)

    def setting(self, unit, old, new, check=True):
        """Another text in the file of a unit; until the end of the test."""
        path = self.machine.file_of(unit)
        before = path.read_text()
        self.assertIn(old, before)

        def put(text):
            path.write_text(text)
            self.machine.run("systemctl", "restart", unit, check=check)

        self.addCleanup(put, before)
        put(before.replace(old, new))
