"""Starts the real hailo-depth for a test, in front of a manager that runs already."""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile

from .manager_process import BIN, SLOW, Program

TIMEOUT = 60.0 * SLOW


class DepthProcess(Program):
    """A running hailo-depth on a port of its own; a context manager. wrapper: a command that starts it."""

    def __init__(self, socket_path, model_path, config="", arguments=(), env=None, wrapper=()):
        self._scratch = tempfile.TemporaryDirectory(prefix="hailo-test-")
        self.folder = pathlib.Path(self._scratch.name)
        self.config = self.folder / "hailo-depth.yaml"
        self.config.write_text(config or "{}\n")
        self.log_path = self.folder / "log"
        self._command = [*wrapper, str(BIN / "hailo-depth"), "--config", str(self.config), "--port", "0",
                         "--port-file", str(self.folder / "port"), "--device-socket",
                         str(socket_path),
                         "--model-path", str(model_path), "--log-level", "debug", *arguments]
        self._env = {key: value for key,
                     value in os.environ.items() if not key.startswith("HAILO_")}
        self._env.update(env or {})
        self._process = None

    def start(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            name = str(self.folder / "notify")
            notify.bind(name)
            notify.settimeout(TIMEOUT)
            with open(self.log_path, "ab") as log:
                self._process = subprocess.Popen(self._command,
                                                 env={**self._env, "NOTIFY_SOCKET": name},
                                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            while b"READY=1" not in notify.recv(4096):
                pass
        self.port = int((self.folder / "port").read_text())
        return self

    @property
    def pid(self):
        return self._process.pid

    def log(self):
        return self.log_path.read_text(errors="replace")

    def terminate(self):
        self._process.send_signal(signal.SIGTERM)

    def wait(self):
        return self._process.wait(TIMEOUT)

    def close(self):
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._scratch.cleanup()
