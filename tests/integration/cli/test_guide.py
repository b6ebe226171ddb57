"""docs/guide/hailo.md: what it quotes exists, and what it says to type works, as far as it goes without a card."""

import os
import re
import signal
import socket
import subprocess
import unittest

from fixture import ADAPTERS, TIMEOUT, WithChip
from support import fake_hef
from support.hostile_server import HostileServer, whole
from support.manager_process import BIN, SOURCE

GUIDE = (SOURCE / "docs/guide/hailo.md").read_text(encoding="utf-8")


def section(heading):
    return re.search(rf"^## {heading}\n(.*?)(?=^## )", GUIDE, re.MULTILINE | re.DOTALL).group(1)


def block(heading, number=0):
    """The lines of a code block of a section."""
    blocks = re.findall(r"^```\n(.*?)^```$", section(heading), re.MULTILINE | re.DOTALL)
    return blocks[number].splitlines()


def texts(folders, endings):
    """All of the sources, with the parts of long string literals joined."""
    files = (path for folder in folders for path in sorted((SOURCE / folder).rglob("*")) if path.suffix in endings)
    return re.sub(r'"\s*\n\s*"', "", "\n".join(path.read_text(encoding="utf-8") for path in files))


class Quoted(unittest.TestCase):
    def test_every_symptom_is_a_text_of_the_program(self):
        sources = texts(["src"], {".cpp", ".hpp"})
        rows = re.findall(r"^\| (.*?) \| .* \| .* \|$", section("Troubleshooting by symptom"), re.MULTILINE)
        quoted = [text for row in rows for text in re.findall(r"`(.*?)`", row) if not text.startswith("hailoctl ")]
        self.assertGreater(len(quoted), 10)
        for text in quoted:
            text = text.replace("/dev/hailo0", "{}")
            self.assertTrue(text in sources or text.removesuffix("{}") in sources, text)

    def test_what_cmake_says_and_takes(self):
        text = section("3. This project")
        build = texts(["cmake", "src", "tests"], {".cmake", ".txt"}) + (SOURCE / "CMakeLists.txt").read_text()
        self.assertIn("No HailoRT: its adapter is left out. Real Hailo devices need it", text)
        for part in ("No HailoRT: its adapter is left out. Real Hailo devices need it", "HailoRT adapter ${suffix}, ${version}: ${shown}"):
            self.assertIn(part, build)
        self.assertRegex(text, r"-- HailoRT adapter [\d.]+, [\d.]+: NPU_HAILORT_\w+")
        options = set(re.findall(r"-D((?:NPU|HailoRT)_\w+)=", text)) - {"HailoRT_DIR"}
        self.assertEqual(options, {"NPU_TESTS", "NPU_BENCH", "NPU_HAILORT"})
        for option in options:
            self.assertIn(option, build)

    def test_what_is_installed_is_what_the_programs_look_for(self):
        self.assertIn("-DCMAKE_INSTALL_PREFIX=/usr ", section("3. This project"))
        looked_for = subprocess.run([BIN / "hailo-device-manager", "--print-config"], capture_output=True, text=True, check=True).stdout
        self.assertIn("/var/lib/hailo/models", looked_for)


class Typed(WithChip):
    def setUp(self):
        super().setUp()
        self.models = self.folder / "models"
        server = self.enterContext(HostileServer())
        server.at("/scdepthv3.hef", whole(fake_hef.content()))
        catalogue = self.folder / "catalogue"
        catalogue.mkdir()
        (catalogue / "scdepthv3.yaml").write_text(
            "name: scdepthv3\nfamily: depth\n"
            f"files: {{hailo10h: {{path: scdepthv3.hef, url: '{server.url('/scdepthv3.hef')}'}}}}\n")
        self.environment.update(
            HAILO_CATALOGUE=str(catalogue), no_proxy="127.0.0.1",
            HOME=str(self.folder), PATH=f"{BIN}:{os.environ['PATH']}", HAILO_FAKE_PROFILE="hailo10h", HAILO_DEVICE="hailort",
            HAILO_WORKER_ALSO_OPENS=str(self.folder),  # the fake library's own files
            HAILO_DEVICE_ADAPTER_DIR=str(ADAPTERS), HAILO_MODEL_DIRS=str(self.models), HAILO_DEVICE_HTTP_BIND="off")

    def script(self, lines):
        """As typed, but for root, the place of models and pictures, and the fake's adapter."""
        text = "\n".join(lines).replace("sudo ", "").replace("/var/lib/hailo/models", str(self.models))
        text = text.replace("docs/pictures", str(SOURCE / "docs/pictures"))
        return re.sub(r"^(hailoctl (?:inspect|doctor|pull)\b.*)$", rf"\1 --adapter-dir {ADAPTERS}", text, flags=re.MULTILINE)

    def start(self, lines):
        """A script whose manager serves when this returns, and is ended with the test."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(str(self.folder / "notify"))
            notify.settimeout(TIMEOUT)
            process = subprocess.Popen(
                ["bash", "-ec", self.script(lines) + "\nwait"], env={**self.environment, "NOTIFY_SOCKET": notify.getsockname()},
                cwd=self.folder, stdin=subprocess.DEVNULL, start_new_session=True)
            self.addCleanup(process.wait)
            self.addCleanup(os.killpg, process.pid, signal.SIGKILL)
            while b"READY=1" not in notify.recv(4096):
                pass

    def test_from_a_model_to_a_first_answer(self):
        done = subprocess.run(["bash", "-ec", self.script(block("4. A model"))], env=self.environment, cwd=self.folder,
                              capture_output=True, text=True, timeout=TIMEOUT)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("HAILO10H", done.stdout)
        manager = block("5. The manager")
        self.start(manager)
        exported = next(line for line in manager if line.startswith("export "))
        # The doctor judges this machine, which has no chip.
        lines = [exported] + [line + " || [ $? = 1 ]" if line == "hailoctl doctor" else line for line in block("6. Look, then ask")]
        done = subprocess.run(["bash", "-ec", self.script(lines)], env=self.environment, cwd=self.folder,
                              capture_output=True, text=True, timeout=TIMEOUT)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("HAILO10H", done.stdout)
        self.assertEqual((self.folder / "depth.png").read_bytes()[1:4], b"PNG")


if __name__ == "__main__":
    unittest.main()
