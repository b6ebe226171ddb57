"""What requests say about their turn and their models, and what a client may cost, over the socket."""

import os
import pathlib
import re
import time
import unittest

from fixture import ALL, ManagerTest, infer, load, manager
from support.manager_process import DEVICE, SLOW
from support.patience import Patience
from support.wire import Memory, Wire

WIDE = {"dtype": "uint8", "shape": [256, 256, 3]}
WIDE_BYTES = 256 * 256 * 3


class Turns(ManagerTest):
    def test_realtime_overtakes_batch(self):
        client = self.wire(["pipeline"])
        for name in ("brief", "tiny"):
            self.assertOk(client.call(load(self.model(name), request_id=name)))
        for number in range(10):
            client.send(infer(self.model("brief"), number, priority="batch"))
        client.send(infer(self.model("tiny"), "camera", priority="realtime"))
        order = [self.assertOk(client.receive())["request_id"] for _ in range(11)]
        self.assertLess(order.index("camera"), order.index(9), order)
        self.assertLess(order.index("camera"), order.index(8), order)


class Realtime(ManagerTest):
    how = {"config": "limits: {realtime_users: [nobody-of-that-name, 'group:4000000001']}\n"}

    def test_who_may_not_have_it_is_served_as_others_are_and_told(self):
        client = self.wire(["pipeline"])
        self.assertOk(client.call(load(self.model("brief"), request_id="l")))
        for number in range(20):
            client.send(infer(self.model("brief"), number))
        client.send(infer(self.model("brief"), "camera", priority="realtime"))
        replies = [self.assertOk(client.receive()) for _ in range(21)]
        place, camera = next((place, reply) for place, reply in enumerate(replies) if reply["request_id"] == "camera")
        self.assertGreater(place, 14, "behind the others, of which several may run at once and end in any order")
        self.assertIn("realtime", camera.pop("warning"))
        self.assertFalse(any("warning" in reply for reply in replies))
        loaded = self.assertOk(client.call(load(self.model("brief"), request_id="m", priority="realtime")))
        self.assertIn("realtime", loaded["warning"])

    def test_the_reply_of_version_1_is_as_it_was(self):
        self.assertNotIn("warning", self.assertOk(self.wire().call(infer(self.model("brief"), priority="realtime"))))

    def test_names_that_nobody_has_are_warned_of(self):
        self.assertIn('there is no user "nobody-of-that-name"', self.manager.log())

    def test_who_is_named_by_his_group_has_it(self):
        with manager(config=f"limits: {{realtime_users: ['group:{os.getegid()}']}}\n") as running, \
                Wire(running.socket_path, []) as client:
            self.assertNotIn("warning", self.assertOk(client.call(infer(running.model("brief"), priority="realtime"))))


# Requests that a device and a queue of one take: those that run, the one that follows them and the one that waits.
KEPT = {"sim": 3, "hailort": 5}[DEVICE]


class Refusals(ManagerTest):
    how = {"config": "limits: {queued_per_client: 1}\n"}

    def test_who_goes_on_asking_after_he_was_refused_is_refused_more_slowly(self):
        greedy, other = self.wire(["pipeline"]), self.wire(["pipeline"])
        self.assertOk(greedy.call(load(self.model("endless"), request_id="l")))
        for number in range(KEPT):
            greedy.send(infer(self.model("endless"), f"kept {number}"))
        begun = time.monotonic()
        for number in range(200):  # 128 of them at once, the others at 100 a second
            reply = greedy.call(infer(self.model("endless"), number))
            self.assertEqual((reply["request_id"], reply.get("code")), (number, "quota_exceeded"), reply)
        self.assertGreater(time.monotonic() - begun, 0.5)
        late = [f"late {number}" for number in range(50)]
        for name in late:
            greedy.send(infer(self.model("endless"), name))
        ping = {"action": "ping", "request_id": "p"}
        self.assertOk(other.call(ping))
        greedy.send(ping)
        answered = [greedy.receive()["request_id"] for _ in range(len(late) + 1)]
        self.assertNotEqual(answered.pop(), "p", "nothing else of it waits for the refusals, and nobody else does")
        answered.remove("p")
        self.assertEqual(answered, late[:-1])


