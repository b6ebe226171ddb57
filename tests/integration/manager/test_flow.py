"""Order, waiting, cancelling, vanishing: what a client may rely on while others work."""

import socket
import unittest

from fixture import ALL, ManagerTest, infer, load
from support.wire import Memory, Wire

PIPELINE = ["stream", "pipeline", "cancel"]
LONG = "word " * 20000  # for slow_chat, longer than any test takes


def chat(path, request_id=None, prompt="one two three four", **more):
    return infer(path, request_id, {"prompt": prompt, "frames": []}, model_type="vlm_chat", **more)


class LockStep(ManagerTest):
    def test_replies_come_in_the_order_of_requests(self):
        client = self.wire()
        for request_id in range(30):
            client.send(infer(self.model("tiny"), request_id) if request_id % 3 else
                        {"action": "ping", "request_id": request_id})
        self.assertEqual([client.receive()["request_id"] for _ in range(30)], list(range(30)))

    def test_half_closing_is_not_being_gone(self):
        client = self.wire()
        client.send(infer(self.model("brief"), 1))
        client.send({"action": "ping", "request_id": 2})
        client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(client.receive()["request_id"], 1)
        self.assertEqual(client.receive()["request_id"], 2)
        self.assertTrue(client.closed())

    def test_a_slow_frame_disturbs_nobody(self):
        slow = self.wire()
        slow.send_raw(b"\x00\x00")
        self.assertOk(self.wire().call({"action": "ping"}))
        slow.send_raw(b'\x00\x11{"action":"ping"}')
        self.assertOk(slow.receive())


class Hello(ManagerTest):
    def test_limits_and_features(self):
        client = self.wire(["tail", "telepathy", "shm"])
        self.assertEqual(client.hello["features"], ["shm", "tail"])
        self.assertEqual(client.hello["protocol"], 1)
        self.assertEqual(client.hello["limits"]["max_in_flight"], 64)

    def test_only_as_the_first_message(self):
        client = self.wire()
        client.call({"action": "ping"})
        reply = client.call({"action": "hello", "client": "x", "features": []})
        self.assertEqual(reply, {"error": "hello must be the first message"})

    def test_names_are_printable(self):
        for name in ("", "x" * 65, "a\nb", 5, None):
            self.assertIn("error", self.wire().call({"action": "hello", "client": name}))


class Pipeline(ManagerTest):
    def replies(self, client, count):
        """The next replies by request_id, events left out."""
        found = {}
        while len(found) < count:
            message = client.receive()
            if "event" not in message:
                found[message["request_id"]] = message
        return found

    def test_a_quick_request_overtakes_a_slow_one(self):
        client = self.wire(PIPELINE)
        client.send(chat(self.model("slow_chat"), 1, LONG, stream=True))
        self.assertIn("event", client.receive())
        client.send(infer(self.model("tiny"), 2))
        self.assertEqual(self.replies(client, 1).popitem()[0], 2)
        client.send({"action": "cancel", "request_id_to_cancel": 1, "request_id": 3})
        replies = self.replies(client, 2)
        self.assertEqual(replies[1]["code"], "cancelled")
        self.assertTrue(replies[3]["cancelled"])
        reply = client.call({"action": "cancel", "request_id_to_cancel": 1, "request_id": 4})
        self.assertFalse(reply["cancelled"])

    def test_request_ids_are_needed_and_unique(self):
        client = self.wire(PIPELINE)
        self.assertEqual(client.call(infer(self.model("tiny")))["code"], "invalid_argument")
        client.send(infer(self.model("brief"), 1))
        client.send(infer(self.model("brief"), 1))
        replies = [client.receive(), client.receive()]
        self.assertEqual(sorted("error" in reply for reply in replies), [False, True])

    def test_a_cancel_may_have_the_id_of_what_it_cancels(self):
        client = self.wire(PIPELINE)
        client.send(chat(self.model("slow_chat"), 5, LONG))
        client.send({"action": "cancel", "request_id_to_cancel": 5, "request_id": 5})
        replies = [client.receive(), client.receive()]
        self.assertEqual({(reply["request_id"], reply.get("code"), reply.get("cancelled")) for reply in replies},
                         {(5, "cancelled", None), (5, None, True)})

    def test_many_in_flight_are_all_answered(self):
        client = self.wire(PIPELINE)
        for request_id in range(300):  # far over max_in_flight: the manager stops reading meanwhile
            client.send(infer(self.model("tiny"), request_id))
        self.assertEqual({client.receive()["request_id"] for _ in range(300)}, set(range(300)))


