#!/usr/bin/env python3
"""Stands in for hailo-device-worker: does what a test planned, then becomes the real one.

The plan is the JSON file that NPU_TEST_WORKER_PLAN names; without one there is only the real worker.

    {"fail": {"code": "unavailable", "message": "no chip"}}    says so and ends
    {"ready": {"build": "0.0.0", "device": {}}}                says so and works for nobody
    {"linger": true}         leaves a child that makes the worker look alive after its death

Each start adds a byte to <plan>.starts; the child's process number is in <plan>.linger.
"""

import json
import os
import pathlib
import signal
import struct
import sys

LINK = 3
LONGEST = 300  # seconds; no test takes longer


def linger(note):
    if os.fork() > 0:
        return
    os.setsid()
    os.close(LINK)
    signal.alarm(LONGEST)
    note.with_suffix(".new").write_text(str(os.getpid()))
    note.with_suffix(".new").rename(note)
    signal.pause()
    os._exit(0)


def say(message):
    text = json.dumps(message).encode()
    os.write(LINK, struct.pack(">I", len(text)) + text)


def main():
    plan_path = pathlib.Path(os.environ["NPU_TEST_WORKER_PLAN"])
    with open(f"{plan_path}.starts", "ab") as starts:
        starts.write(b".")
    plan = json.loads(plan_path.read_text()) if plan_path.exists() else {}
    if "fail" in plan:
        say({"op": "failed", "error": plan["fail"]})
        return 1
    if "ready" in plan:
        say({"op": "ready", **plan["ready"]})
        while os.read(LINK, 4096):
            pass
        return 0
    if plan.get("linger"):
        linger(pathlib.Path(f"{plan_path}.linger"))
    program = os.path.join(os.environ["NPU_BUILD_DIR"], "hailo-device-worker")
    os.execv(program, [program, *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
