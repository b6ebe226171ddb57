"""hailo-face in front of a manager on the CPU, with a database of the test's own."""

import json
import pathlib
import tempfile

import numpy
from PIL import Image

from support.manager_process import BIN, SOURCE, ManagerProcess
from support.pictures import png
from support.service_client import Client
from support.service_process import ServiceProcess, ServiceTest, wait_ready

MODELS = SOURCE / "tests" / "data" / "models"


def coloured(seed):
    """A picture of colours by which tests/data/models/face_colours knows it again; face_scrfd finds two faces in it."""
    parts = numpy.random.default_rng(seed).integers(1, 255, (4, 4, 3), numpy.uint8)
    return png(numpy.asarray(Image.fromarray(parts).resize((64, 64), Image.BILINEAR)))


class FaceServiceTest(ServiceTest):
    """With the tiny models of tests/data/models; `settings` are merged into the configuration."""

    program = "hailo-face"
    settings = {}

    @classmethod
    def make_manager(cls):
        return ManagerProcess(device="onnx", arguments=("--model-dirs", MODELS))

    @classmethod
    def model_path(cls):
        return MODELS / "face_scrfd.onnx"

    @classmethod
    def configuration(cls, database, recogniser="face_colours", **database_settings):
        return json.dumps({"database": {"db_file": str(database), "timeout_ms": 30000, **database_settings},
                           "face_recognition": {"recognition_model": recogniser,
                                                "recognition_path": str(MODELS / "face_colours.onnx")}})

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="hailo-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.database = cls.folder / "faces.db"
        cls.config = cls.configuration(cls.database, **cls.settings)
        super().setUpClass()

    def start(self, config, **more):
        """Another service; ends with the test."""
        service = self.enterContext(ServiceProcess(self.program, self.manager.socket_path, self.model_path(), config, **more))
        wait_ready(service)
        return service

    def client_of(self, service):
        client = Client(service.port)
        self.addCleanup(client.close)
        return client

    @staticmethod
    def add(client, name, seed):
        return client.post_form({"image": coloured(seed), "name": name}, "/v1/database/add")

    def who(self, client, seed):
        """The identity of the first face."""
        answer = client.post_form({"image": coloured(seed), "threshold": "0.99"}, "/v1/recognize")
        self.assertEqual(answer.status, 200, answer.body[:300])
        return answer.json()["faces"][0]["identity"]

    @staticmethod
    def names(client):
        return [one["name"] for one in client.get("/v1/database/list").json()["identities"]]


def program(*arguments):
    """The command of hailo-face that is no service."""
    return [str(BIN / "hailo-face"), *(str(one) for one in arguments)]
