"""From one version to the next, back, and away: what people have changed, taught and fetched stays."""

import json
import unittest

import previous
from installed import UNITS, InstalledTest

PULLED = "var/lib/hailo/models/mine.onnx"
KEEP = ("-o", "Dpkg::Options::=--force-confold")  # dpkg's own default where it is asked and nobody answers


class Upgrade(InstalledTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        previous.make(cls.machine.root / "srv/packages", cls.machine.root / "srv/previous")

    def setUp(self):
        """The version before, installed afresh; a person is enrolled, a model is fetched, hailo-detect has more memory."""
        self.machine.run("apt-get", "purge", "--yes", "hailo-*", "python3-hailo-*")
        self.addCleanup(self.as_before)
        self.install("previous")
        self.machine.configure()
        self.machine.wait_until_all_serve()
        self.machine.curl("hailo-face", "/v1/database/add", "-F", "image=@/srv/pictures/ada.jpg", "-F", "name=Ada Lovelace")
        (self.machine.root / PULLED).write_bytes(b"a model")
        self.override("hailo-detect", "MemoryMax=2G")
        self.configuration = {unit: self.machine.file_of(unit).read_text() for unit in UNITS}

    def as_before(self):
        self.machine.run("apt-get", "purge", "--yes", "hailo-*")
        self.machine.install()

    def install(self, folder, *options, check=True):
        return self.machine.run("sh", "-c", 'cd "/srv/$0" && exec apt-get install --yes --no-install-recommends "$@" ./hailo-*.deb',
                                folder, *KEEP, *options, check=check)

    def versions(self):
        return set(self.machine.run("dpkg-query", "-W", "-f", "${Version}\n", "hailo-*").split())

    def everything_is_kept(self):
        self.all_answer()
        seen = self.machine.curl("hailo-face", "/v1/recognize", "-F", "image=@/srv/pictures/ada.jpg")
        self.assertEqual(json.loads(seen)["faces"][0]["identity"], "Ada Lovelace")
        self.assertEqual((self.machine.root / PULLED).read_bytes(), b"a model")
        self.assertEqual(self.machine.run("systemctl", "show", "--property=MemoryMax", "--value", "hailo-detect").strip(), str(2 << 30))

    def test_what_is_newer_is_served_and_what_people_have_is_kept(self):
        before = self.machine.main_pids(UNITS)
        self.install("packages")
        self.assertNotIn(previous.VERSION, self.versions())
        self.assertEqual(set(before) & set(self.machine.main_pids(UNITS)), set(), "not all were started again")
        self.everything_is_kept()
        for unit in UNITS:
            with self.subTest(unit):
                now, had = self.machine.file_of(unit).read_text(), self.configuration[unit]
                offered = self.machine.file_of(unit).with_suffix(".yaml.dpkg-dist")
                if had.endswith(previous.ADDED) and "\n  name:" not in had:  # as it was installed
                    self.assertEqual(now, had.removesuffix(previous.ADDED))
                    self.assertFalse(offered.exists())
                else:
                    self.assertEqual(now, had)
                    self.assertNotIn(previous.ADDED, offered.read_text())

    def test_going_back_is_refused_unless_it_is_asked_for_and_then_keeps_everything(self):
        self.install("packages")
        now = self.versions()
        said = self.install("previous", check=False)
        self.assertIn("downgrade", said)
        self.assertEqual(self.versions(), now)
        self.install("previous", "--allow-downgrades")
        self.assertEqual(self.versions(), {previous.VERSION})
        self.everything_is_kept()

    def test_what_is_removed_is_there_again_when_it_is_installed_again(self):
        self.machine.run("apt-get", "remove", "--yes", "hailo-device-manager")
        self.assertEqual(self.machine.run("sh", "-c", "cat /proc/[0-9]*/comm | grep ^hailo-", check=False), "")
        self.assertEqual(self.machine.listening(), set())
        self.install("previous")
        self.everything_is_kept()
        self.assertEqual({unit: self.machine.file_of(unit).read_text() for unit in UNITS}, self.configuration)


if __name__ == "__main__":
    unittest.main()
