"""The soak, short: a few minutes of the chip's time with a fixed seed."""

import unittest

from soak import Soak
from support.manager_process import SLOW


class ShortSoak(unittest.TestCase):
    def test_nothing_is_lost_stuck_or_leaked(self):
        soak = Soak(minutes=5 if SLOW == 1 else 2, seed=3, log=print)
        soak.run()
        self.assertGreater(soak.faults, 3)


if __name__ == "__main__":
    unittest.main()
