"""Everything that is a descriptor or a mapping of the manager: regions, passed descriptors, results that nobody reads, connections."""

import contextlib
import json
import os
import select
import signal
import socket
import struct
import time
import unittest

from fixture import AttackTest, needs_second_user
from support.manager_process import SLOW
from support.messages import infer
from support.patience import Patience, ask_until
from support.wire import Memory, Wire

LIMIT = 1024
STRANGERS = (65534, 65533)


def keep_memory(size=4096):
    """Open for as long as the attacker lives."""
    return os.dup(Memory(size).fd)


def hoard_regions(path):
    """Registers the same page until a hundred were refused; its idle connections give way for its own new ones meanwhile."""
    def attack(say):
        fd, wires, granted, refusals = keep_memory(), [], 0, []
        while len(refusals) < 100:
            with contextlib.suppress(OSError, AttributeError):
                wires.append(Wire(path, ["shm"], f"hoarder {len(wires)}"))
                while reply := wires[-1].call({"action": "shm_register", "size": 4096}, fds=[fd]):
                    if "error" in reply:
                        refusals.append(reply["code"])
                        break
                    granted += 1
        say(granted)
        say(" ".join(sorted(set(refusals))))
        return fd, wires
    return attack


def frame(message):
    payload = json.dumps(message).encode()
    return struct.pack(">I", len(payload)) + payload


