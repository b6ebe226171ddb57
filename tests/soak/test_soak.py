"""The soak, short: a few minutes of the chip's time with a fixed seed."""

import unittest

from soak import Soak
from support.manager_process import SLOW


LEAST = 10  # kinds of faults that have to have happened


class ShortSoak(unittest.TestCase):
    def test_nothing_is_lost_stuck_or_leaked(self):
        soak = Soak(minutes=6 if SLOW == 1 else 3, seed=3, kinds=LEAST, log=print)
        soak.run()
        self.assertGreaterEqual(len(soak.happened), LEAST, soak.happened)


if __name__ == "__main__":
    unittest.main()
