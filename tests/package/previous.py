"""Packages of the version before, for tests of upgrades: today's with a lower number and other files of configuration."""

import pathlib
import re
import tempfile

from booted import run

VERSION = "0.0.9"
ADDED = "# As the version before had it.\n"


def make(packages, folder):
    """Of every package in `packages` one in `folder`."""
    folder.mkdir()
    for package in packages.glob("*.deb"):
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            tree = pathlib.Path(scratch, "tree")
            run("dpkg-deb", "--raw-extract", package, tree)
            control = tree / "DEBIAN/control"
            text = control.read_text()
            today = re.search(r"^Version: (.*)$", text, re.M).group(1)
            control.write_text(text.replace(today, VERSION))
            for path in tree.glob("etc/hailo/*.yaml"):
                path.write_text(path.read_text() + ADDED)
            run("dpkg-deb", "-Zgzip", "-z1", "--build", tree, folder / package.name.replace(today, VERSION))