class Streaming(ManagerTest):
    def test_events_come_before_the_reply_and_make_up_its_text(self):
        client = self.wire(["stream"])
        client.send(chat(self.model("chat"), 1, stream=True))
        pieces = []
        while "event" in (message := client.receive()):
            self.assertEqual(message["request_id"], 1)
            pieces.append(message["event"]["text"])
        self.assertGreater(len(pieces), 1)
        self.assertEqual("".join(pieces), self.assertOk(message)["result"])

    def test_ping_is_answered_during_a_generation(self):
        slow = self.wire(["stream"])
        slow.send(chat(self.model("slow_chat"), 1, LONG, stream=True))
        self.assertIn("event", slow.receive())
        client = self.wire()
        self.assertEqual(client.call({"action": "ping"})["queue_depth"], 2)
        self.assertOk(client.call({"action": "device_status"}))
        self.assertOk(client.call(infer(self.model("tiny"))))


class Deadlines(ManagerTest):
    def test_a_request_that_has_not_begun_is_dropped_in_time(self):
        busy = self.wire(PIPELINE)
        busy.send(infer(self.model("endless"), 1))
        self.until(lambda status: status["queue_depth"] == 2, "the lane is busy")
        for features in (None, PIPELINE):
            reply = self.wire(features).call(infer(self.model("tiny"), 1, timeout_ms=50))
            self.assertIn("error", reply)
            self.assertEqual(reply.get("code"), "deadline_exceeded" if features else None)


class Vanishing(ManagerTest):
    def test_queued_work_of_a_vanished_client_is_removed(self):
        busy = self.wire(PIPELINE)
        busy.send(infer(self.model("endless"), 1))
        self.until(lambda status: status["queue_depth"] == 2, "the lane is busy")
        gone = self.wire(PIPELINE)
        for request_id in range(20):
            gone.send(infer(self.model("tiny"), request_id))
        waiting = self.wire()  # version 1, in lock-step: nothing is read from it meanwhile
        waiting.send(infer(self.model("tiny")))
        self.until(lambda status: status["queue_depth"] == 23, "all is queued")
        gone.close()
        waiting.close()
        self.until(lambda status: status["queue_depth"] == 2, "what the vanished clients asked for is gone")

    def test_a_running_generation_of_a_vanished_client_is_aborted(self):
        gone = self.wire(["stream"])
        gone.send(chat(self.model("slow_chat"), 1, LONG, stream=True))
        self.assertIn("event", gone.receive())
        gone.close()
        self.assertOk(self.wire().call(chat(self.model("chat"))))


