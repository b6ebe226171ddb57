"""How long a test goes on asking."""

import time

from .manager_process import SLOW
from .wire import Wire

LONGEST = 60.0 * SLOW
PAUSE = 0.005


class Patience:
    """For a loop that asks until something is so: spend() in each round waits a little and raises after LONGEST."""

    def __init__(self, awaited, log=lambda: ""):
        self._awaited, self._log = awaited, log
        self._end = time.monotonic() + LONGEST

    def spend(self):
        if time.monotonic() > self._end:
            raise AssertionError(f"waited in vain until {self._awaited}: {self._log()[-2000:]}")
        time.sleep(PAUSE)


def ask_until(manager, condition, awaited):
    """Asks the manager until the condition on its status holds, and returns that status."""
    patience = Patience(awaited, manager.log)
    with Wire(manager.socket_path) as wire:
        while True:
            status = wire.call({"action": "ping"})
            if status is None:
                raise AssertionError(f"the connection was closed before {awaited}: {manager.log()[-3000:]}")
            if condition(status):
                return status
            patience.spend()
