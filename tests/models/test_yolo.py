"""What measures the small networks: decoding against heads made for known objects, precision against sums by hand."""

import sys
import unittest

import numpy

from support.manager_process import SOURCE

sys.path.insert(0, str(SOURCE / "models"))
from yolo import decode, precision  # noqa: E402

CLASSES = 3


def empty(extra):
    return [numpy.zeros((1, 64 // stride, 64 // stride, channels), numpy.float32)
            for stride in decode.STRIDES for channels in (64, CLASSES, *([extra] if extra else []))]


class Decoding(unittest.TestCase):
    def head(self, extra=None):
        """A box at 12, 8, 44, 32, told by the cell (1, 1) of stride 16, whose middle is (24, 24)."""
        outputs = empty(extra)
        boxes, scores = outputs[3 if extra else 2], outputs[4 if extra else 3]
        for side, distance in enumerate((12 / 16, 16 / 16, 20 / 16, 8 / 16)):
            below = int(distance)
            bins = numpy.full(16, 1e-12)
            bins[below] += 1 - (distance - below)
            bins[below + 1] += distance - below
            boxes[0, 1, 1, 16 * side:16 * side + 16] = numpy.log(bins)
        scores[0, 1, 1, 2] = 0.75
        return outputs

    def test_a_box_is_where_its_bins_say(self):
        found = decode.decode(self.head(), 64, 64, threshold=0.5)
        self.assertEqual((found.labels.tolist(), found.scores.tolist()), ([2], [0.75]))
        numpy.testing.assert_allclose(found.boxes, [[12, 8, 44, 32]], atol=1e-4)

    def test_points_count_from_the_corner_of_the_cell(self):
        outputs = self.head(51)
        outputs[5][0, 1, 1, :3] = 0.25, -0.5, 0
        found = decode.decode(outputs, 64, 64, threshold=0.5)
        numpy.testing.assert_allclose(found.extra[0, 0], [16 * (0.5 + 1), 16 * (-1 + 1), 0.5])

    def test_a_mask_is_cut_by_its_box(self):
        outputs = self.head(32)
        outputs[5][0, 1, 1, 4] = 1
        prototypes = numpy.full((1, 16, 16, 32), -1, numpy.float32)
        prototypes[0, :, 5:, 4] = 1
        mask, = decode.decode(outputs, 64, 64, threshold=0.5).masks(prototypes, 64, 64)
        expected = numpy.zeros((64, 64), bool)
        expected[8:32, 20:44] = True
        numpy.testing.assert_array_equal(mask, expected)

    def test_of_two_that_overlap_the_better_stays(self):
        boxes = numpy.array([[0, 0, 10, 10], [0, 0, 10, 9], [20, 20, 30, 30]], float)
        scores, labels = numpy.array([0.5, 0.6, 0.4]), numpy.array([0, 0, 0])
        self.assertEqual(decode.suppress(scores, labels, boxes, 0.6).tolist(), [1, 2])
        self.assertEqual(decode.suppress(scores, labels, boxes, 0.95).tolist(), [1, 0, 2])
        self.assertEqual(decode.suppress(scores, numpy.array([0, 1, 0]), boxes, 0.6).tolist(), [1, 0, 2])


class Precision(unittest.TestCase):
    def image(self, scores, overlaps, labels=None):
        overlaps = numpy.array(overlaps, float)
        return precision.Image(numpy.array(scores), numpy.array(labels or [0] * len(scores)),
                               numpy.zeros(overlaps.shape[1], int), overlaps)

    def test_it_is_read_at_101_recalls(self):
        # Right, wrong, right: precision 1 up to recall 0.5 (51 readings), then 2/3 (50 readings).
        image = self.image([0.9, 0.8, 0.7], [[0.9, 0], [0, 0], [0, 0.6]])
        self.assertAlmostEqual(precision.average_precision([image])[0], (51 + 50 * 2 / 3) / 101)

    def test_a_truth_is_found_once(self):
        image = self.image([0.9, 0.8], [[0.9, 0.1], [0.8, 0.1]])
        self.assertAlmostEqual(precision.average_precision([image])[0], 51 / 101)

    def test_an_overlap_that_just_reaches_the_threshold_counts(self):
        self.assertEqual(precision.average_precision([self.image([0.5], [[0.5]])])[0], 1)
        self.assertEqual(precision.average_precision([self.image([0.5], [[0.49]])])[0], 0)

    def test_scores_are_ordered_over_all_pictures(self):
        images = [self.image([0.2], [[0.9]]), self.image([0.9], [[0.0]])]
        self.assertAlmostEqual(precision.average_precision(images)[0], 51 * 0.5 / 101)

    def test_another_class_finds_nothing(self):
        self.assertEqual(precision.average_precision([self.image([0.9], [[0.9]], labels=[1])]), {0: 0})

    def test_points_one_fall_off_away_score_as_coco_says(self):
        truth = numpy.zeros((1, 17, 3))
        truth[0, :2, 2] = 2
        found = truth.copy()
        found[0, 0, 0] = 2 * 0.026 * 10  # of the nose, in a figure of 100 pixels
        self.assertAlmostEqual(precision.oks(found, truth, numpy.array([100.0]))[0, 0], (1 + numpy.exp(-0.5)) / 2)


if __name__ == "__main__":
    unittest.main()
