"""Starts a real HTTP service for a test, in front of a manager that runs already."""

import concurrent.futures
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import unittest

from .manager_process import BIN, ManagerProcess, Program
from .patience import Patience
from .service_client import TIMEOUT, Client


class StartFailed(RuntimeError):
    """The service ended instead of serving."""


class ServiceProcess(Program):
    """A running service on a port of its own; a context manager.

    program: its name in the build's folder, or a path. socket_path, model_path: None for one that has no such flags. wrapper: a command that starts it.
    """

    def __init__(self, program, socket_path, model_path=None, config="", arguments=(), env=None, wrapper=()):
        self._scratch = tempfile.TemporaryDirectory(prefix="hailo-test-")
        self.folder = pathlib.Path(self._scratch.name)
        self.name = pathlib.Path(program).name
        self.config = self.folder / "service.yaml"
        self.config.write_text(config or "{}\n")
        self.log_path = self.folder / "log"
        self._command = [*wrapper, str(BIN / program), "--config", str(self.config), "--port", "0",
                         "--port-file", str(self.folder / "port"),
                         *(("--device-socket", str(socket_path)) if socket_path else ()),
                         *(("--model-path", str(model_path)) if model_path else ()),
                         "--log-level", "debug", *arguments]
        self._env = {key: value for key,
                     value in os.environ.items() if not key.startswith("HAILO_")}
        self._env.update(env or {})
        self._process = None

    def start(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            name = str(self.folder / "notify")
            notify.bind(name)
            notify.settimeout(0.2)
            with open(self.log_path, "ab") as log:
                self._process = subprocess.Popen(self._command,
                                                 env={**self._env, "NOTIFY_SOCKET": name},
                                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            patience = Patience(f"{self.name} has started", self.log)
            while not _says_ready(notify):
                if self._process.poll() is not None:
                    raise StartFailed(f"{self.name} ended with status {self._process.returncode}: {self.log()[-2000:]}")
                patience.spend()
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


def _says_ready(notify):
    try:
        return b"READY=1" in notify.recv(4096)
    except TimeoutError:
        return False


def wait_ready(service, ready=True):
    """Asks /health/ready until it says so."""
    client = Client(service.port)
    try:
        patience = Patience(f"{service.name} is " + ("ready" if ready else "not ready"),
                            lambda: f"{service.log()[-1500:]}{answer.body}")
        while True:
            answer = client.get("/health/ready")
            if (answer.status == 200) == ready:
                return answer
            patience.spend()
    finally:
        client.close()


class ServiceTest(unittest.TestCase):
    """A manager and a ready service for each test class; a client of it for each test."""

    program = ""
    config = ""
    arguments = ()
    client_class = Client
    becomes_ready = True

    @classmethod
    def make_manager(cls):
        raise NotImplementedError

    @classmethod
    def model_path(cls):
        """Of the model that the service keeps, if it keeps one."""

    @classmethod
    def service_arguments(cls):
        """What depends on the manager."""
        return cls.arguments

    @classmethod
    def setUpClass(cls):
        cls.manager = cls.make_manager()
        cls.addClassCleanup(cls.manager.close)
        cls.manager.__enter__()
        cls.service = ServiceProcess(cls.program, cls.manager.socket_path, cls.model_path(), cls.config,
                                     cls.service_arguments())
        cls.addClassCleanup(cls.service.close)
        cls.service.__enter__()
        wait_ready(cls.service, cls.becomes_ready)

    def setUp(self):
        self.client = self.client_class(self.service.port)
        self.addCleanup(self.client.close)

    def ask_at_once(self, path, fields, count=64):
        """The answers to so many forms that are sent at the same time, each by a connection of its own."""
        def ask(_):
            client = Client(self.service.port)
            try:
                return client.post_form(fields, path)
            finally:
                client.close()

        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            return list(pool.map(ask, range(count)))


class SimServiceTest(ServiceTest):
    """With a model of the simulated device."""

    profile = None  # the device's file
    model = ""

    @classmethod
    def profile_text(cls):
        """What is in the file, where the class has none."""
        raise NotImplementedError

    @classmethod
    def make_manager(cls):
        if cls.profile is not None:
            return ManagerProcess(sim_profile=cls.profile)
        folder = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="hailo-test-"))
        profile = pathlib.Path(folder) / "profile.yaml"
        profile.write_text(cls.profile_text())
        return ManagerProcess(sim_profile=profile)

    @classmethod
    def model_path(cls):
        return cls.manager.model(cls.model)
