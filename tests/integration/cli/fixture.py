"""hailoctl on the HailoRT adapter and the fake HailoRT, with a chip of its own."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from support import fake_hef
from support.manager_process import BIN, SLOW, ManagerProcess

PROGRAM = str(BIN / "hailoctl")
ADAPTERS = BIN.parent / "hailort-fake"
PROFILE = pathlib.Path(__file__).with_name("profile.yaml")
TIMEOUT = 240 * SLOW

HARDWARE = {
    "sys/bus/pci/devices/0001:01:00.0/vendor": "0x1e60\n",
    "sys/bus/pci/devices/0001:01:00.0/device": "0x45c4\n",
    "sys/bus/pci/devices/0001:01:00.0/current_link_speed": "8.0 GT/s PCIe\n",
    "sys/bus/pci/devices/0001:01:00.0/current_link_width": "1\n",
    "sys/class/hailo_chardev/hailo0/dev": "510:0\n",
    "sys/module/hailo1x_pci/version": "5.2.0\n",
    "proc/device-tree/model": "Raspberry Pi 5 Model B Rev 1.0\0",
    "proc/meminfo": "MemTotal: 8000000 kB\nCmaTotal: 524288 kB\n",
    "proc/77/comm": "hailo-ollama\n",
    "proc/77/environ": "HAILO_OLLAMA_VDEVICE_GROUP_ID=SHARED\0",
    "dev/hailo0": "",
    "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
}


class WithChip(unittest.TestCase):
    """environment: of every hailoctl; `HAILO_FAKE_VERSION` and faults may be set in it."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("HAILO_")}
        self.environment.update(HAILO_FAKE_PROFILE=str(PROFILE), HAILO_SIM_STATE=str(self.folder / "chip"),
                                HAILO_FAKE_TIME_SCALE="0.2")

    def model(self, name, body=""):
        return str(fake_hef.write(self.folder / f"{name}.hef", body))

    def hailoctl(self, *arguments, adapters=ADAPTERS, socket=None):
        words = [PROGRAM, "--socket", str(socket or self.folder / "no.sock"), *map(str, arguments)]
        if adapters is not None:
            words += ["--adapter-dir", str(adapters)]
        return subprocess.run(words, capture_output=True, text=True, timeout=TIMEOUT, env=self.environment,
                              stdin=subprocess.DEVNULL, cwd=self.folder)

    def manager_on_hailort(self):
        """A manager with the same chip; not started yet."""
        env = {name: self.environment[name] for name in ("HAILO_FAKE_PROFILE", "HAILO_SIM_STATE")}
        env["HAILO_WORKER_ALSO_OPENS"] = f"{self.folder}:{PROFILE}"  # the fake library's own files
        return ManagerProcess(arguments=("--device", "hailort", "--adapter-dir", str(ADAPTERS)), env=env)

    def json_of(self, done):
        try:
            return json.loads(done.stdout)
        except ValueError:
            self.fail(f"status {done.returncode}, no JSON: {done.stdout[-2000:]} {done.stderr[-2000:]}")

    def machine(self, files=None):
        """A made-up machine with a healthy Hailo-10H, changed by `files` (None: without that file)."""
        root = self.folder / "root"
        for name, text in {**HARDWARE, **(files or {})}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(text)
        (root / "dev/hailo0").chmod(0o660)
        driver = root / "sys/bus/pci/devices/0001:01:00.0/driver"
        if not driver.is_symlink():
            driver.symlink_to("../../drivers/hailo1x")
        holder = root / "proc/77/fd"
        holder.mkdir(exist_ok=True)
        if not (holder / "3").is_symlink():
            (holder / "3").symlink_to("/dev/hailo0")
        return root
