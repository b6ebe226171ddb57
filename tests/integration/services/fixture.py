"""All picture services in front of one manager, which runs the small networks of models/ on the CPU."""

import json
import unittest
import urllib.parse
from typing import NamedTuple

from support.manager_process import SOURCE
from support.service_client import Client
from support.service_process import ServiceProcess, wait_ready
from support.unseen import MODELS, PP_OCR, manager_of
from support.websocket import WebSocket

FACES = SOURCE / "third_party" / "face-models"  # scripts/fetch-models


class Task(NamedTuple):
    model: str  # as the catalogue names it
    path: str   # where pictures are posted
    live: str = ""
    fields: dict = {}  # that each request has besides
    arguments: tuple = ()
    config: str = ""


TASKS = {
    "depth": Task("scdepthv3", "/v1/depth/estimate"),
    "detect": Task("detect-tiny", "/v1/detect"),
    "segment": Task("segment-tiny", "/v1/segment"),
    "pose": Task("pose-tiny", "/v1/pose/detect"),
    "clip": Task("clip-tiny-image", "/v1/classify", "/v1/classify/live",
                 {"prompts": ["a large red circle", "a small blue star"], "score_mode": "cosine", "threshold": -1},
                 ("--catalogue", MODELS / "catalogue", "--model-dirs", MODELS / "clip-tiny")),
}
if (FACES / "blazeface_short.onnx").exists():
    TASKS["scrfd"] = Task("blazeface_short", "/v1/detect", "/v1/detect/live")
    TASKS["face"] = TASKS["scrfd"]._replace(config="database: {enabled: false}\n")
if (PP_OCR / ".complete").exists():
    TASKS["ocr"] = Task("ocr_det", "/v1/ocr/extract", arguments=("--recognition", "ocr", "--classification", "ocr_angle"))


class PictureService(ServiceProcess):
    def __init__(self, task, socket_path):
        self.task = task
        self._about = TASKS[task]
        self._fields = {name: json.dumps(value) if isinstance(value, list) else value
                        for name, value in self._about.fields.items()}
        super().__init__(f"hailo-{task}", socket_path, self._about.model, self._about.config,
                         arguments=map(str, self._about.arguments))

    def get(self, path):
        return self._ask(lambda client: client.get(path))

    def post(self, image, **fields):
        """A form with the encoded picture, by a connection of its own."""
        return self._ask(lambda client: client.post_form({"image": image, **self._fields, **fields},
                                                         self._about.path))

    def post_json(self, value):
        return self._ask(lambda client: client.post_json({**self._about.fields, **value}, self._about.path))

    def live(self, **query):
        path = self._about.live or f"/v1/{self.task}/live"
        return WebSocket(self.port, f"{path}?{urllib.parse.urlencode({**self._fields, **query})}")

    def _ask(self, ask):
        client = Client(self.port)
        try:
            return ask(client)
        finally:
            client.close()


class ServicesTest(unittest.TestCase):
    """Each test goes through cls.services, which are ready and new for each class."""

    @classmethod
    def setUpClass(cls):
        cls.manager = cls.enterClassContext(manager_of("clip-tiny", "depth-tiny", "detect-segment-tiny", "pose-tiny", FACES, PP_OCR))
        cls.services = [cls.enterClassContext(PictureService(task, cls.manager.socket_path)) for task in TASKS]
        for service in cls.services:
            wait_ready(service)
