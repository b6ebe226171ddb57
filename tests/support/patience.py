"""How long a test goes on asking."""

import time

from .manager_process import SLOW

LONGEST = 60.0 * SLOW


class Patience:
    """For a loop that asks until something is so: spend() in each round; it raises after LONGEST."""

    def __init__(self, awaited, log=lambda: ""):
        self._awaited, self._log = awaited, log
        self._end = time.monotonic() + LONGEST

    def spend(self):
        if time.monotonic() > self._end:
            raise AssertionError(f"waited in vain until {self._awaited}: {self._log()[-2000:]}")
