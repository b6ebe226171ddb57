"""Messages that take long to read: ids of megabytes, objects whose keys collide, and a stop in the midst of one."""

import contextlib
import itertools
import struct
import threading
import time
import unittest

from fixture import AttackTest, needs_second_user
from support.manager_process import SLOW, ManagerProcess
from support.wire import Wire

KEPT = 64 << 20
IDS = {
    "text": '"' + "b" * (8 << 20) + '"',
    "lists": "[" + "[]," * 500_000 + "[]]",
    "objects": "[" + '{"a":0},' * 250_000 + "0]",
}


def frame(text):
    return struct.pack(">I", len(text)) + text.encode()


def colliding_keys(count, salt=0x010):
    """Keys that Boost.JSON puts into one bucket: their FNV-1a digests agree in the low 12 bits. The salt is the table's address, of which a
    mapped block's low 12 bits are known."""
    low, prime, start = 0xFFF, 0x100000001B3, (0xCBF29CE484222325 + salt) & 0xFFF
    letters = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
    inverse = pow(prime, -1, low + 1)
    ends = {}  # by the digest before them: the last two letters with which it comes to 0
    for before_last in letters:
        for last in letters:
            ends.setdefault((last * inverse & low) ^ before_last, []).append(bytes((before_last, last)))
    keys = []
    for letters_before in itertools.product(letters, repeat=4):
        digest = start
        for letter in letters_before:
            digest = (digest ^ letter) * prime & low
        keys += [bytes(letters_before) + end for end in ends.get(digest, ())]
        if len(keys) >= count:
            return [key.decode() for key in keys[:count]]


def flood(members, size=32 << 20):
    """A message of objects that cost most."""
    one = "{" + ",".join(f'"{key}":0' for key in colliding_keys(members)) + "}"
    return frame('{"action":"ping","x":[' + ",".join([one] * (size // len(one))) + "]}")


@needs_second_user
class LargeMessages(AttackTest):
    # A median does not notice a few requests that wait for seconds.
    BOUNDS = {"times": 1.3 if SLOW == 1 else 2.2, "mean_times": 2.2}

    def request(self):
        """One that a codec thread reads as well."""
        return {**super().request(), "x": "x" * 20_000}

    def going_on(self, message, connections):
        """Sends the message again and again, on so many connections at once."""
        def repeat(wire):
            while True:
                wire.send_raw(message)
                wire.receive()

        def attack(say):
            wires = [Wire(self.manager.socket_path) for _ in range(connections)]
            for wire in wires:
                threading.Thread(target=repeat, args=(wire,)).start()
            say("begun")
            return wires
        return attack

    def test_ids_of_megabytes(self):
        for kind, text in IDS.items():
            with self.subTest(kind):
                self.assert_victim_feels_little(self.going_on(frame('{"action":"ping","request_id":' + text + "}"), 2), **self.BOUNDS)
        self.assert_nothing_left()

    def test_keys_that_collide(self):
        self.assert_victim_feels_little(self.going_on(flood(60), 4), **self.BOUNDS)
        self.assert_nothing_left()


@needs_second_user
class Abandoned(AttackTest):
    how = {"config": "limits: {connections: 64}\n"}

    @unittest.skipIf(SLOW > 1, "sanitizers keep what was freed")
    def test_messages_whose_senders_have_gone_do_not_pile_up(self):
        message = flood(60, 60_000)  # small enough to be received at once, and it takes a codec thread

        def attack(say):
            for _ in range(150):
                with contextlib.ExitStack() as together:
                    for _ in range(100):
                        with contextlib.suppress(OSError):
                            together.enter_context(Wire(self.manager.socket_path)).send_raw(message)
                    time.sleep(0.01)
            say("gone")

        self.attack(attack).wait()
        self.assertLess(self.holdings()["resident"], self.calm["resident"] + KEPT)
        self.assert_nothing_left(slabs=64)


class Stop(unittest.TestCase):
    def test_messages_that_take_long_to_read_do_not_delay_the_end(self):
        with ManagerProcess(arguments=("--drain-timeout", "0.5")) as manager, contextlib.ExitStack() as stack:
            wires = [stack.enter_context(Wire(manager.socket_path)) for _ in range(4)]
            message = flood(60, 48 << 20)
            for wire in wires[:3]:
                wire.send_raw(message)
            wires[3].call({"action": "ping"})
            begun = time.monotonic()
            self.assertEqual(manager.stop(), 0)
            self.assertLess(time.monotonic() - begun, 5 * SLOW)


if __name__ == "__main__":
    unittest.main()
