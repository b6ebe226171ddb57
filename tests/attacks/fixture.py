"""What the attacks share: a manager that two users reach, an attacker of another user, and a victim's median."""

import os
import pathlib
import signal
import statistics
import time
import traceback
import unittest

from support.manager_process import SLOW, ManagerProcess
from support.patience import ask_until
from support.messages import infer
from support.wire import Wire

PROFILE = pathlib.Path(__file__).resolve().parent / "profile.yaml"
STRANGER = 65534
TRIES = 3  # of what compares medians on a machine that may be busy with other things
IS_ROOT = os.geteuid() == 0

needs_second_user = unittest.skipUnless(IS_ROOT, "only root can attack as a second user")


class Attacker:
    """attack(say) in a process of another user where that is possible; it stays, with all that attack returns, until it is ended.

    What it says is in `said` once it has done its worst: strings, the last one when attack returns."""

    def __init__(self, attack, user=STRANGER):
        near, far = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(near)
            _become_attacker(attack, far, user)
        os.close(far)
        self._pipe = near
        self.said = []

    def wait(self):
        """Until attack() has returned; raises if it failed."""
        text = b""
        while not text.endswith(b"\n\n"):
            piece = os.read(self._pipe, 65536)
            if not piece:
                raise AssertionError(f"the attacker failed: {text.decode()}")
            text += piece
        self.said = text.decode().split("\n")[:-2]
        return self

    def end(self):
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            os.close(self._pipe)
            self._pid = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def _become_attacker(attack, pipe, user):
    try:
        if IS_ROOT:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
        held = attack(lambda text: os.write(pipe, f"{text}\n".encode()))  # noqa: F841 - as long as this process lives
        os.write(pipe, b"\n")
        while True:
            signal.pause()
    except BaseException:
        os.write(pipe, traceback.format_exc().encode())
        os._exit(1)


class AttackTest(unittest.TestCase):
    """A manager for each test; afterwards nothing of the attacker is left, and the manager ends as it should."""

    how = {}
    seconds = 2.0  # that a victim is watched

    def setUp(self):
        how = {key: value for key, value in self.how.items() if key != "shim"}
        self.manager = ManagerProcess(**{"sim_profile": PROFILE, **how,
                                         "arguments": ("--socket-mode", "0666", *how.get("arguments", ()))})
        self.addCleanup(self.manager.close)
        self.manager.folder.chmod(0o755)
        self.prepare()
        self.manager.start(self.how.get("shim", ()))
        self.call(infer(self.manager.model("steady")))  # loaded, and its worker is there
        self.calm = self.holdings()

    def prepare(self):
        """What is there before the manager starts."""

    def wire(self, features=None, name="victim"):
        wire = Wire(self.manager.socket_path, features, name)
        self.addCleanup(wire.close)
        return wire

    def call(self, message, features=None):
        """The reply to a client that comes for one request."""
        with Wire(self.manager.socket_path, features, "passer-by") as wire:
            reply = wire.call(message)
        self.assertEqual(reply.get("status"), "ok", reply)
        return reply

    def attack(self, attack, user=STRANGER):
        attacker = Attacker(attack, user)
        self.addCleanup(attacker.end)
        return attacker

    def request(self):
        """What the victim sends."""
        return infer(self.manager.model("steady"))

    def times(self):
        """Of each request of a victim that has one at a time, in seconds; every one has to succeed."""
        message, took = self.request(), []
        with Wire(self.manager.socket_path, [], "victim") as wire:
            end = time.monotonic() + self.seconds
            while not took or time.monotonic() < end:
                begun = time.monotonic()
                reply = wire.call(message)
                took.append(time.monotonic() - begun)
                self.assertEqual((reply or {}).get("status"), "ok", reply)
        return took

    def assert_victim_feels_little(self, attack, times=1.3, mean_times=None, begun=False):
        """The victim's median beside the attack is at most so many times that before it, and the mean where a few requests that wait long
        would be a fault; begun: after the attacker's worst is done."""
        seen = []
        for _ in range(TRIES):
            calm = self.times()
            with self.attack(attack) as attacker:
                if begun:
                    attacker.wait()
                attacked = self.times()
            median, mean = (round(of(attacked) / of(calm), 2) for of in (statistics.median, statistics.fmean))
            seen.append((median, mean))
            if median <= times and (mean_times is None or mean <= mean_times):
                return attacker
        self.fail(f"the victim's median and mean were so many times the calm ones: {seen}")

    def holdings(self):
        """What shows of what clients hold."""
        proc = pathlib.Path(f"/proc/{self.manager.pid}")
        status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines())
        return {"descriptors": sum(1 for _ in (proc / "fd").iterdir()),
                "resident": int(status["VmRSS"].split()[0]) << 10,
                "regions": (proc / "maps").read_text().count("memfd:")}

    def assert_nothing_left(self, resident=64 << 20, slabs=8):
        """Once the attacker has gone; resident, slabs: how much the manager may keep for use again."""
        def is_calm(status):
            now = self.holdings()
            return status["queue_depth"] <= 1 and now["descriptors"] <= self.calm["descriptors"] + slabs and (
                now["regions"] <= self.calm["regions"] + slabs and (
                    SLOW > 1 or now["resident"] < self.calm["resident"] + resident))  # sanitizers keep what was freed
        ask_until(self.manager, is_calm, "nothing is left of the attacker")

    def tearDown(self):
        self.assertEqual(self.manager.stop(), 0, self.manager.log()[-2000:])
        self.assertNotIn("Sanitizer", self.manager.log())
