"""What the manager's tests share."""

import pathlib
import unittest

from support.manager_process import DEVICE, ManagerProcess
from support.patience import ask_until
from support.messages import PICTURE, infer  # noqa: F401 - for those who import this
from support.wire import Wire

PROFILE = pathlib.Path(__file__).resolve().parent / "profile.yaml"
# What each device says in words of its own.
FIRMWARE = {"sim": "1.2", "hailort": "5.2.0"}[DEVICE]
CANNOT_START = {"sim": ("profile", ["--sim-profile", "/nonexistent.yaml"]),
                "hailort": ("no HailoRT adapter", ["--adapter-dir", "/nonexistent"])}[DEVICE]
ALL = ["shm", "tail", "stream", "pipeline", "cancel"]


def manager(**how):
    return ManagerProcess(sim_profile=PROFILE, **how)


def load(path, model_type="depth", **more):
    return {"action": "load_model", "model_type": model_type, "model_path": path, **more}


class ManagerTest(unittest.TestCase):
    """A manager for each test class; classes that stop or break it start their own."""

    how = {}

    @classmethod
    def setUpClass(cls):
        cls.manager = manager(**cls.how)
        cls.manager.__enter__()
        cls.addClassCleanup(cls.manager.close)

    def wire(self, features=None, name="test"):
        client = Wire(self.manager.socket_path, features, name)
        self.addCleanup(client.close)
        return client

    def model(self, name):
        return self.manager.model(name)

    def assertOk(self, reply):
        self.assertIsNotNone(reply, "the connection was closed")
        self.assertEqual(reply.get("status"), "ok", reply)
        self.assertNotIn("error", reply)
        return reply

    def loaded(self):
        with Wire(self.manager.socket_path) as client:
            return [pathlib.Path(row["model_path"]).stem for row in client.call({"action": "ping"})["loaded_models"]]

    def until(self, condition, what):
        return ask_until(self.manager, condition, what)
