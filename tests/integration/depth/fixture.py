"""hailo-depth as a process in front of a real manager, and a client for it."""

import base64
import http.client
import io
import json
import pathlib
import unittest

import numpy

from support.depth_process import TIMEOUT, DepthProcess
from support.manager_process import SOURCE, ManagerProcess
from support.patience import Patience

PROFILE = pathlib.Path(__file__).resolve().parent / "profile.yaml"
MODELS = SOURCE / "tests" / "data" / "models"


def sim_manager(**how):
    return ManagerProcess(sim_profile=PROFILE, **how)


def onnx_manager(**how):
    """Runs tests/data/models/depth_mean.onnx: the mean of the channels, 256 x 320."""
    return ManagerProcess(arguments=("--device", "onnx", "--model-dirs", MODELS), **how)


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

    def __init__(self, port, timeout=TIMEOUT):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

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
