"""A systemctl for tests, first in PATH: says of units what the test says, and keeps what it is told to do."""

import os
import pathlib

from .manager_process import BIN

SCRIPT = """#!/bin/sh
here="${0%/*}"
case "$1" in
show)
  first=yes
  for unit; do
    case "$unit" in show | -*) continue ;; esac
    [ $first = yes ] || echo
    first=no
    cat "$here/units/$unit" 2>/dev/null || printf 'Id=%s\\nLoadState=not-found\\nActiveState=inactive\\n' "$unit"
  done
  ;;
list-unit-files) cd "$here/units" && for unit in *; do echo "$unit enabled enabled"; done ;;
*)
  echo "$*" >>"$here/told"
  if [ -f "$here/refusal" ]; then cat "$here/refusal" >&2; exit 1; fi
  ;;
esac
"""


class FakeSystemd:
    """folder: an empty one of the test's own."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        (self.folder / "units").mkdir()
        self.script("systemctl", SCRIPT)

    def script(self, name, text):
        """Another program that is first in PATH."""
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def environment(self):
        clean = {key: value for key, value in os.environ.items() if not key.startswith("HAILO_")}
        return {**clean, "PATH": f"{self.folder}:{os.environ['PATH']}"}

    def add(self, name, words=(), **properties):
        """A unit that runs, unless the properties say otherwise. words: of its command, after the program."""
        command = " ".join(str(word) for word in (BIN / name, *words))
        known = {"Id": f"{name}.service", "LoadState": "loaded", "ActiveState": "active", "SubState": "running",
                 "UnitFileState": "enabled", "MainPID": "0", "MemoryCurrent": str(32 << 20),
                 "FragmentPath": f"/usr/lib/systemd/system/{name}.service",
                 "ExecStart": f"{{ path={BIN / name} ; argv[]={command} ; ignore_errors=no ; pid=0 }}",
                 "ActiveEnterTimestampMonotonic": "1000000", **{key: str(value) for key, value in properties.items()}}
        (self.folder / "units" / f"{name}.service").write_text("".join(f"{key}={value}\n" for key, value in known.items()))

    def add_running(self, name, service, **properties):
        """The unit of a ServiceProcess."""
        self.add(name, ("--config", service.config, "--port", service.port), MainPID=service.pid, **properties)

    def refuse(self, text):
        (self.folder / "refusal").write_text(text)

    def told(self):
        path = self.folder / "told"
        return path.read_text().splitlines() if path.exists() else []
