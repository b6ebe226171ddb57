"""32 clients, while workers, clients and the manager itself are killed and stopped at random: nothing may be lost, wrong or hung.

The real manager and workers with the HailoRT adapter on the fake HailoRT; each client is a process (chaos_client.py), so
that it can be killed and stopped as well.

    python3 tests/soak/chaos.py --minutes 15 --seed 7

In the first half everything happens, the manager's own death and restart included; in the second it stays, so that what it holds
can be looked at: calm at first, then workers and clients go, then calm once more.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))

from chaos_client import SHADES, SIDES, digest, picture  # pylint: disable=wrong-import-position
from soak import GROWTH, usage  # pylint: disable=wrong-import-position
from support.manager_process import SLOW, ManagerProcess  # pylint: disable=wrong-import-position
from support.wire import Wire, tensor, tensor_bytes  # pylint: disable=wrong-import-position

SCALE = 0.02 * SLOW  # real seconds of a simulated one
KINDS = ("version1", "tail", "async", "shm", "stream", "tail", "version1", "hailoctl", "shm", "speech", "stream")
HUNG = 90 * SLOW  # seconds without a word of a client that nobody has stopped
NEAR = 10 * SLOW  # seconds that the trouble of a restart may last
LONGEST_STOP = 3.0
CONFIG = f"""
policy: {{infer_timeout: {4 * SLOW}, generation_timeout: {8 * SLOW}, load_timeout: {8 * SLOW}, min_residency: 0.2}}
worker: {{start_timeout: {10 * SLOW}, device_wait: 1}}
"""


class Broken(AssertionError):
    """A promise was broken."""


class Member:
    """A client process and what it has said."""

    def __init__(self, world, kind, seed):
        self.world, self.kind = world, kind
        self.counts = collections.Counter()
        self.heard = time.monotonic()
        self.stopped_until = 0.0
        self.process = subprocess.Popen(
            [sys.executable, "-B", str(HERE / "chaos_client.py"), kind, world.manager.socket_path,
             str(world.manager.model_dir), str(seed), str(world.truth)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._listen)
        self._reader.start()

    def _listen(self):
        for line in self.process.stdout:
            if not line.endswith("\n"):
                break  # killed in the middle of a word
            state, begin, end, text = json.loads(line)
            self.heard = time.monotonic()
            self.counts[state] += 1
            if state == "WRONG":
                self.world.broken.append(f"{self.kind}: {text}")
            elif state == "gone" and not self.world.was_away(begin, end):
                self.world.broken.append(f"{self.kind}: lost its connection to a manager that was there: {text}")

    def hung(self):
        return time.monotonic() - max(self.heard, self.stopped_until) > HUNG

    def stop_for(self, seconds):
        self.stopped_until = time.monotonic() + seconds
        self.process.send_signal(signal.SIGSTOP)

    def continue_if_due(self, now):
        if self.stopped_until and now > self.stopped_until:
            self.stopped_until = 0.0
            self.heard = now
            self.process.send_signal(signal.SIGCONT)

    def end(self):
        """Kills it. What it had said before counts."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        error = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        if error:
            self.world.broken.append(f"{self.kind}: {error[-500:]}")


