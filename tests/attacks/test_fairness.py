"""A user who wants the whole device, under one name and under many, and one who asks without end how it is."""

import json
import selectors
import struct
import threading
import unittest

from fixture import AttackTest, needs_second_user
from support.manager_process import SLOW
from support.messages import infer
from support.wire import Memory, Wire

IN_FLIGHT = 64  # of one connection
TWO_USERS = 2.2  # times as long as one alone, and a tenth more


class Asking(AttackTest):
    def infer(self, **more):
        """With its input in a region: the manager keeps memory of its own that it had for others for half a minute."""
        picture = {"dtype": "uint8", "shape": [4, 4, 3], "region": 1}
        return infer(self.manager.model("steady"), data={"input": picture}, **more)

    def pipeline(self, name):
        wire = Wire(self.manager.socket_path, ["pipeline", "shm"], name)
        with Memory(4096) as memory:
            wire.call({"action": "shm_register", "size": 4096, "request_id": "region"}, fds=[memory.fd])
        return wire

    def keeps_asking(self, names, message):
        """Under so many names, as many requests as may be in flight, and a new one for each answer."""
        def ask_again(wires):
            chooser, request = selectors.DefaultSelector(), IN_FLIGHT
            for wire in wires:
                chooser.register(wire.socket, selectors.EVENT_READ, wire)
            while True:
                for key, _ in chooser.select():
                    key.data.receive()
                    key.data.send({**message, "request_id": request})
                    request += 1

        def attack(say):
            wires = [self.pipeline(f"s{number}") for number in range(names)]
            for wire in wires:
                for request in range(IN_FLIGHT):
                    wire.send({**message, "request_id": request})
            threading.Thread(target=ask_again, args=(wires,), daemon=True).start()
            say("all names ask")
        return attack

    def floods(self, connections, message):
        """As many requests as may be in flight, sent together and without reading what is answered, so that the manager has most of the work."""
        text = json.dumps({**message, "request_id": 1}).encode()
        frame, answer = struct.pack(">I", len(text)) + text, b'"request_id":1}'
        burst = min(IN_FLIGHT, max(1, (64 << 10) // len(frame)))

        def flood(wires):
            chooser = selectors.DefaultSelector()
            for wire in wires:
                wire.rest = b""
                chooser.register(wire.socket, selectors.EVENT_READ, wire)
            while True:
                for key, _ in chooser.select():
                    data = key.data.rest + key.data.socket.recv(1 << 20)
                    key.data.rest = data[1 - len(answer):]
                    key.data.socket.sendall(frame * data.count(answer))

        def attack(say):
            wires = [Wire(self.manager.socket_path, ["pipeline"], f"s{number}") for number in range(connections)]
            for wire in wires:
                wire.socket.sendall(frame * burst)
            threading.Thread(target=flood, args=(wires,), daemon=True).start()
            say("all connections ask")
        return attack

    def assert_users_share(self, names, **more):
        self.assert_victim_feels_little(self.keeps_asking(names, self.infer(**more)), TWO_USERS, begun=True)
        self.assert_nothing_left()

    @needs_second_user
    def test_one_greedy_name(self):
        self.assert_users_share(1)

    @needs_second_user
    def test_sixty_names_of_one_user(self):
        self.assert_users_share(60)

    @needs_second_user
    def test_sixty_names_with_realtime(self):
        self.assert_users_share(60, priority="realtime")

    @needs_second_user
    def test_a_queue_that_is_full_of_one_user(self):
        def attack(say):
            wires = [self.pipeline(f"s{number}") for number in range(200)]
            for wire in wires:
                for request in range(IN_FLIGHT):
                    wire.send({**self.infer(), "request_id": request})
            say("12,800 requests are sent")
            return wires

        self.assert_victim_feels_little(attack, TWO_USERS, begun=True)
        self.assert_nothing_left()

    @unittest.skipIf(SLOW > 1, "an answer costs a sanitizer's manager as much as a run takes")
    def test_who_asks_without_end_for_what_costs_little(self):
        """On 200 connections at once: the loop hears of each of them as often as of the victim's one."""
        refused = {**self.infer(), "model_path": "/nowhere.hef", "more": "x" * 15_000}
        for message in ({"action": "ping"}, {"action": "device_status"}, {"action": "?" * 15_000}, refused):
            with self.subTest(action=message["action"][:20]):
                self.assert_victim_feels_little(self.floods(200, message), TWO_USERS, begun=True)
                self.assert_nothing_left()


if __name__ == "__main__":
    unittest.main()
