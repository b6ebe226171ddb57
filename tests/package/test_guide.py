"""Every command of docs/guide/install.md, in its order, by a reader who is in the folder of the checkout.

A block of commands is ```sh; what else stands in a block is named here.
"""

import re
import unittest

from installed import PICTURES, SOURCE, InstalledTest

PAGE = SOURCE / "docs/guide/install.md"
NOT_RUN = {
    "scripts/package\n": "it has built the packages that are installed here",
    "sudo scripts/package-chroot trixie\nsudo scripts/package-chroot trixie:arm64\n": "steps of .ci/nightly",
}
HOME = "srv/reader"
# What the reader's machine has and this one has not: sudo, somebody who answers yes, what packages recommend.
READER = """
sudo() { "$@"; }
export USER=root DEBIAN_FRONTEND=noninteractive APT_CONFIG=/srv/reader/apt.conf
cd "$(cat /srv/reader/where)"
set -e
trap 'echo "failed: $BASH_COMMAND" >&2' ERR
%s
pwd >/srv/reader/where
"""


def blocks():
    """(language, text) of each."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", PAGE.read_text(), re.M | re.S)


class Guide(InstalledTest):
    def setUp(self):
        home = self.machine.root / HOME
        (home / "build").mkdir(parents=True)
        (home / "build/packages").symlink_to("/srv/packages")
        (home / "where").write_text(f"/{HOME}\n")
        (home / "apt.conf").write_text('APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\n')
        for folder in (home, self.machine.root / "srv/packages"):
            (folder / "photo.jpg").write_bytes((PICTURES / "yard.jpg").read_bytes())
        self.addCleanup(self.as_before)
        self.machine.run("apt-get", "purge", "--yes", "hailo-*", "python3-hailo-*")

    def as_before(self):
        self.machine.run("rm", "-rf", f"/{HOME}", "/etc/systemd/system/hailo-mine.service.d")
        self.machine.install()

    def wait_until_served(self):
        """Until what is installed of the guide's services is ready."""
        def served():
            return all(self.machine.is_ready(name) for name in ("hailo-depth", "hailo-detect")
                       if self.machine.state(name) == "active" and (name != "hailo-detect" or self.has_small_model()))
        self.machine.wait("services are ready", served)

    def has_small_model(self):
        return "name: detect-tiny" in self.machine.file_of("hailo-detect").read_text()

    def test_each_command_works(self):
        ran = 0
        for language, text in blocks():
            if language == "sh":
                with self.subTest(text):
                    self.machine.run("bash", "-c", READER % text)
                    ran += 1
                    self.wait_until_served()
            elif language == "ini":
                with self.subTest(text):  # what systemctl edit would put there
                    drop_in = self.machine.root / "run/guide.service"
                    self.machine.run("sh", "-c", "cat >/run/guide.service", input=text)
                    said = self.machine.run("systemd-analyze", "verify", "/run/guide.service", check=False)
                    self.assertNotIn("Unknown", said, drop_in)
            else:
                self.assertIn(text, NOT_RUN)
        self.assertGreater(ran, 5)
        packages = self.machine.root / "srv/packages"
        self.assertEqual((packages / "depth.jpg").read_bytes()[:3], b"\xff\xd8\xff")
        kept = self.machine.run("tar", "-tzf", "/srv/packages/hailo-backup.tar.gz")
        self.assertIn("etc/hailo/hailo-detect.yaml\n", kept)
        left = {name for name in self.machine.files() if "/hailo-mine" not in name}
        self.assertEqual(left, self.machine.files_without_packages)


if __name__ == "__main__":
    unittest.main()