class Residence(ManagerTest):
    how = {"config": "policy: {min_residency: 0}\n"}

    def test_keep_alive_of_nothing_unloads_after_use(self):
        client = self.wire()
        self.assertOk(client.call(infer(self.model("brief"), keep_alive=0)))
        self.until(lambda _: "brief" not in self.loaded(), "it was unloaded")
        self.assertOk(client.call(infer(self.model("brief"), keep_alive=-1)))
        self.assertIn("brief", self.loaded())

    @unittest.skipIf(DEVICE == "hailort", "a chip that gives memory back for all at once evicts in another order")
    def test_a_pinned_model_survives_what_evicts_others(self):
        client = self.wire()
        self.assertOk(client.call(load(self.model("tiny"), pin=True)))
        for name, kind in (("other", "depth"), ("wide", "depth"), ("endless", "depth"), ("brief", "depth"),
                           ("two_heads", "pose"), ("whisper", "whisper"), ("chat", "vlm_chat"), ("line", "depth")):
            self.assertOk(client.call(load(self.model(name), kind)))
        self.until(lambda _: {"tiny", "line"} <= set(self.loaded()), "the pinned model and the last one are there")
        self.assertNotIn("other", self.loaded())


class Unread(ManagerTest):
    how = {"env": {"HAILO_DEVICE_MAX_MESSAGE_BYTES": str(1 << 20)}}

    def test_replies_to_all_that_may_be_in_flight_can_wait_to_be_read(self):
        client = self.wire(["shm", "pipeline"])
        count = client.hello["limits"]["max_in_flight"]
        with Memory(WIDE_BYTES) as memory:
            client.call({"action": "shm_register", "size": WIDE_BYTES, "request_id": "r"}, fds=[memory.fd])
            client.call(load(self.model("brief"), request_id="l"))
            for long_ones in (1, 4, 16, 64):  # a slow machine takes longer to send than one of them runs
                for number in range(count):
                    client.send(infer(self.model("brief"), number) if number < long_ones else
                                infer(self.model("wide"), number, data={"input": {**WIDE, "region": 1}}))
                depth = self.until_depth(lambda depth: depth == 1 or depth > count, "all are in flight or answered")
                self.until_depth(lambda depth: depth == 1, "all are answered")
                replies = [self.assertOk(client.receive()) for _ in range(count)]
                self.assertEqual({reply["request_id"] for reply in replies}, set(range(count)))
                if depth > count:
                    return
        self.fail("all were never in flight at once")

    def until_depth(self, condition, what):
        return self.until(lambda status: condition(status["queue_depth"]), what)["queue_depth"]


class UnreadByMany(ManagerTest):
    how = {"config": f"limits: {{payload_bytes: {4 << 20}}}\n"}

    def test_who_leaves_most_unread_makes_room_for_others(self):
        with Memory(WIDE_BYTES) as memory:
            clients = [self.ask_for_much(memory) for _ in range(10)]
        self.until(lambda _: "closed: leaves most unread" in self.manager.log(), "somebody goes")
        replies = [self.assertOk(clients[-1].receive()) for _ in range(4)]
        self.assertEqual({reply["request_id"] for reply in replies}, set(range(4)))

    def ask_for_much(self, memory):
        client = self.wire(["shm", "pipeline"])
        client.call({"action": "shm_register", "size": WIDE_BYTES, "request_id": "r"}, fds=[memory.fd])
        for number in range(4):
            client.send(infer(self.model("wide"), number, data={"input": {**WIDE, "region": 1}}))
        self.until(lambda status: status["queue_depth"] == 1, "all are answered")
        return client


