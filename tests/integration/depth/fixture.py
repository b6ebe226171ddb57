"""hailo-depth as a process in front of a real manager, and a client for it."""

import base64
import functools
import io
import pathlib

import numpy

from support import service_client
from support.manager_process import SOURCE, ManagerProcess
from support.service_client import form_body
from support.service_process import TIMEOUT, ServiceProcess, ServiceTest, wait_ready

PROFILE = pathlib.Path(__file__).resolve().parent / "profile.yaml"
MODELS = SOURCE / "tests" / "data" / "models"
DepthProcess = functools.partial(ServiceProcess, "hailo-depth")


def sim_manager(**how):
    return ManagerProcess(sim_profile=PROFILE, **how)


def onnx_manager(**how):
    """Runs tests/data/models/depth_mean.onnx: the mean of the channels, 256 x 320."""
    return ManagerProcess(arguments=("--device", "onnx", "--model-dirs", MODELS), **how)


class Client(service_client.Client):
    """Its bodies go to the estimate where nothing else is said."""

    def post_json(self, value, path="/v1/depth/estimate"):
        return super().post_json(value, path)

    def post_form(self, fields, path="/v1/depth/estimate"):
        return super().post_form(fields, path)


def text_of(data):
    return base64.b64encode(data).decode()


def map_of(answer):
    """The array in depth_map, as numpy reads it."""
    with numpy.load(io.BytesIO(base64.b64decode(answer["depth_map"]))) as archive:
        return archive["depth"]


class DepthTest(ServiceTest):
    program = "hailo-depth"
    client_class = Client

    @classmethod
    def make_manager(cls):
        return onnx_manager()

    @classmethod
    def model_path(cls):
        return MODELS / "depth_mean.onnx"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.depth = cls.service

    def assertError(self, answer, status, message=None, kind=None):
        self.assertEqual(answer.status, status, answer.body[:500])
        error = answer.error()
        self.assertEqual(set(error), {"message", "type"})
        if message is not None:
            self.assertIn(message, error["message"])
        if kind is not None:
            self.assertEqual(error["type"], kind)