def lingering():
    """A TCP connection whose near end waits for an hour, when it is closed, for its far end to read."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        near = socket.create_connection(listener.getsockname())
        far, _ = listener.accept()
    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 3600))
    near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    near.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while near.send(bytes(65536)):
            pass
    return near, far


def deaf(path, message, count):
    """So many connections that ask sixteen times each and read nothing."""
    wires = [Wire(path, ["tail", "pipeline"], f"deaf {i}") for i in range(count)]
    for wire in wires:
        with contextlib.suppress(OSError):
            for number in range(16):
                wire.send({**message, "request_id": number})
    return wires


@needs_second_user
class Descriptors(AttackTest):
    how = {"shim": ("prlimit", f"--nofile={LIMIT}:{LIMIT}")}

    def assert_others_are_served(self):
        """A newcomer, somebody who registers memory, and everybody after a worker has died."""
        self.call({"action": "ping"})
        with self.wire(["shm"]) as wire, Memory(1 << 20) as memory:
            self.assertIn("region", wire.call({"action": "shm_register", "size": 1 << 20}, fds=[memory.fd]))
        os.kill(self.manager.worker("vision"), signal.SIGKILL)
        self.call(infer(self.manager.model("steady")))
        self.assertLess(self.holdings()["descriptors"], LIMIT * 3 // 4)

    def test_regions_of_one_user(self):
        attack = hoard_regions(self.manager.socket_path)
        with self.attack(attack) as attacker:
            granted, codes = attacker.wait().said
            self.assertGreater(int(granted), 200)
            self.assertEqual(codes, "quota_exceeded")
            self.assert_others_are_served()
        self.assert_nothing_left()
        self.assert_victim_feels_little(attack, begun=True)

    def test_regions_of_two_users_together(self):
        attack = hoard_regions(self.manager.socket_path)
        for stranger in STRANGERS:
            self.attack(attack, stranger).wait()
        self.assert_others_are_served()

    def test_descriptors_that_nobody_claims(self):
        def attack(say):
            fd, wires = keep_memory(), []
            for i in range(100):
                wires.append(Wire(self.manager.socket_path))
                with contextlib.suppress(OSError):
                    for _ in range(4):
                        wires[-1].send_raw(b"\0", [fd] * 16)
            say(len(wires))
            return fd, wires

        idle = [self.wire() for _ in range(40)]
        for wire in idle:
            self.assertEqual(wire.call({"action": "ping"})["status"], "ok")
        with self.attack(attack) as attacker:
            attacker.wait()
            for wire in idle:  # more than the attacker has, and none of them has given way to him
                self.assertEqual(wire.call({"action": "ping"})["status"], "ok")
            self.assert_others_are_served()
        for wire in idle:
            wire.close()
        self.assert_nothing_left()

    def test_descriptors_that_take_for_ever_to_close(self):
        calm, passed = self.holdings()["descriptors"], 100
        register = frame({"action": "shm_register", "size": 4096})

        def attack(say):
            far_ends, refused = [], 0
            for i in range(passed):
                near, far = lingering()
                far_ends.append(far)
                with contextlib.suppress(OSError), Wire(self.manager.socket_path, ["shm"], f"s{i}") as wire:
                    wire.send_raw(register[:1], [near.fileno()])
                    near.close()  # before the manager does: the last one waits
                    wire.send_raw(register[1:])
                    reply = wire.receive()
                    refused += reply is not None and reply["code"] == "invalid_argument"
                near.close()
            say(refused)
            return far_ends

        with self.attack(attack) as attacker:
            self.assertEqual(attacker.wait().said, [str(passed)])
            self.assertLess(self.holdings()["descriptors"], calm + 100)
            self.assert_others_are_served()
        self.assert_nothing_left()

    def test_results_that_nobody_reads(self):
        large = infer(self.manager.model("large"))

        def attack(say):
            wires = deaf(self.manager.socket_path, large, 30)
            say("deaf")
            return wires

        with self.attack(attack) as attacker:
            attacker.wait()
            self.assert_others_are_served()
        self.assert_nothing_left(slabs=LIMIT // 16)

    def test_connections(self):
        def attack(say):
            wires, refused = [], 0
            while refused < 100:
                wires.append(Wire(self.manager.socket_path))
                with contextlib.suppress(OSError):
                    wires[-1].send_raw(b"\0")
                    wires[-1].socket.settimeout(0.01)
                    with contextlib.suppress(TimeoutError):
                        refused += wires[-1].receive() is not None
            say(refused)
            return wires

        with self.attack(attack) as attacker:
            attacker.wait()
            self.assert_others_are_served()
        self.assert_nothing_left()


class Untaken(AttackTest):
    def test_what_takes_for_ever_to_close_may_lie_in_a_connection_that_ends(self):
        ends = [lingering() for _ in range(60)]
        self.addCleanup(lambda: [far.close() for _, far in ends])
        with Wire(self.manager.socket_path) as wire:
            self.manager.signal(signal.SIGSTOP)  # so that it finds all at once
            wire.send_raw(b"\0\0\0\2[]")  # ends the connection
            wire.send_raw(b"\0", [ends[0][0].fileno()])
            wire.send_raw(b"\0", [near.fileno() for near, _ in ends[1:]])
            for near, _ in ends:
                near.close()
            self.manager.signal(signal.SIGCONT)
            begun = time.monotonic()
            self.call({"action": "ping"})
        self.assertLess(time.monotonic() - begun, 5 * SLOW)
        self.assert_nothing_left()


@needs_second_user
class TurnedAway(AttackTest):
    how = {**Descriptors.how, "config": "limits: {connections: 8, tidy_interval: 0.1}\n"}

    def take_all_places(self, say):
        wires = [Wire(self.manager.socket_path) for _ in range(4)]
        for wire in wires:
            wire.send_raw(b"\0")
        say("taken")
        return wires

    def test_what_one_who_is_turned_away_has_sent_holds_up_nobody(self):
        def pass_and_hang_up(say):
            fars = []
            for _ in range(20):
                near, far = lingering()
                fars.append(far)
                with near, Wire(self.manager.socket_path) as wire:
                    wire.send_raw(b"\0", [near.fileno()])
            say("gone")
            return fars

        self.attack(self.take_all_places).wait()
        self.call({"action": "ping"})
        self.manager.signal(signal.SIGSTOP)  # so that it finds all at once
        self.attack(pass_and_hang_up).wait()
        self.manager.signal(signal.SIGCONT)
        for _ in range(10):
            self.call({"action": "ping"})
            time.sleep(0.05)

    def test_many_who_are_turned_away_take_few_descriptors(self):
        def pass_and_hang_up(say):
            ends = [lingering() for _ in range(400)]
            for near, _ in ends:
                with near, Wire(self.manager.socket_path) as wire:
                    wire.send_raw(b"\0", [near.fileno()])
            say("gone")
            return ends

        self.attack(self.take_all_places).wait()
        self.call({"action": "ping"})
        self.manager.signal(signal.SIGSTOP)  # so that it finds all at once
        with self.attack(pass_and_hang_up) as attacker:
            attacker.wait()
            self.manager.signal(signal.SIGCONT)
            for _ in range(50):
                self.assertLess(self.holdings()["descriptors"], self.calm["descriptors"] + LIMIT // 8)
                time.sleep(0.002)
            self.call({"action": "ping"})
        self.assert_nothing_left()


class GivingWay(AttackTest):
    how = {"config": "limits: {connections: 8}\n"}

    def test_who_has_asked_already_is_not_idle(self):
        ping = {"action": "ping"}
        idle = [self.wire() for _ in range(4)]  # half of the places
        for wire in idle:
            self.assertEqual(wire.call(ping)["status"], "ok")
        self.manager.signal(signal.SIGSTOP)  # so that it hears of the newcomer first
        newcomer = self.wire()
        newcomer.send(ping)
        idle[0].send(ping)
        self.manager.signal(signal.SIGCONT)
        self.assertEqual((idle[0].receive() or {}).get("status"), "ok")
        self.assertEqual((newcomer.receive() or {}).get("status"), "ok")
        self.assertIsNone(idle[1].receive(), "it was idle for longest")


@unittest.skipIf(SLOW > 1, "the check of virtual calls needs a descriptor")
class NoneLeft(AttackTest):
    def test_what_lies_in_a_connection_that_is_turned_away_for_want_of_them_holds_up_nobody(self):
        busy = self.wire([])
        self.assertEqual(busy.call({"action": "ping"})["status"], "ok")
        ping = frame({"action": "ping"})
        busy.send_raw(ping[:1])
        self.manager.leave_no_descriptor()
        for _ in range(8):  # in what gaps there are
            with contextlib.suppress(BrokenPipeError):
                self.wire().send_raw(b"\0")
        patience = Patience("somebody is turned away", self.manager.log)
        while "descriptors are allowed" not in self.manager.log():
            patience.spend()
        self.manager.signal(signal.SIGSTOP)  # so that it finds all at once
        near, far = lingering()
        self.addCleanup(far.close)
        with near, Wire(self.manager.socket_path) as wire:
            wire.send_raw(b"\0", [near.fileno()])
        self.manager.signal(signal.SIGCONT)
        for _ in range(10):
            busy.send_raw(ping[1:])
            self.assertEqual((busy.receive() or {}).get("status"), "ok")
            busy.send_raw(ping[:1])
            time.sleep(0.05)


class Unread(AttackTest):
    how = {**Descriptors.how, "config": "limits: {payload_bytes: 2097152}\n"}

    def test_the_only_connection_of_a_user_may_read_at_its_leisure(self):
        [wire] = deaf(self.manager.socket_path, infer(self.manager.model("large")), 1)
        self.addCleanup(wire.close)
        ask_until(self.manager, lambda status: status["queue_depth"] <= 1, "everything was computed")
        for _ in range(16):
            self.assertEqual((wire.receive() or {}).get("status"), "ok")

    def test_who_is_reading_is_dropped_after_those_who_do_not(self):
        large = infer(self.manager.model("large"))
        [reader] = deaf(self.manager.socket_path, large, 1)
        self.addCleanup(reader.close)
        ask_until(self.manager, lambda status: status["queue_depth"] <= 1, "everything was computed")
        reader.socket.recv(1 << 19)
        idlers = deaf(self.manager.socket_path, large, 4)
        for _ in range(200):
            reader.socket.recv(1 << 14)
            time.sleep(0.01)
        for wire in idlers:
            wire.close()
        self.assertIn("leaves most unread of a user who leaves too much", self.manager.log())
        self.assertGreater(len(reader.socket.recv(1)), 0)

    def test_who_leaves_too_much_unread_is_dropped_and_nobody_else(self):
        large = infer(self.manager.model("large"))

        def attack(say):
            hung_up = select.poll()
            wires = deaf(self.manager.socket_path, large, 16)
            for wire in wires:
                hung_up.register(wire.socket, 0)
            while len(hung_up.poll()) < 4:
                time.sleep(0.01)
            say("dropped")
            return wires

        with self.wire(["tail", "pipeline"]) as bystander:
            bystander.send({**large, "request_id": 0})
            with self.attack(attack) as attacker:
                attacker.wait()
                self.call(large)
            self.assertEqual(bystander.receive()["status"], "ok")
        self.assertIn("leaves most unread of a user who leaves too much", self.manager.log())
        self.assert_nothing_left(slabs=LIMIT // 16)


if __name__ == "__main__":
    unittest.main()
