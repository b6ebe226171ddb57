"""A Debian of its own with a real systemd, for tests of the packages: ../shared/tools/boot-root boots it.

Machine.skip_reason() says what is missing where it cannot be had: root, debootstrap, boot-root, packages.
"""

import os
import pathlib
import re
import shutil
import subprocess
import time

SOURCE = pathlib.Path(os.environ.get("NPU_SOURCE_DIR", pathlib.Path(__file__).resolve().parents[2]))
BOOT_ROOT = SOURCE.parent / "shared/tools/boot-root"
PLACE = SOURCE / "build/boot"  # not /tmp, which may be memory
PACKAGES = pathlib.Path(os.environ.get("PACKAGES", SOURCE / "build/packages"))
INCLUDED = "systemd,systemd-sysv,dbus,udev,ca-certificates,curl"


def codename():
    """Of the release that is booted: that of this machine, or the environment's RELEASE."""
    here = re.search(r"^VERSION_CODENAME=(\w+)", pathlib.Path("/etc/os-release").read_text(), re.M).group(1)
    return os.environ.get("RELEASE", here)


def run(*command, check=True, input="", **how):
    done = subprocess.run([str(word) for word in command], input=input, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **how)
    if check and done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


class Machine:
    """A copy of a minimal Debian with the packages in a local repository. boot() once, then run() and so on."""

    @staticmethod
    def skip_reason():
        if os.geteuid() != 0:
            return "only root boots a machine"
        if not BOOT_ROOT.exists():
            return f"there is no {BOOT_ROOT}"
        if not shutil.which("debootstrap"):
            return "there is no debootstrap"
        if not list(PACKAGES.glob("hailo-ai-services_*.deb")):
            return f"no packages in {PACKAGES}: run scripts/package"
        return None

    def __init__(self, name):
        self.root = PLACE / name
        self.base = PLACE / f"{codename()}.base"

    def make(self, *packages):
        """Everything that `packages` depend on is in the cache of apt afterwards: the booted machine has no network."""
        self._make_base()
        self.discard()
        run("cp", "-a", self.base, self.root)
        # A login on the console, which is this machine's own /dev/null, would give that to the group of terminals.
        (self.root / "etc/systemd/system/console-getty.service").symlink_to("/dev/null")
        repository = self.root / "srv/packages"
        shutil.copytree(PACKAGES, repository)
        with open(repository / "Packages", "w") as index:
            subprocess.run(["dpkg-scanpackages", "--multiversion", "."], cwd=repository, stdout=index,
                           stderr=subprocess.DEVNULL, check=True)
        (self.root / "etc/apt/sources.list.d/local.list").write_text("deb [trusted=yes] file:/srv/packages ./\n")
        self.chroot("apt-get", "update")
        self.chroot("apt-get", "install", "--yes", "--no-install-recommends", "--download-only", *packages)
        cache = "var/cache/apt/archives"
        for archive in (self.root / cache).glob("*.deb"):
            if not (self.base / cache / archive.name).exists():
                shutil.copy2(archive, self.base / cache)

    def _make_base(self):
        if (self.base / "etc/debian_version").exists():
            return
        PLACE.mkdir(parents=True, exist_ok=True)
        half = PLACE / f"{codename()}.half"
        shutil.rmtree(half, ignore_errors=True)
        run("debootstrap", "--variant=minbase", f"--include={INCLUDED}", codename(), half)
        (half / "etc/apt/apt.conf.d/90keep").write_text(
            'Acquire::Languages "none";\nBinary::apt-get::APT::Keep-Downloaded-Packages "true";\n')
        half.rename(self.base)

    def chroot(self, *command):
        return run("chroot", self.root, "env", "DEBIAN_FRONTEND=noninteractive", *command)

    def boot(self):
        run(BOOT_ROOT, self.root, "start", "--net")

    def runs(self):
        return self.run("true", check=False) == ""

    def reboot(self):
        run(BOOT_ROOT, self.root, "reboot", "--net")

    def run(self, *command, **how):
        return run(BOOT_ROOT, self.root, "run", *command, **how)

    def wait(self, what, is_so, seconds=60):
        """Until is_so() gives something, and that."""
        began = time.monotonic()
        while not (given := is_so()):
            if time.monotonic() - began > seconds:
                raise AssertionError(f"not within {seconds} s: {what}\n{self.troubles()}")
            time.sleep(0.2)
        return given

    def state(self, unit):
        return self.run("systemctl", "show", "--property=ActiveState", "--value", unit, check=False).strip()

    def main_pid(self, unit):
        return int(self.run("systemctl", "show", "--property=MainPID", "--value", unit))

    def kill(self, pid, signal):
        self.run("sh", "-c", f"kill -{signal} {pid}")

    def troubles(self):
        return (self.run("systemctl", "--no-pager", "list-units", "hailo-*", check=False) +
                self.run("sh", "-c", "journalctl --no-pager -n 500 -u 'hailo-*' | grep -v 'GET /health' | tail -n 60", check=False))

    def discard(self):
        run(BOOT_ROOT, self.root, "stop", check=False)
        if self.root.exists():
            run("rm", "-rf", "--one-file-system", self.root)
