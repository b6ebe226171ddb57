"""Programs of this project that answer each line of JSON with one."""

import json
import subprocess

from support.manager_process import BIN, SLOW


def answers(program, argument, rows):
    """What the program says of each row."""
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    done = subprocess.run([BIN / program, str(argument)], input=lines, capture_output=True, text=True, timeout=60 * SLOW)
    if done.returncode != 0:
        raise AssertionError(f"{program} ended with status {done.returncode}: {done.stderr[-3000:]}")
    return [json.loads(line) for line in done.stdout.split("\n") if line]
