"""All picture services in front of one manager, which runs the small networks of models/ on the CPU."""

import unittest

from support.service_client import Client
from support.service_process import ServiceProcess, wait_ready
from support.unseen import manager_of
from support.websocket import WebSocket

# task: the model as the catalogue names it, where pictures are posted
TASKS = {
    "depth": ("scdepthv3", "/v1/depth/estimate"),
    "detect": ("detect-tiny", "/v1/detect"),
    "segment": ("segment-tiny", "/v1/segment"),
    "pose": ("pose-tiny", "/v1/pose/detect"),
}


class PictureService(ServiceProcess):
    def __init__(self, task, socket_path):
        model, self.path = TASKS[task]
        super().__init__(f"hailo-{task}", socket_path, model)
        self.task = task

    def get(self, path):
        return self._ask(lambda client: client.get(path))

    def post(self, image, **fields):
        """A form with the encoded picture, by a connection of its own."""
        return self._ask(lambda client: client.post_form({"image": image, **fields}, self.path))

    def post_json(self, value):
        return self._ask(lambda client: client.post_json(value, self.path))

    def live(self, query=""):
        return WebSocket(self.port, f"/v1/{self.task}/live{query}")

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
        cls.manager = cls.enterClassContext(manager_of("depth-tiny", "detect-segment-tiny", "pose-tiny"))
        cls.services = [cls.enterClassContext(PictureService(task, cls.manager.socket_path)) for task in TASKS]
        for service in cls.services:
            wait_ready(service)