class Tensors(ManagerTest):
    PICTURE = {"dtype": "uint8", "shape": [256, 256, 3]}
    SIZE = 256 * 256 * 3
    RESULT = 256 * 256 * 4

    def plain(self, data):
        from support.wire import tensor, tensor_bytes
        with Wire(self.manager.socket_path) as client:
            reply = client.call(infer(self.model("wide"), data={"input": tensor(data, (256, 256, 3))}))
            return tensor_bytes(reply["result"])

    def test_all_places_give_the_same_result(self):
        data = bytes(i * 7 % 251 for i in range(self.SIZE))
        expected = self.plain(data)
        client = self.wire(["shm", "tail"])
        with Memory(self.SIZE + self.RESULT) as memory:
            memory.map[:self.SIZE] = data
            reply = client.call({"action": "shm_register", "size": self.SIZE + self.RESULT}, fds=[memory.fd])
            region = self.assertOk(reply)["region"]
            in_region = {"input": {**self.PICTURE, "region": region}}
            in_tail = {"input": {**self.PICTURE, "tail": [5, self.SIZE]}}
            place = {"region": region, "offset": self.SIZE, "size": self.RESULT}
            for data_in, tail in ((in_region, b""), (in_tail, b"12345" + data)):
                memory.map[self.SIZE:] = bytes(self.RESULT)
                reply = self.assertOk(client.call(infer(self.model("wide"), data=data_in, output=place), tail))
                self.assertEqual(reply["result"], {"dtype": "float32", "shape": [256, 256, 1],
                                                   "region": region, "offset": self.SIZE})
                self.assertEqual(memory.map[self.SIZE:], expected)
                reply = self.assertOk(client.call(infer(self.model("wide"), data=data_in), tail))
                self.assertEqual(reply["result"]["tail"], [0, self.RESULT])
                self.assertEqual(client.last_tail, expected)

    def test_a_small_tail(self):
        client = self.wire(["tail"])
        data = {"input": {"dtype": "uint8", "shape": [4, 4, 3], "tail": [0, 48]}}
        reply = self.assertOk(client.call(infer(self.model("tiny"), data=data), bytes(48)))
        self.assertEqual(len(client.last_tail), reply["result"]["tail"][1])

    def test_an_output_without_room_is_too_large(self):
        client = self.wire(["shm"])
        with Memory(4096) as memory:
            region = client.call({"action": "shm_register", "size": 4096}, fds=[memory.fd])["region"]
            reply = client.call(infer(self.model("tiny"), output={"region": region, "offset": 4090, "size": 6}))
            self.assertEqual(reply["code"], "too_large")
            for place in ({"region": 9}, {"region": region, "offset": 4097}, {"region": region, "size": 4097}):
                self.assertEqual(client.call(infer(self.model("tiny"), output=place))["code"], "invalid_argument")

    def test_tensors_outside_their_memory_are_refused(self):
        client = self.wire(["shm", "tail"])
        with Memory(64) as memory:
            region = client.call({"action": "shm_register", "size": 64}, fds=[memory.fd])["region"]
            picture = {"dtype": "uint8", "shape": [4, 4, 3]}
            for place in ({"region": region, "offset": 17}, {"region": region + 1},
                          {"region": region, "offset": 2**63 - 1}, {"tail": [1, 48]}):
                reply = client.call(infer(self.model("tiny"), data={"input": {**picture, **place}}), bytes(48))
                self.assertEqual(reply["code"], "invalid_argument", place)

    def test_regions_must_be_sealed_and_of_the_stated_size(self):
        client = self.wire(["shm"])
        with Memory(4096, sealed=False) as memory:
            self.assertIn("sealed", client.call({"action": "shm_register", "size": 4096}, fds=[memory.fd])["error"])
        with Memory(4096) as memory:
            self.assertIn("4096", client.call({"action": "shm_register", "size": 8192}, fds=[memory.fd])["error"])
        self.assertIn("descriptor", client.call({"action": "shm_register", "size": 4096})["error"])

    def test_unregistering_frees_the_number(self):
        client = self.wire(["shm"])
        with Memory(4096) as memory:
            region = client.call({"action": "shm_register", "size": 4096}, fds=[memory.fd])["region"]
            data = {"input": {"dtype": "uint8", "shape": [4, 4, 3], "region": region}}
            self.assertOk(client.call(infer(self.model("tiny"), data=data)))
            self.assertOk(client.call({"action": "shm_unregister", "region": region}))
            self.assertIn("error", client.call(infer(self.model("tiny"), data=data)))
            self.assertEqual(client.call({"action": "shm_unregister", "region": region})["code"], "not_found")

    def test_an_unclaimed_descriptor_closes_the_connection(self):
        client = self.wire(["shm"])
        with Memory(4096) as memory:
            client.send({"action": "ping"}, fds=[memory.fd])
        self.assertOk(client.receive())
        self.assertTrue(client.closed())


class ModelDescriptors(ManagerTest):
    """Models come from the model folders only."""

    def test_none_is_taken(self):
        path = self.model("tiny")
        client = self.wire([*ALL, "model_fd"])
        self.assertNotIn("model_fd", client.hello["features"])
        with open(path, "rb") as file:
            reply = client.call(load(path, request_id=1, model_fd=True), fds=[file.fileno()])
        self.assertEqual(reply["code"], "unsupported", reply)
        self.assertIn("model folders", reply["error"])
        self.assertTrue(client.closed(), "its descriptor was not claimed")
        self.assertEqual(self.loaded(), [])
        self.assertOk(self.wire(ALL).call(load(path, request_id=1, model_fd=False)))


if __name__ == "__main__":
    unittest.main()
