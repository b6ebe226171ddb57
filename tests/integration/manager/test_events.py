"""What a client with the feature `events` is told without asking."""

import os
import signal
import unittest

from fixture import ManagerTest, infer, load
from support.wire import Wire


class Events(ManagerTest):
    def watcher(self, **more):
        wire = self.wire()
        wire.hello = wire.call({"action": "hello", "client": "watcher", "features": ["events"], **more})
        self.assertEqual(wire.hello["features"], ["events"])
        return wire

    def until_event(self, wire, **wanted):
        """The events up to one that has these fields."""
        seen = []
        while True:
            seen.append(wire.receive())
            self.assertIsNotNone(seen[-1], seen)
            if wanted.items() <= seen[-1].items():
                return seen

    def test_the_life_of_a_request_is_told_to_an_administrator(self):
        path = self.model("tiny")
        watcher = self.watcher(events=["request"])
        with Wire(self.manager.socket_path, [], "camera") as camera:
            self.assertOk(camera.call(infer(path)))
        queued, started, ended = self.until_event(watcher, state="ended")
        for step, state in ((queued, "queued"), (started, "started"), (ended, "ended")):
            self.assertEqual((step["event"], step["state"], step["kind"], step["lane"]), ("request", state, "infer", "vision"))
            self.assertEqual((step["client"], step["model_type"], step["model_path"]), (f"{os.getuid()}:camera", "depth", path))
            self.assertEqual(step["request"], queued["request"])
        self.assertLessEqual(queued["at"], started["at"])
        self.assertLessEqual(started["at"], ended["at"])
        self.assertEqual(ended["code"], "ok")
        self.assertGreaterEqual(min(ended["queued_ms"], ended["loading_ms"], ended["running_ms"]), 0)

    def test_a_request_whose_client_has_gone_ends_too(self):
        watcher = self.watcher(events=["request"])
        with Wire(self.manager.socket_path, [], "gone") as gone:
            gone.send(infer(self.model("brief")))
            self.until_event(watcher, state="started", client=f"{os.getuid()}:gone")
        *_, ended = self.until_event(watcher, state="ended", client=f"{os.getuid()}:gone")
        self.assertEqual(ended["code"], "cancelled")

    def test_who_does_not_keep_up_loses_steps_and_is_told_how_many(self):
        path = self.model("other")
        with Wire(self.manager.socket_path, [], "busy") as busy:
            self.assertOk(busy.call(load(path)))
            watcher = self.watcher()
            for _ in range(3000):
                self.assertOk(busy.call(load(path)))
            seen = self.until_event(watcher, event="missed")
            told = sum(event["event"] == "request" for event in seen)
            self.assertEqual(told + seen[-1]["count"], 2 * 3000, "each is queued and ends")
            self.assertOk(busy.call(load(path)))
            self.until_event(watcher, event="request", state="ended")


class LostWorker(ManagerTest):
    def test_a_model_is_told_to_be_gone_with_its_worker_and_to_be_back(self):
        watcher = self.wire(["events"], "watcher")
        self.assertEqual(watcher.receive()["event"], "device")
        with Wire(self.manager.socket_path) as client:
            self.assertOk(client.call(load(self.model("tiny"))))
        states = []
        for pid in self.manager.workers():
            os.kill(pid, signal.SIGKILL)
        while len(states) < 3:
            event = watcher.receive()
            if event["event"] == "model":
                states.append(event["state"])
        self.assertEqual(states, ["loaded", "unloaded", "loaded"])


@unittest.skipIf(os.geteuid() != 0, "only root can come as another user")
class OtherUsers(ManagerTest):
    how = {"arguments": ("--socket-mode", "0666")}

    def test_the_requests_of_others_are_none_of_a_users_business(self):
        self.manager.folder.chmod(0o755)
        path = self.model("tiny")
        near, far = os.pipe()
        child = os.fork()
        if child == 0:
            os.setgid(65534)
            os.setuid(65534)
            wire = Wire(self.manager.socket_path, ["events"], "stranger")
            os.write(far, b"x")
            events = {wire.receive()["event"], wire.receive()["event"]}
            os._exit(0 if events == {"device", "model"} else 1)
        os.read(near, 1)
        with Wire(self.manager.socket_path, []) as client:
            self.assertOk(client.call(infer(path)))
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        os.close(near)
        os.close(far)


if __name__ == "__main__":
    unittest.main()