class Chaos:
    """One run."""

    def __init__(self, minutes, seed, clients=32, log=lambda text: None):
        self._seconds = 60 * minutes
        self._dice = random.Random(seed)
        self._number = clients
        self._log = log
        self.manager = ManagerProcess(
            sim_profile=HERE / "profile.yaml", device="hailort", config=CONFIG, arguments=["--log-level", "info"],
            env={"HAILO_FAKE_TIME_SCALE": str(SCALE), "HAILO_FRAME_TIMEOUT_MS": str(3000 * SLOW)})
        self.truth = self.manager.folder / "truth.json"
        self.broken = []
        self.counts = collections.Counter()
        self.happened = collections.Counter()
        self._members = []
        self._away = []  # [begin, end] of the times without a manager
        self._stopped = {}  # pid of a stopped worker or manager -> until when
        self._born = 0

    def was_away(self, begin, end):
        return any(begin < until + NEAR and end > since - 0.1 for since, until in self._away)

    def run(self):
        """Raises Broken where a promise was broken. Returns what was counted."""
        with self.manager:
            try:
                self._learn()
                for _ in range(self._number):
                    self._add()
                self._break_for(self._seconds / 2, restarts=True)
                before = self._calm()
                self._break_for(self._seconds / 2, restarts=False)
                after = self._calm()
            finally:
                for pid in list(self._stopped):
                    self._continue(pid)
                for member in self._members:
                    self._remove(member)
            self._check(before, after)
            return self.counts

    def _learn(self):
        """The right answers, from a manager that nobody disturbs."""
        answers = {}
        with Wire(self.manager.socket_path) as wire:
            wire.socket.settimeout(HUNG)
            for model in SIDES:
                for shade in range(SHADES):
                    reply = wire.call({"action": "infer", "model_type": "depth", "model_path": self.manager.model(model),
                                       "input_data": {"input": tensor(*picture(model, shade))}})
                    answers[f"{model} {shade}"] = digest(tensor_bytes(reply["result"]))
        if len(set(answers.values())) != len(answers):
            raise Broken("the device does not tell the questions apart")
        self.truth.write_text(json.dumps(answers))

    def _add(self):
        self._members.append(Member(self, KINDS[self._born % len(KINDS)], self._dice.randrange(10**9)))
        self._born += 1

    def _remove(self, member):
        member.end()
        self.counts.update({(member.kind, state): number for state, number in member.counts.items()})

    # ---- what happens ----

    def _break_for(self, seconds, restarts):
        end = time.monotonic() + seconds
        means = [self._kill_worker, self._stop_worker, self._kill_client, self._kill_client, self._stop_client]
        if restarts:
            means += [self._kill_manager, self._stop_manager]
        once = self._dice.sample(means, len(means))  # each at least once, however short the time
        while (once or time.monotonic() < end) and not self.broken:
            what = once.pop() if once else self._dice.choice(means)
            before = sum(self.happened.values())
            self._log(what())
            if sum(self.happened.values()) == before:  # there was nobody
                once.insert(0, what)
            pause = time.monotonic() + self._dice.uniform(0.2, 2.5) * SLOW
            while time.monotonic() < pause:
                self._tick()
                time.sleep(0.05)

    def _tick(self):
        now = time.monotonic()
        for member in self._members:
            member.continue_if_due(now)
            if member.process.poll() is not None:
                raise Broken(f"{member.kind} has ended: {member.process.stderr.read()[-2000:]}")
            if member.hung():
                self.broken.append(f"{member.kind} is hung: {dict(member.counts)}")
        for pid, until in list(self._stopped.items()):
            if now > until:
                self._continue(pid)

    def _kill_worker(self):
        workers = self.manager.workers()
        if not workers:
            return "nobody to kill"
        pid = self._dice.choice(workers)
        self._send(pid, signal.SIGKILL)
        self.happened["worker killed"] += 1
        return f"worker {pid} killed"

    def _stop_worker(self):
        workers = self.manager.workers()
        if not workers:
            return "nobody to stop"
        pid = self._dice.choice(workers)
        self._stop(pid, self._dice.choice([0.5, 2.0, 10.0]) * SLOW)
        self.happened["worker stopped"] += 1
        return f"worker {pid} stopped"

    def _kill_client(self):
        member = self._members.pop(self._dice.randrange(len(self._members)))
        self._remove(member)
        self._add()
        self.happened["client killed"] += 1
        return f"{member.kind} killed"

    def _stop_client(self):
        member = self._dice.choice(self._members)
        member.stop_for(self._dice.uniform(0.1, LONGEST_STOP))
        self.happened["client stopped"] += 1
        return f"{member.kind} stopped"

    def _kill_manager(self):
        workers = self.manager.workers()
        self._stopped.pop(self.manager.pid, None)
        away = [time.monotonic(), float("inf")]
        self._away.append(away)
        self.manager.kill()
        self.manager.start()
        away[1] = time.monotonic()
        for pid in workers:
            self._continue(pid)
        self.happened["manager killed"] += 1
        return "manager killed"

    def _stop_manager(self):
        self._stop(self.manager.pid, self._dice.uniform(0.2, LONGEST_STOP))
        self.happened["manager stopped"] += 1
        return "manager stopped"

    def _stop(self, pid, seconds):
        if self._send(pid, signal.SIGSTOP):
            self._stopped[pid] = time.monotonic() + seconds

    def _continue(self, pid):
        self._stopped.pop(pid, None)
        self._send(pid, signal.SIGCONT)

    @staticmethod
    def _send(pid, number):
        try:
            os.kill(pid, number)
            return True
        except ProcessLookupError:
            return False

    # ---- what has to be so ----

    def _calm(self):
        """What the manager takes when all that was stopped goes on; every client gets an answer first."""
        self._log("calm")
        for pid in list(self._stopped):
            self._continue(pid)
        for member in self._members:
            member.continue_if_due(float("inf"))
        answered = {member: member.counts["ok"] for member in self._members}
        end = time.monotonic() + HUNG
        while any(member.counts["ok"] < before + 2 for member, before in answered.items()):
            self._tick()
            if self.broken or time.monotonic() > end:
                silent = [member.kind for member, before in answered.items() if member.counts["ok"] < before + 2]
                raise Broken(f"no answers for {silent}; {self.broken}\n{self.manager.log()[-3000:]}")
            time.sleep(0.05)
        samples = [usage(self.manager.pid) for _ in range(20) if not time.sleep(0.1)]
        used = {what: sorted(sample[what] for sample in samples)[10] for what in GROWTH}
        self._log(f"the manager takes {used}")
        return used

    def _check(self, before, after):
        for (kind, state), number in self.counts.items():
            if state == "WRONG":
                self.broken.append(f"{kind}: {number} wrong")
        for what, (times, plus) in GROWTH.items():
            # Sanitizers keep what was freed.
            if (what != "kB" or SLOW == 1) and after[what] > before[what] * times + plus:
                self.broken.append(f"{what} have grown from {before[what]} to {after[what]}")
        with Wire(self.manager.socket_path) as wire:
            wire.socket.settimeout(HUNG)
            end = time.monotonic() + HUNG
            while (depth := wire.call({"action": "status"})["queue_depth"]) != 1 and time.monotonic() < end:
                time.sleep(0.05)
            if depth != 1:
                self.broken.append(f"{depth - 1} requests of nobody are left")
        if (status := self.manager.stop()) != 0 or "Sanitizer" in self.manager.log():
            self.broken.append(f"the manager ended with {status}")
        if self.broken:
            raise Broken(f"{self.broken[:5]}\n{self.manager.log()[-4000:]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--clients", type=int, default=32)
    options = parser.parse_args()
    start = time.monotonic()

    def log(text):
        print(f"{time.monotonic() - start:7.1f}  {text}", flush=True)

    log(f"seed {options.seed}")
    chaos = Chaos(options.minutes, options.seed, options.clients, log)
    try:
        chaos.run()
    except Broken as error:
        log(f"FAILED: {error}")
        return 1
    finally:
        for (kind, state), number in sorted(chaos.counts.items()):
            log(f"{kind:10} {state:8} {number}")
        for what, number in sorted(chaos.happened.items()):
            log(f"{number:4} {what}")
    log("nothing was lost, wrong or hung")
    return 0


if __name__ == "__main__":
    sys.exit(main())