class Limits(unittest.TestCase):
    def test_the_size_of_messages(self):
        with manager(env={"HAILO_DEVICE_MAX_MESSAGE_BYTES": "100000"}) as running:
            with Wire(running.socket_path, ["shm"]) as client, Memory(WIDE_BYTES) as memory:
                self.assertEqual(client.hello["limits"]["max_message_bytes"], 100000)
                client.call({"action": "shm_register", "size": WIDE_BYTES}, fds=[memory.fd])
                reply = client.call(infer(running.model("wide"), 1, data={"input": {**WIDE, "region": 1}}))
                self.assertRegex(reply["error"], r"^Response too large: \d+ bytes$")
                self.assertNotIn("request_id", reply)
                self.assertTrue(client.closed())
            with Wire(running.socket_path) as client:
                head = b'{"action":"ping","x":"'
                for size, answer in ((100000, "status"), (100001, "error")):
                    client.send_raw(size.to_bytes(4, "big") + head + b"y" * (size - len(head) - 2) + b'"}')
                    self.assertIn(answer, client.receive())
                self.assertTrue(client.closed())

    def test_a_bound_on_evictions_has_no_effect_and_says_so(self):
        with manager(config="limits: {max_evictions: 1}\n") as running:
            self.assertIn("limits.max_evictions has no effect", running.log())

    def test_the_group_of_the_socket(self):
        others = [group for group in (range(1, 10) if os.geteuid() == 0 else os.getgroups()) if group != os.getegid()]
        if not others:
            self.skipTest("this user is in one group only")
        with manager(env={"HAILO_DEVICE_SOCKET_GROUP": str(others[0])}) as running:
            self.assertEqual(os.stat(running.socket_path).st_gid, others[0])
        with manager(env={"HAILO_DEVICE_SOCKET_GROUP": "no-such-group"}) as running:
            self.assertEqual(os.stat(running.socket_path).st_gid, os.stat(running.folder).st_gid)
            self.assertIn('there is no group "no-such-group"', running.log())


class Idle(unittest.TestCase):
    """What is looked at from time to time."""

    def until_logged(self, running, text):
        patience = Patience(f'"{text}" is logged', running.log)
        while text not in running.log():
            patience.spend()

    def test_a_client_that_takes_nothing_of_its_replies_is_dropped(self):
        with manager(config="limits: {write_timeout: 1, tidy_interval: 0.2}\n") as running:
            with Wire(running.socket_path, ["tail"]) as client:
                data = {"input": {**WIDE, "tail": [0, WIDE_BYTES]}}
                client.send(infer(running.model("wide"), 1, data=data), bytes(WIDE_BYTES))  # more than a socket holds
                self.until_logged(running, "closed: does not read its replies")

    def test_a_client_that_stops_in_a_message_while_others_wait_for_memory_is_dropped(self):
        size = 1 << 20
        config = f"limits: {{payload_bytes: {size}, tidy_interval: 0.2}}\n"
        with manager(config=config) as running, Wire(running.socket_path) as stopped:
            stopped.send_raw(size.to_bytes(4, "big") + b"{" * 1000)
            with Wire(running.socket_path) as waiting:
                text = b'{"action":"ping","x":"'
                waiting.send_raw(size.to_bytes(4, "big") + text + b"y" * (size - len(text) - 2) + b'"}')
                self.assertEqual(waiting.receive()["status"], "ok")
            self.assertTrue(stopped.closed())
            self.assertIn("is slow in the middle of a message while others wait for memory", running.log())


@unittest.skipIf(DEVICE == "hailort", "the manager keeps them, whatever the device; a thousand refused loads take long")
class Costs(ManagerTest):
    """A client that is gone leaves nothing behind, whatever it named."""

    def resident(self):
        status = pathlib.Path(f"/proc/{self.manager.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) << 10

    def test_parameters_of_models(self):
        client = self.wire([])
        path = self.manager.add_model("strange.hef")
        def ask(number):
            self.assertIn("error", client.call(load(path, model_params={"n": number, "pad": "x" * 60000})))
        for number in range(20):
            ask(number)
        before = self.resident()
        for number in range(20, 1000):
            ask(number)
        if SLOW == 1:  # sanitizers keep what was freed
            self.assertLess(self.resident() - before, 20 << 20)
        reply = client.call(load(path, model_params={"pad": "x" * 70000}))
        self.assertEqual(reply["code"], "too_large")
        self.assertIn("65536 bytes", reply["error"])


class Log(ManagerTest):
    def test_lines_of_requests_name_them_as_the_client_does(self):
        client = self.wire(["pipeline"], "camera")
        self.assertOk(client.call(infer(self.model("tiny"), "frame 7\n\u2028forged")))
        reply = client.call(infer(self.model("tiny"), "frame 8", data={}))
        self.assertIn("error", reply)
        log = self.manager.log()
        self.assertRegex(log, r'id="frame 7\\n\?\?\?forged" client=\d+:camera model=depth:\S+ ok')
        self.assertRegex(log, r'id="frame 8" client=\d+:camera model=depth:\S+ failed: ')


if __name__ == "__main__":
    unittest.main()
