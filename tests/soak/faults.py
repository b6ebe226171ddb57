"""What goes wrong during the soak: one thing at a time, chosen by a seed."""

import os
import signal

VISION = ("detector", "poser", "sorter", "guest")
TEXT = ("talker", "looker")

# (operation, models, kind, further fields)
FAULTS = [
    ("infer", VISION, "hang", {}),
    ("infer", VISION, "restart", {}),
    ("infer", VISION, "device_lost", {}),
    ("infer", VISION, "crash", {}),
    ("infer", VISION, "spurious_timeout", {}),
    ("infer", VISION, "status", {"status": 63}),
    ("infer", VISION, "status", {"status": 8}),
    ("infer", VISION, "slow", {"delay_ms": 300}),
    ("infer", VISION, "no_reply", {}),
    ("upload", VISION, "no_reply", {}),
    ("upload", VISION, "out_of_memory", {}),
    ("load", VISION, "status", {"status": 71}),
    ("load", VISION + TEXT, "device_lost", {}),
    ("load", TEXT, "crash", {}),
    ("load", TEXT, "no_reply", {}),
    ("load", TEXT + ("listener",), "out_of_memory", {}),
    ("infer", TEXT, "device_lost", {}),
    ("infer", TEXT, "hang", {}),
    ("read", TEXT, "hang", {"after": 3}),
    ("read", TEXT, "restart", {"after": 5}),
    ("read", TEXT, "device_lost", {"after": 2}),
    ("read", TEXT, "crash", {"after": 1}),
    ("infer", ("listener",), "hang", {}),
    ("infer", ("listener",), "device_lost", {}),
    ("infer", ("listener",), "crash", {}),
    ("telemetry", ("temperature",), "hang", {}),
    ("telemetry", ("temperature",), "status", {"status": 4}),
    ("unload", VISION + TEXT, "hang", {}),
    ("release_group", ("",), "hang", {}),
    ("connect", ("vdevice",), "status", {"status": 97, "times": 2}),
    ("scan", ("scan",), "status", {"status": 89, "times": 2}),
]
SIGNALS = [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV]


def break_something(manager, dice, number):
    """Breaks one thing, and says which."""
    workers = manager.workers()
    if workers and dice.random() < 0.2:
        pid, which = dice.choice(workers), dice.choice(SIGNALS)
        try:
            os.kill(pid, which)
        except ProcessLookupError:
            pass
        return f"{which.name} to {pid}"
    op, models, kind, more = dice.choice(FAULTS)
    fields = {"op": op, "kind": kind, "id": f"fault{number}", **more}
    if models != ("",):
        fields["model"] = dice.choice(models)
    text = ", ".join(f"{key}: {value}" for key, value in fields.items())
    manager.faults(f"faults: [{{{text}}}]\n")
    return text
