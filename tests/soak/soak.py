"""Mixed work from several clients on a chip that fails at random: nothing may be lost, stuck or leaked.

The real manager and workers with the HailoRT adapter on the fake HailoRT. A quarter of the time is calm, half of it
breaks things, the last quarter is calm again:

    python3 tests/soak/soak.py --minutes 60 --seed 7        an hour of the chip's time, about six minutes

Every request has to be answered exactly once, with its result or with an error that its client can act on; after
the faults everything has to work again without anybody's help; memory, descriptors and threads have to be what they
were.
"""

import argparse
import collections
import os
import pathlib
import random
import statistics
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parent))

from clients import Broken, Ledger, all_clients  # pylint: disable=wrong-import-position
from faults import ROWS, Breaker  # pylint: disable=wrong-import-position
from support.manager_process import SLOW, ManagerProcess, lane_of  # pylint: disable=wrong-import-position
from support.wire import Wire, tensor  # pylint: disable=wrong-import-position

SCALE = 0.1 * SLOW  # real seconds of a simulated one
# What a process may have more of at the end of a calm time than at its beginning.
GROWTH = {"kB": (1.03, 1 << 10), "descriptors": (1, 8), "threads": (1, 8)}  # times, plus
# Real seconds, long against what they bound on a machine that has other things to do.
CONFIG = f"""
policy: {{infer_timeout: {8 * SLOW}, generation_timeout: {15 * SLOW}, load_timeout: {10 * SLOW}, min_residency: 0.2, quarantine: 0}}
worker: {{start_timeout: {10 * SLOW}}}
"""


