"""What goes wrong during the soak: everything that can, in an order that a seed chooses, again and again."""

import os
import signal

VISION = ("detector", "poser", "sorter", "guest")
TEXT = ("talker", "looker")
SPEECH = ("listener",)
ANY = ("'*'",)

# (operation, models, kind, further fields)
FAULTS = [
    ("infer", VISION, "hang", {}),
    ("infer", VISION, "restart", {}),
    ("infer", VISION, "restart_hang", {}),
    ("infer", VISION, "device_lost", {}),
    ("infer", VISION, "crash", {}),
    ("infer", VISION, "spurious_timeout", {}),
    ("infer", VISION, "status", {"status": 63}),
    ("infer", VISION, "status", {"status": 8}),
    ("infer", VISION, "slow", {"delay_ms": 300}),
    ("infer", VISION, "no_reply", {}),
    ("upload", VISION, "no_reply", {}),
    ("upload", VISION, "hang", {}),
    ("upload", VISION, "out_of_memory", {}),
    ("load", VISION, "hang", {}),
    ("load", VISION, "status", {"status": 71}),
    ("load", VISION, "spurious_timeout", {}),
    ("load", VISION + TEXT, "device_lost", {}),
    ("load", TEXT, "crash", {}),
    ("load", TEXT, "no_reply", {}),
    ("load", TEXT + SPEECH, "out_of_memory", {}),
    ("infer", TEXT, "device_lost", {}),
    ("infer", TEXT, "hang", {}),
    ("read", TEXT, "hang", {"after": 3}),
    ("read", TEXT, "restart", {"after": 5}),
    ("read", TEXT, "restart_hang", {"after": 4}),
    ("read", TEXT, "device_lost", {"after": 2}),
    ("read", TEXT, "crash", {"after": 1}),
    ("finish", TEXT, "hang", {}),
    ("infer", SPEECH, "hang", {}),
    ("infer", SPEECH, "device_lost", {}),
    ("infer", SPEECH, "crash", {}),
    ("telemetry", ("temperature",), "hang", {}),
    ("telemetry", ("temperature",), "status", {"status": 4}),
    ("unload", VISION + TEXT, "hang", {}),
    ("release_group", ANY, "hang", {}),
    ("connect", ("vdevice",), "status", {"status": 97, "times": 2}),
    ("connect", ("device",), "hang", {}),
    ("scan", ("scan",), "status", {"status": 89, "times": 2}),
]
SIGNALS = [signal.SIGKILL, signal.SIGSTOP, signal.SIGABRT]
ROWS = len(FAULTS) + len(SIGNALS)
OUTSTANDING = 8  # faults that wait for their operation


class Breaker:
    """Orders one fault after the other, and knows which of them have happened."""

    def __init__(self, manager, dice):
        self._manager = manager
        self._dice = dice
        self._walk = []
        self._waiting = {}  # id -> what stands in the file
        self._rows = {}  # id -> row
        self._signalled = []

    def step(self):
        """Breaks the next thing, and says which."""
        if not self._walk:
            self._walk = FAULTS + SIGNALS
            self._dice.shuffle(self._walk)
        row = self._walk.pop()
        return self._signal(row) if isinstance(row, signal.Signals) else self._order(row)

    def happened(self):
        """What has happened, once for each time."""
        fired = [line[3] for line in self._manager.fired()]
        return self._signalled + [_name(self._rows[number]) for number in fired]

    def end(self):
        self._manager.faults("faults: []\n")

    def _signal(self, which):
        workers = self._manager.workers()
        if not workers:
            return f"nobody for {which.name}"
        pid = self._dice.choice(workers)
        try:
            os.kill(pid, which)
        except ProcessLookupError:
            return f"{pid} went before {which.name}"
        self._signalled.append(which.name)
        return f"{which.name} to {pid}"

    def _order(self, row):
        op, models, kind, more = row
        number = f"fault{len(self._rows)}"
        fields = {"op": op, "kind": kind, "id": number, "model": self._dice.choice(models), **more}
        self._rows[number] = row
        self._waiting[number] = ", ".join(f"{key}: {value}" for key, value in fields.items())
        for line in self._manager.fired():
            if "times" not in self._rows[line[3]][3]:
                self._waiting.pop(line[3], None)
        while len(self._waiting) > OUTSTANDING:
            del self._waiting[next(iter(self._waiting))]
        self._manager.faults("faults:\n" + "".join(f"- {{{text}}}\n" for text in self._waiting.values()))
        return self._waiting[number]


def _name(row):
    op, models, kind, more = row
    return " ".join([op, kind, *map(str, more.values()), "of", models[0]])
