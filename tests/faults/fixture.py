"""What the fault tests share: a manager, a bystander whose requests must not be lost, and faults."""

import pathlib
import threading
import unittest

from support.manager_process import ManagerProcess
from support.patience import ask_until
from support.wire import Wire, tensor

PROFILE = pathlib.Path(__file__).resolve().parent / "profile.yaml"
PICTURE = tensor(bytes(48), (4, 4, 3))
STORY = "word " * 20000  # the simulated model says its prompt again: this takes minutes


def infer(path, request_id=None, model_type="depth", data=None, **more):
    message = {"action": "infer", "model_type": model_type, "model_path": path,
               "input_data": {"input": PICTURE} if data is None else data, **more}
    return message if request_id is None else {**message, "request_id": request_id}


class Bystander:
    """A client that keeps inferring while others misbehave; every one of its requests must succeed."""

    def __init__(self, manager, model="tiny"):
        self.manager = manager
        self.model = model
        self.done = 0
        self.failures = []
        self._stop = threading.Event()
        self._first = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        self._first.wait(60)
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        try:
            with Wire(self.manager.socket_path, [], "bystander") as wire:
                while not self._stop.is_set():
                    reply = wire.call(infer(self.manager.model(self.model)))
                    if reply is None or reply.get("status") != "ok":
                        self.failures.append(reply)
                        return
                    self.done += 1
                    self._first.set()
                    self._stop.wait(0.01)
        except OSError as error:
            self.failures.append(error)
        finally:
            self._first.set()


class FaultTest(unittest.TestCase):
    """Runs each test beside a bystander and checks afterwards that it lost nothing."""

    how = {}

    def setUp(self):
        self.manager = ManagerProcess(sim_profile=PROFILE, **self.how)
        self.manager.__enter__()
        self.addCleanup(self.manager.close)
        self.bystander = Bystander(self.manager)
        self.bystander.__enter__()

    def tearDown(self):
        done = self.bystander.done
        with self.wire() as wire:
            self.assertEqual(wire.call({"action": "ping"})["status"], "ok")
            self.assertEqual(wire.call(infer(self.manager.model("tiny"))).get("status"), "ok")
        self.until(lambda _: self.bystander.done > done or self.bystander.failures, "the bystander goes on")
        self.bystander.__exit__()
        self.assertEqual(self.bystander.failures, [])
        self.assertEqual(self.manager.stop(), 0, self.manager.log()[-2000:])
        self.assertNotIn("Sanitizer", self.manager.log())

    def wire(self, features=None, name="test"):
        return Wire(self.manager.socket_path, features, name)

    def until(self, condition, what):
        return ask_until(self.manager, condition, what)
