"""Shared memory that turns on who maps it, and memory that is announced and never sent."""

import contextlib
import fcntl
import os
import pathlib
import re
import resource
import struct
import subprocess
import tempfile
import unittest

from fixture import IS_ROOT, AttackTest, needs_second_user
from support.manager_process import DEVICE, SLOW, ManagerProcess
from support.messages import infer
from support.wire import Memory, Wire

_F_ADD_SEALS, _SEAL_FUTURE_WRITE = 1033, 0x10
_MFD_HUGETLB = 0x4


def in_region(region):
    return {"input": {"dtype": "uint8", "shape": [4, 4, 3], "region": region, "offset": 0}}


class Regions(AttackTest):
    def test_memory_that_nobody_can_map_any_more_ends_no_worker(self):
        worker = self.manager.worker("vision")
        steady = infer(self.manager.model("steady"))

        def attack(say):
            refused = 0
            with Wire(self.manager.socket_path, ["shm"], "attacker") as wire:
                for region in range(1, 60):
                    with Memory(4096) as memory:
                        wire.call({"action": "shm_register", "size": 4096}, fds=[memory.fd])
                        with contextlib.suppress(PermissionError):
                            fcntl.fcntl(memory.fd, _F_ADD_SEALS, _SEAL_FUTURE_WRITE)
                            refused -= 1
                        refused += 1
                        wire.call({**steady, "input_data": in_region(region), "priority": "batch"})
            say(refused)

        # It asks for what it may as well, so that two share the device.
        self.assert_victim_feels_little(attack, 2.2)
        self.assertEqual(self.attack(attack).wait().said, ["59"], "the seals were open")
        self.assertEqual(self.manager.worker("vision"), worker)
        self.assert_nothing_left()

    def test_huge_pages_are_no_region(self):
        try:
            fd = os.memfd_create("test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING | _MFD_HUGETLB)
            os.ftruncate(fd, 2 << 20)
        except OSError as error:
            self.skipTest(f"no huge pages: {error}")
        self.addCleanup(os.close, fd)
        fcntl.fcntl(fd, _F_ADD_SEALS, 0x2 | 0x4)
        reply = self.wire(["shm"]).call({"action": "shm_register", "size": 2 << 20}, fds=[fd])
        self.assertEqual(reply.get("code"), "invalid_argument", reply)


class Announced(AttackTest):
    def limit_address_space(self, more):
        status = pathlib.Path(f"/proc/{self.manager.pid}/status").read_text()
        now = int(re.search(r"VmSize:\s+(\d+) kB", status)[1]) << 10
        resource.prlimit(self.manager.pid, resource.RLIMIT_AS, (now + more,) * 2)

    @unittest.skipIf(SLOW > 1, "sanitizers have an address space of their own")
    def test_lengths_of_messages_that_never_come_take_no_memory(self):
        self.limit_address_space(256 << 20)

        def attack(say):
            wires = [Wire(self.manager.socket_path, ["tail"] if i % 2 else None) for i in range(100)]
            for wire in wires:
                wire.send_raw(struct.pack(">I", 64 << 20))
            say(len(wires))
            return wires

        self.assert_victim_feels_little(attack)
        self.assert_nothing_left()

    @unittest.skipIf(SLOW > 1, "sanitizers have an address space of their own")
    def test_messages_for_which_there_is_no_memory_cost_their_connection_only(self):
        self.limit_address_space(48 << 20)
        with self.wire() as wire:
            with contextlib.suppress(OSError):
                wire.send_raw(struct.pack(">I", 64 << 20) + bytes(64 << 20))
            reply = wire.receive()
            self.assertIn("no memory is left", (reply or {}).get("error", "no memory is left"))
            self.assertTrue(wire.closed())
        self.call(infer(self.manager.model("steady")))
        self.assert_nothing_left()


@needs_second_user
@unittest.skipIf(SLOW > 1, "a sanitizer's manager has other figures")
class Waiting(AttackTest):
    def request(self):
        return {"action": "ping"}

    def test_who_waits_for_memory_costs_nobody_anything(self):
        def attack(say):
            resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
            wires = [Wire(self.manager.socket_path) for _ in range(1500)]
            for wire in wires:
                wire.send_raw(struct.pack(">I", 64 << 20))
            say(len(wires))
            return wires

        self.assert_victim_feels_little(attack, 1.7, begun=True)
        self.assert_nothing_left()


@unittest.skipUnless(IS_ROOT, "only root can mount a file system")
@unittest.skipUnless(DEVICE == "sim", "the state of the simulated chip")
class FullRunFolder(unittest.TestCase):
    def test_the_manager_says_that_there_is_no_room(self):
        scratch = tempfile.TemporaryDirectory(prefix="hailo-test-")
        self.addCleanup(scratch.cleanup)
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", scratch.name], capture_output=True)
        if mount.returncode != 0:
            self.skipTest(f"cannot mount: {mount.stderr.decode()}")
        self.addCleanup(subprocess.run, ["umount", "-l", scratch.name], check=True)
        path = pathlib.Path(scratch.name) / "device.sock"
        with ManagerProcess(arguments=("--socket-path", path)) as manager, Wire(path) as wire:
            status = wire.call({"action": "ping"})
            self.assertIn("has no room", status["runtime_broken_reason"], status)
            self.assertNotIn("signal", manager.log())


if __name__ == "__main__":
    unittest.main()
