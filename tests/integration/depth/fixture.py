"""hailo-depth as a process in front of a real manager, and a client for it."""

import base64
import http.client
import io
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import unittest

import numpy

from support.manager_process import BIN, SLOW, SOURCE, ManagerProcess
from support.patience import Patience

PROFILE = pathlib.Path(__file__).resolve().parent / "profile.yaml"
MODELS = SOURCE / "tests" / "data" / "models"
TIMEOUT = 60.0 * SLOW


def sim_manager(**how):
    return ManagerProcess(sim_profile=PROFILE, **how)


def onnx_manager(**how):
    """Runs tests/data/models/depth_mean.onnx: the mean of the channels, 256 x 320."""
    return ManagerProcess(arguments=("--device", "onnx", "--model-dirs", MODELS), **how)


class DepthProcess:
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

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

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


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def error(self):
        return self.json()["error"]


class Client:
    """One keep-alive connection."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)

    def request(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or {})
        return Answer(self.connection.getresponse())

    def get(self, path, headers=None):
        return self.request("GET", path, None, headers)

    def post_json(self, value, path="/v1/depth/estimate"):
        body = value if isinstance(value, (bytes, str)) else json.dumps(value)
        return self.request("POST", path, body, {"Content-Type": "application/json"})

    def post_form(self, fields, path="/v1/depth/estimate"):
        """fields: name to text or bytes."""
        return self.request("POST", path, form_body(fields),
                            {"Content-Type": "multipart/form-data; boundary=frontier"})

    def close(self):
        self.connection.close()


def form_body(fields):
    body = b""
    for name, value in fields.items():
        data = value if isinstance(value, bytes) else str(value).encode()
        more = '; filename="a.png"\r\nContent-Type: image/png' if isinstance(value, bytes) else ""
        head = f'--frontier\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
        body += head.encode()
        body += data + b"\r\n"
    return body + b"--frontier--\r\n"


def text_of(data):
    return base64.b64encode(data).decode()


def map_of(answer):
    """The array in depth_map, as numpy reads it."""
    with numpy.load(io.BytesIO(base64.b64decode(answer["depth_map"]))) as archive:
        return archive["depth"]


class DepthTest(unittest.TestCase):
    """A manager and a ready hailo-depth for each test class."""

    config = ""
    arguments = ()

    @classmethod
    def make_manager(cls):
        return onnx_manager()

    @classmethod
    def model_path(cls):
        return MODELS / "depth_mean.onnx"

    @classmethod
    def setUpClass(cls):
        cls.manager = cls.make_manager()
        cls.addClassCleanup(cls.manager.close)
        cls.manager.__enter__()
        cls.depth = DepthProcess(cls.manager.socket_path, cls.model_path(), cls.config,
                                 cls.arguments)
        cls.addClassCleanup(cls.depth.close)
        cls.depth.__enter__()
        wait_ready(cls.depth)

    def setUp(self):
        self.client = Client(self.depth.port)
        self.addCleanup(self.client.close)

    def assertError(self, answer, status, message=None, kind=None):
        self.assertEqual(answer.status, status, answer.body[:500])
        error = answer.error()
        self.assertEqual(set(error), {"message", "type"})
        if message is not None:
            self.assertIn(message, error["message"])
        if kind is not None:
            self.assertEqual(error["type"], kind)


def wait_ready(depth, ready=True):
    """Asks /health/ready until it says so."""
    client = Client(depth.port)
    try:
        patience = Patience("hailo-depth is " + ("ready" if ready else "not ready"), depth.log)
        while True:
            answer = client.get("/health/ready")
            if (answer.status == 200) == ready:
                return answer
            patience.spend()
    finally:
        client.close()
