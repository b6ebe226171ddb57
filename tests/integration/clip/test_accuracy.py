"""clip-tiny through the manager and the service, against drawn figures: which of 160 captions is a picture's own."""

import unittest

from fixture import CAPTIONS, ClipTest, encoded
from support.unseen import figures

SEEDS = range(3000, 3160)


class Accuracy(ClipTest):
    def share_right(self, unseen):
        """Of pictures of combinations that training leaves out, or of the others."""
        choices = [index for index, what in enumerate(figures.COMBINATIONS) if figures.held_out(what) == unseen]
        right = 0
        for number, seed in enumerate(SEEDS):
            choice = choices[number % len(choices)]
            best, = self.classify(encoded(figures.render(seed, choice).picture), CAPTIONS, top_k=1)
            right += best["text"] == CAPTIONS[choice]
        return right / len(SEEDS)

    def test_colours_and_shapes_that_were_never_seen_together(self):
        value = self.share_right(unseen=True)
        print(f"\nzero-shot accuracy {value:.3f} on {len(SEEDS)} pictures of combinations held out")
        self.assertGreaterEqual(value, 0.9)

    def test_combinations_of_training(self):
        self.assertGreaterEqual(self.share_right(unseen=False), 0.95)


if __name__ == "__main__":
    unittest.main()
