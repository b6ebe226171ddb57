"""Files whose closing never ends: passed to the manager, and what else their owner can then keep open there."""

import os
import signal
import time
import unittest

from fixture import STRANGER, AttackTest
from support.hung_file import AVAILABLE, HungFile
from support.manager_process import SLOW
from support.messages import infer
from support.wire import Wire

MOST_CLOSING = 64  # of one user, before nothing more is read of him


def pass_until_nothing_more_is_read(path, file):
    while True:
        with Wire(path) as wire:
            wire.socket.settimeout(0.5)
            wire.send({"action": "hello", "client": "owner", "features": ["shm"]})
            wire.send({"action": "shm_register", "size": 4096}, fds=[file])
            try:
                wire.receive()
                wire.receive()
            except TimeoutError:
                return


@unittest.skipUnless(AVAILABLE, "only root can mount a file system, where there is FUSE")
@unittest.skipIf(SLOW > 1, "a sanitizer's fork copies what lies in the manager")
class HungFiles(AttackTest):
    how = {"shim": ("prlimit", "--nofile=1024:1024")}

    def prepare(self):
        folder = self.manager.folder / "hung"
        folder.mkdir(mode=0o755)
        self.hung = HungFile(folder, STRANGER)
        self.addCleanup(self.hung.end)

    def attack_and_end(self, attack, check):
        with self.attack(attack) as attacker:
            try:
                attacker.wait()
                check()
            finally:
                self.hung.end()  # before who has it open is waited for
        self.assert_nothing_left()

    def test_their_owner_cannot_pile_up_connections(self):
        def attack(say):
            file = os.open(self.hung.path, os.O_RDONLY)
            pass_until_nothing_more_is_read(self.manager.socket_path, file)
            for _ in range(1500):
                with Wire(self.manager.socket_path) as wire:
                    wire.send_raw(b"\0")  # stays unread
            say("gone")
            return file

        def check():
            for _ in range(20):
                begun = time.monotonic()
                self.call({"action": "ping"})
                self.assertLess(time.monotonic() - begun, 1)
            self.assertLess(self.holdings()["descriptors"], self.calm["descriptors"] + 2 * MOST_CLOSING)
            self.assertIn(f"user {STRANGER} has passed", self.manager.log())

        self.attack_and_end(attack, check)

    def test_a_worker_starts_while_they_are_open(self):
        def attack(say):
            file = os.open(self.hung.path, os.O_RDONLY)
            pass_until_nothing_more_is_read(self.manager.socket_path, file)
            say("passed")
            return file

        def check():
            os.kill(self.manager.worker("vision"), signal.SIGKILL)
            begun = time.monotonic()
            self.call(infer(self.manager.model("steady")))
            self.assertLess(time.monotonic() - begun, 5)

        self.attack_and_end(attack, check)


if __name__ == "__main__":
    unittest.main()
