"""The chaos, short and with fewer clients."""

import unittest

from chaos import Chaos


class ShortChaos(unittest.TestCase):
    def test_nothing_is_lost_wrong_or_hung(self):
        chaos = Chaos(minutes=0.25, seed=5, clients=11, log=print)
        chaos.run()
        for what in ("manager killed", "worker killed", "client killed"):
            self.assertGreater(chaos.happened[what], 0, chaos.happened)


if __name__ == "__main__":
    unittest.main()