def usage(pid):
    """What a process takes; None if it has gone."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return {"kB": int(line.split()[1]), "descriptors": len(os.listdir(f"/proc/{pid}/fd")),
                        "threads": len(os.listdir(f"/proc/{pid}/task"))}
    except OSError:
        pass
    return None


class Calm:
    """A time without faults, and what processes took during it."""

    def __init__(self, world, seconds):
        self._samples = {}  # (name, pid) -> [usage]
        self._rounds = 0
        end = time.monotonic() + seconds
        while time.monotonic() < end and not world.ledger.broken:
            self._sample(world.manager)
            world.stopping.wait(0.25)

    def _sample(self, manager):
        self._rounds += 1
        for name, pid in [("manager", manager.pid), *((lane_of(pid), pid) for pid in manager.workers())]:
            used = usage(pid)
            if name is not None and used:
                self._samples.setdefault((name, pid), []).append(used)

    def thirds(self):
        """Medians over the first and the last third, of the processes that were there all the time."""
        result = {}
        for (name, _), samples in self._samples.items():
            third = len(samples) // 3
            if len(samples) < 0.9 * self._rounds or third == 0:
                continue
            result[name] = tuple({key: statistics.median(one[key] for one in part) for key in GROWTH}
                                 for part in (samples[:third], samples[-third:]))
        return result


class Soak:
    """One run. minutes: of the chip's time; longer until so many kinds of faults have happened."""

    def __init__(self, minutes, seed, kinds=0, log=lambda text: None):
        self.scale = SCALE
        self.patience = 90 * SLOW
        self.ledger = Ledger()
        self.stopping = threading.Event()
        self.manager = ManagerProcess(
            sim_profile=HERE / "profile.yaml", device="hailort", config=CONFIG,
            arguments=["--log-level", "info"],
            env={"HAILO_FAKE_TIME_SCALE": str(self.scale), "HAILO_FRAME_TIMEOUT_MS": str(3000 * SLOW)})
        self._seconds = minutes * 60 * self.scale
        self._kinds = kinds
        self._seed = seed
        self._dice = random.Random(seed)
        self._log = log
        self._calm = False
        self._errors_in_calm = []
        self.happened = collections.Counter()  # faults, by what they are
        self.manager_log = ""

    def note_error(self, client, reply):
        if self._calm and reply.get("code") not in ("cancelled", "deadline_exceeded"):
            self._errors_in_calm.append((time.strftime("%H:%M:%S"), client, reply))

    def run(self):
        """Raises Broken where a promise was broken. Returns what was counted."""
        with self.manager:
            try:
                return self._run()
            finally:
                self.manager_log = self.manager.log()

    def _run(self):
        self._await_everything()
        clients = all_clients(self, self._seed)
        for client in clients:
            client.start()
        try:
            first, last = self._quarters()
        finally:
            self.stopping.set()
            for client in clients:
                client.join(self.patience + 30)
        self._check_end(clients)
        self._check_memory(first, last)
        return self.ledger.counts()

    def _quarters(self):
        quarter = self._seconds / 4
        self._calm = True
        first = Calm(self, quarter)
        self._calm = False
        breaker = Breaker(self.manager, self._dice)
        pause = min(max(2 * quarter / ROWS, 0.3), 2) * SLOW
        end = time.monotonic() + 2 * quarter
        longest = end + 2 * self.patience
        while not self.ledger.broken:
            now = time.monotonic()
            if now > longest or (now > end and len(set(breaker.happened())) >= self._kinds):
                break
            self._log(breaker.step())
            self.stopping.wait(self._dice.uniform(0.5, 1.5) * pause)
        breaker.end()
        self.happened.update(breaker.happened())
        self._await_everything()
        self._calm = True
        last = Calm(self, quarter)
        self._calm = False
        return first, last

    def _await_everything(self):
        """Asks each kind of model until it answers; that is bounded, and nobody helps."""
        picture = tensor(bytes(64 * 64 * 3), (64, 64, 3))
        wanted = {
            "detector": ("depth", {"input": picture}),
            "poser": ("pose", {"input": picture}),
            "listener": ("whisper", {"audio": [0.0] * 1600}),
            "talker": ("vlm_chat", {"prompt": "hello", "max_generated_tokens": 3}),
        }
        end = time.monotonic() + self.patience
        with Wire(self.manager.socket_path, [], "awaiter") as wire:
            wire.socket.settimeout(self.patience)
            for name, (family, data) in wanted.items():
                request = {"action": "infer", "model_type": family, "model_path": self.manager.model(name),
                           "input_data": data}
                reply = wire.call(request)
                while reply is None or reply.get("status") != "ok":
                    if self.ledger.broken or reply is None or time.monotonic() > end:
                        raise Broken(f"{name} does not come back: {reply}; {self.ledger.broken}")
                    self.stopping.wait(0.1)
                    reply = wire.call(request)

    def _check_end(self, clients):
        stuck = [client.name for client in clients if client.is_alive()]
        if stuck or self.ledger.broken:
            raise Broken(f"stuck: {stuck}; {self.ledger.broken}\n{self.manager.log()[-4000:]}")
        if self._errors_in_calm:
            raise Broken(f"errors without a fault: {self._errors_in_calm[:5]}")
        counts = self.ledger.counts()
        for client in clients:
            sent = counts.get((client.name, "sent"), 0)
            answered = sum(n for (name, what), n in counts.items() if name == client.name and what != "sent")
            if sent != answered or counts.get((client.name, "ok"), 0) == 0:
                raise Broken(f"{client.name}: {sent} requests, {answered} answers; {counts}")
        with Wire(self.manager.socket_path) as wire:
            depth = wire.call({"action": "status"})["queue_depth"]
            if depth != 1:
                raise Broken(f"{depth - 1} requests of nobody are left")
        status = self.manager.stop()
        if status != 0 or "Sanitizer" in self.manager.log():
            raise Broken(f"the manager ended with {status}: {self.manager.log()[-4000:]}")

    def _check_memory(self, first, last):
        first, last = first.thirds(), last.thirds()
        self._log(f"at first {first}, at last {last}")
        pairs = {f"{name}, {when}": pair for when, calm in (("at first", first), ("at last", last))
                 for name, pair in calm.items()}
        pairs["manager, over the run"] = (first["manager"][1], last["manager"][1])
        for who, (before, after) in pairs.items():
            for what, (times, plus) in GROWTH.items():
                if what == "kB" and SLOW > 1:  # sanitizers keep what was freed
                    continue
                if after[what] > before[what] * times + plus:
                    raise Broken(f"{who}: {what} have grown from {before[what]} to {after[what]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60, help="of the chip's time (default 60)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--log", type=pathlib.Path, help="where to leave the log of the manager and its workers")
    options = parser.parse_args()
    start = time.monotonic()

    def log(text):
        print(f"{time.monotonic() - start:7.1f}  {text}", flush=True)

    log(f"seed {options.seed}")
    soak = Soak(options.minutes, options.seed, log=log)
    try:
        counts = soak.run()
    except Broken as error:
        log(f"FAILED: {error}")
        return 1
    finally:
        if options.log:
            options.log.write_text(soak.manager_log)
    for (client, what), number in sorted(counts.items()):
        log(f"{client:10} {what:20} {number}")
    for what, number in sorted(soak.happened.items()):
        log(f"{number:4} {what}")
    log(f"{soak.happened.total()} faults, {len(soak.happened)} of {ROWS} kinds; nothing was lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
