"""hailoctl report: what is in the bundle, and above all what is not."""

import os
import pathlib
import shutil
import stat
import tarfile
import unittest

from services_fixture import WithSystemd

KEY = "key-of-the-configuration"
IN_UNIT = "key-of-the-unit"
PASSWORD = "pass-of-the-camera"
TOKEN = "token-of-the-log"
SECRETS = (KEY, IN_UNIT, PASSWORD, TOKEN)
YAML = f"""server:
  api_keys:
    - {KEY}
  port: 8123
camera:
  url: rtsp://admin:{PASSWORD}@10.0.0.2/live
"""
UNITS = f"""# /etc/systemd/system/hailo-pose.service.d/override.conf
[Service]
Environment="HAILO_POSE_API_KEYS={IN_UNIT} and-more"
"""
JOURNAL = f"""#!/bin/sh
case "$*" in
*hailo-pose*)
  echo "2026-01-01T00:00:00 hailo-pose: listens on 127.0.0.1:8123"
  echo "2026-01-01T00:00:01 hailo-pose: GET /x?token={TOKEN} 400"
  echo "2026-01-01T00:00:02 hailo-pose: cannot fetch http://admin:{PASSWORD}@10.0.0.2/snap"
  echo "2026-01-01T00:00:03 hailo-pose: somebody sent {KEY} in the open"
  ;;
*) echo "-- No entries --" ;;
esac
"""


class Report(WithSystemd):
    def setUp(self):
        super().setUp()
        self.etc = self.folder / "etc"
        self.etc.mkdir()
        (self.etc / "hailo-pose.yaml").write_text(YAML)
        self.systemd.add("hailo-pose", ("--config", self.etc / "hailo-pose.yaml"))
        script = (self.systemd.folder / "systemctl").read_text()
        (self.folder / "units").write_text(UNITS)
        self.systemd.script("systemctl", script.replace("case", f'case " $*" in *" cat "*) cat {self.folder}/units; exit ;; esac\ncase', 1))
        self.systemd.script("journalctl", JOURNAL)
        self.systemd.script("dpkg-query", "#!/bin/sh\necho 'ii  hailo-pose 0.1.0'\n")

    def report(self, **more):
        done = self.hailoctl("report", "-o", self.folder / "r.tar.gz", "--dir", self.etc, HAILO_DOCTOR_ROOT=str(self.folder), **more)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout, self.files()

    def files(self):
        """Name below the report's folder to text."""
        files = {}
        with tarfile.open(self.folder / "r.tar.gz") as archive:
            for member in archive.getmembers():
                if member.isfile():
                    name = pathlib.Path(member.name)
                    self.assertRegex(name.parts[0], r"^hailo-report-\d{8}-\d{6}$")
                    files["/".join(name.parts[1:])] = archive.extractfile(member).read().decode()
        return files

    def test_it_has_what_a_fault_is_found_with(self):
        said, files = self.report()
        self.assertIn("hailo-pose 0.1.0", files["packages.txt"])
        self.assertIn("listens on 127.0.0.1:8123", files["log/hailo-pose.txt"])
        self.assertNotIn("log/hailo-depth.txt", files)  # not installed
        self.assertRegex(files["services.txt"], r"hailo-pose +active")
        self.assertRegex(files["config.txt"], r"hailo-pose +server\.port +8123 ")
        self.assertIn("  port: 8123\n", files["etc-hailo/hailo-pose.yaml"])
        self.assertRegex(files["doctor.txt"], r"(?m)^(ok|warning|error) ")
        self.assertIn("MemTotal", files["memory.txt"])
        self.assertIn("override.conf", files["units.txt"])
        self.assertIn("no.sock", files["status.txt"])  # why there is none
        for name in set(files) - {"README.txt"}:
            self.assertIn(name, files["README.txt"])
            self.assertIn(name, said)
        self.assertIn("Look at it before you send it", said)

    def test_it_has_no_secret_anywhere(self):
        _, files = self.report()
        for name, text in files.items():
            for secret in SECRETS:
                self.assertNotIn(secret, text, name)
        # All of these places had one.
        for name in ("units.txt", "log/hailo-pose.txt", "etc-hailo/hailo-pose.yaml", "config.txt"):
            self.assertIn("<removed>", files[name])
        self.assertEqual(files["log/hailo-pose.txt"].count("<removed>"), 3)

    def test_only_its_owner_may_read_it_and_nothing_is_overwritten(self):
        self.report()
        path = self.folder / "r.tar.gz"
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        before = path.read_bytes()
        again = self.hailoctl("report", "-o", path)
        self.assertEqual(again.returncode, 1)
        self.assertIn("File exists", again.stderr)
        self.assertEqual(path.read_bytes(), before)
        (self.folder / "link.tar.gz").symlink_to(self.folder / "elsewhere")
        self.assertEqual(self.hailoctl("report", "-o", self.folder / "link.tar.gz").returncode, 1)
        self.assertFalse((self.folder / "elsewhere").exists())

    def test_what_is_not_on_the_machine_is_left_out(self):
        bare = self.folder / "bare"
        bare.mkdir()
        for tool in ("tar", "gzip"):
            (bare / tool).symlink_to(shutil.which(tool))
        said, files = self.report(PATH=str(bare))
        self.assertEqual(files["packages.txt"], "(dpkg-query is not installed)\n")
        self.assertEqual(files["units.txt"], "(systemctl is not installed)\n")
        self.assertIn("not installed", files["services.txt"])
        self.assertIn("packages.txt", said)

    def test_where_it_cannot_be_packed_nothing_is_left_behind(self):
        temporary = self.folder / "temporary"
        temporary.mkdir()
        done = self.hailoctl("report", "-o", self.folder / "r.tar.gz", PATH=str(self.folder), TMPDIR=str(temporary))
        self.assertEqual(done.returncode, 1)
        self.assertFalse((self.folder / "r.tar.gz").exists())
        self.assertEqual(os.listdir(temporary), [])
        nowhere = self.hailoctl("report", "-o", self.folder / "r.tar.gz", TMPDIR=str(self.folder / "r"))
        self.assertEqual(nowhere.returncode, 1)
        self.assertNotIn("README.txt", os.listdir(self.folder))


if __name__ == "__main__":
    unittest.main()
