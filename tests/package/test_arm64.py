"""The packages for arm64 on a Debian of that architecture, all of whose programs qemu-user runs: installed, and every service answers.

Not run: systemd and the units, for which that emulator has not enough of a kernel. It has neither seccomp nor Landlock, so workers
are not confined, and this sees that they go on and say so.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import time
import unittest

from PIL import Image

from booted import PLACE, run
from installed import CONFIGURATION, MODELS, PICTURES, REQUESTS, SERVICES, SOURCE

RELEASE = "trixie"
PACKAGES = pathlib.Path(os.environ.get("PACKAGES", SOURCE / f"build/packages-{RELEASE}-arm64"))
FORMAT = pathlib.Path("/usr/lib/binfmt.d/qemu-aarch64.conf")  # of Debian's qemu-user-static: how the kernel knows its programs
REGISTERED = pathlib.Path("/proc/sys/fs/binfmt_misc/qemu-aarch64")
LONGEST = 900  # seconds; what takes a second otherwise takes a minute
A_FEW_LINES = (350, 400, 1050, 550)  # of the page; all of it takes the emulator many minutes
MANAGER = f"policy: {{infer_timeout: {LONGEST}, load_timeout: {LONGEST}}}\n"
# In a namespace of mounts, so that they end with the command.
ENTER = """
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
mkdir -p "$1/run/hailo"
exec chroot "$@"
"""


def skip_reason():
    if os.geteuid() != 0:
        return "only root enters another system"
    if not FORMAT.exists() or not shutil.which("debootstrap"):
        return "there is no qemu-user-static or no debootstrap"
    if not list(PACKAGES.glob("hailo-device-manager_*_arm64.deb")):
        return f"no packages in {PACKAGES}: run scripts/package-chroot {RELEASE}:arm64"
    return None


@unittest.skipIf(skip_reason(), skip_reason())
class Arm64(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.register()
        cls.base, cls.root = PLACE / f"{RELEASE}-arm64.base", PLACE / "arm64"
        if not (cls.base / "etc/debian_version").exists():
            half = PLACE / f"{RELEASE}-arm64.half"
            shutil.rmtree(half, ignore_errors=True)
            run("debootstrap", "--arch=arm64", "--variant=minbase", "--include=ca-certificates", RELEASE, half)
            half.rename(cls.base)
        shutil.rmtree(cls.root, ignore_errors=True)
        cls.addClassCleanup(shutil.rmtree, cls.root, ignore_errors=True)
        run("cp", "-a", cls.base, cls.root)
        shutil.copytree(PACKAGES, cls.root / "srv/packages")
        shutil.copytree(PICTURES, cls.root / "srv/pictures")
        cls.inside("apt-get", "update")
        cls.installed = cls.inside("sh", "-c", "DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "
                                   "/srv/packages/hailo-*.deb /srv/packages/libnpu-client0_*.deb")

    @classmethod
    def register(cls):
        """The kernel asks the emulator for programs of arm64, as systemd-binfmt has it do; until the end of the tests."""
        folder = REGISTERED.parent
        if not (folder / "register").exists():
            run("mount", "-t", "binfmt_misc", "binfmt_misc", folder)
            cls.addClassCleanup(run, "umount", folder)
        if not REGISTERED.exists():
            (folder / "register").write_text(FORMAT.read_text())
            cls.addClassCleanup(REGISTERED.write_text, "-1")

    @classmethod
    def command(cls, *words):
        return ["unshare", "--mount", "--propagation", "private", "sh", "-euc", ENTER, "enter", str(cls.root), *map(str, words)]

    @classmethod
    def inside(cls, *words, **how):
        return run(*cls.command(*words), **how)

    @contextlib.contextmanager
    def started(self, *words):
        """A program that runs inside; gives its log."""
        log = self.root / f"srv/{pathlib.Path(words[0]).name}.log"
        with open(log, "wb") as out:
            process = subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        try:
            yield log
        finally:
            process.terminate()
            process.wait()

    def wait(self, what, is_so, log):
        began = time.monotonic()
        while not (given := is_so()):
            if time.monotonic() - began > LONGEST:
                raise AssertionError(f"not within {LONGEST} s: {what}\n{log.read_text()[-3000:]}")
            time.sleep(0.5)
        return given

    def test_maintainer_scripts_have_made_users_and_folders(self):
        users = (self.root / "etc/passwd").read_text()
        for name in ("hailo-manager", *SERVICES):
            self.assertIn(f"\n{name}:", users)
        self.assertTrue((self.root / "var/lib/hailo/models").is_dir())
        self.assertNotRegex(self.installed, r"(?m)^dpkg: error")

    def test_every_service_answers_and_a_worker_that_cannot_confine_itself_says_so(self):
        (self.root / "etc/hailo/manager.yaml").write_text(MANAGER)
        with self.started("/usr/bin/hailo-device-manager", "--socket-path", "/srv/device.sock", "--http", "off") as log:
            self.wait("the manager serves", (self.root / "srv/device.sock").exists, log)
            for service in SERVICES:
                with self.subTest(service):
                    self.answers(service)
            self.assertRegex(log.read_text(), "warning.*(no Landlock|seccomp)")
            status = self.inside("hailoctl", "--socket", "/srv/device.sock", "status")
            self.assertRegex(status, "nothing|Landlock|seccomp")

    def answers(self, service):
        config = self.root / f"etc/hailo/{service}.yaml"
        text = CONFIGURATION.get(service)
        if service in MODELS:
            text = re.sub(r"^  #name: .*$", f"  name: {MODELS[service]}", config.read_text(), flags=re.M)
        if text:
            config.write_text(text)
        port_file = self.root / f"srv/{service}.port"
        path, picture, expected, *fields = REQUESTS[service]
        given = self.root / "srv/pictures" / picture
        if service == "hailo-ocr":
            Image.open(PICTURES / picture).crop(A_FEW_LINES).save(given)
        with self.started(f"/usr/bin/{service}", "--device-socket", "/srv/device.sock", "--port", "0", "--port-file",
                          f"/srv/{service}.port", "--request-timeout-ms", LONGEST * 1000) as log:
            port = self.wait("it listens", lambda: port_file.exists() and port_file.read_text().strip(), log)
            url = f"http://127.0.0.1:{port}"
            self.wait("its model is loaded", lambda: '"ready":true' in
                      run("curl", "-sS", f"{url}/health/ready", check=False).replace(" ", ""), log)
            forms = [word for field in fields for word in ("-F", field)]
            answer = json.loads(run("curl", "-sS", "--fail-with-body", "--max-time", LONGEST, "-F",
                                    f"image=@{given}", *forms, url + path))
            self.assertTrue(answer and answer[expected], str(answer)[:300])


if __name__ == "__main__":
    unittest.main()
