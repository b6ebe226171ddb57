"""What becomes the packages: every service has its own, units are right and as confined as they are to be, and the
configuration files say what the programs say."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["NPU_SOURCE_DIR"])
BIN = pathlib.Path(os.environ["NPU_BUILD_DIR"])
DEBIAN = SOURCE / "packaging/debian"
UNITS = sorted(path.name for path in DEBIAN.glob("hailo-*.service"))
MOST_EXPOSURE = 1.5


def services():
    return sorted(name for path in (SOURCE / "src/services").glob("*/CMakeLists.txt")
                  for name in re.findall(r"^npu_executable\((hailo-\S+)", path.read_text(), re.M))


def paragraphs():
    """Of debian/control: the fields of each package by its name."""
    packages = {}
    for text in (DEBIAN / "control").read_text().split("\n\n"):
        fields = dict(re.findall(r"^([A-Za-z-]+):[ ]?((?:.*\n?)(?:[ ].*\n?)*)", text, re.M))
        if "Package" in fields:
            packages[fields["Package"].strip()] = fields
    return packages


class Packages(unittest.TestCase):
    def test_every_service_has_one_with_its_unit(self):
        packages = paragraphs()
        self.assertGreater(len(services()), 3)
        for name in services():
            with self.subTest(name):
                self.assertIn(name, packages, "no paragraph in packaging/debian/control")
                self.assertIn(name + ".service", UNITS, "no unit in packaging/debian")
                self.assertRegex(packages["hailo-ai-services"]["Depends"], rf"(?m)^ {name} \(",
                                 "hailo-ai-services does not depend on it")

    def test_units_and_their_packages_belong_to_programs(self):
        self.assertEqual({name.removesuffix(".service") for name in UNITS}, {*services(), "hailo-device-manager"})

    def test_the_version_is_the_projects(self):
        project = re.search(r"VERSION (\S+)", (SOURCE / "CMakeLists.txt").read_text().split("project(")[1]).group(1)
        self.assertRegex((DEBIAN / "changelog").read_text(), rf"^hailo-device-manager \({re.escape(project)}\) ")

    def test_what_is_built_with_is_what_setup_installs(self):
        source = (DEBIAN / "control").read_text().split("\n\n")[0]
        wanted = set(re.findall(r"^ ([a-z0-9.+-]+)", source, re.M))
        setup = set(re.findall(r"[a-z0-9.+-]+", (SOURCE / "scripts/setup").read_text()))
        # Names of debhelper's own, which its package and dh-python provide.
        self.assertEqual(wanted - setup, {"debhelper-compat", "dh-sequence-installsysusers", "dh-sequence-python3"})
        libraries = {name for name in setup if re.fullmatch(r"lib.*[^9]-dev", name)}
        self.assertEqual(libraries - set(re.findall(r"[a-z0-9.+-]+", source)), {"libgmock-dev", "libgtest-dev"})


class Configuration(unittest.TestCase):
    def test_is_as_the_programs_describe_it(self):
        done = subprocess.run([SOURCE / "tools/conffiles", "--check", BIN], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_is_valid_as_it_is_installed(self):
        for path in sorted((SOURCE / "packaging/etc").iterdir()):
            program = "hailo-device-manager" if path.name == "manager.yaml" else path.stem
            with self.subTest(path.name):
                done = subprocess.run([BIN / program, "--config", path, "--check-config"], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertNotIn(str(SOURCE), path.read_text())


@unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze here")
class Units(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.folder = cls.root / "usr/lib/systemd/system"
        shutil.copytree(SOURCE / "packaging/systemd", cls.folder)
        for name in UNITS:
            text = (DEBIAN / name).read_text()
            (cls.folder / name).write_text(text.replace("ExecStart=/usr/bin/", f"ExecStart={BIN}/"))

    def test_systemd_understands_every_line(self):
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *UNITS],
                              capture_output=True, text=True, env={**os.environ, "SYSTEMD_UNIT_PATH": f"{self.folder}:"})
        said = [line for line in done.stderr.splitlines() if "hailo-" in line]
        self.assertEqual((done.returncode, said), (0, []))

    def test_they_are_exposed_no_more_than_they_may_be(self):
        for name in UNITS:
            with self.subTest(name):
                done = subprocess.run(["systemd-analyze", "security", "--offline=true", f"--root={self.root}",
                                       f"--threshold={MOST_EXPOSURE * 10:.0f}", "--no-pager", name],
                                      capture_output=True, text=True)
                exposed = [line for line in done.stdout.splitlines() if not line.startswith("✓")]
                self.assertEqual(done.returncode, 0, "\n".join([done.stderr, *exposed]))

    def test_the_manager_has_the_npu_and_nobody_else_has_a_device(self):
        for name in UNITS:
            with self.subTest(name):
                own = self.folder / f"{name}.d"
                allowed = "".join(path.read_text() for path in own.glob("*.conf")) if own.is_dir() else ""
                self.assertEqual("DeviceAllow=" in allowed, name == "hailo-device-manager.service")


if __name__ == "__main__":
    unittest.main()
