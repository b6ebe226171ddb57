"""Drawn scenes: what they say of themselves is what is in the picture."""

import sys
import unittest

import numpy

from support.manager_process import SOURCE

sys.path.insert(0, str(SOURCE / "models"))
from drawn import faces, figures, people, things  # noqa: E402


class Scenes(unittest.TestCase):
    def test_a_seed_is_a_picture(self):
        for kind in (things, people, figures):
            with self.subTest(kind=kind.__name__):
                one, same, other = (kind.render(seed) for seed in (3, 3, 4))
                numpy.testing.assert_array_equal(one.picture, same.picture)
                numpy.testing.assert_array_equal(one.owner, same.owner)
                self.assertTrue((one.picture != other.picture).any())

    def test_a_face_is_an_identity_and_a_look(self):
        who, other = faces.identity(3), faces.identity(4)
        numpy.testing.assert_array_equal(faces.render(who, 7), faces.render(faces.identity(3), 7))
        self.assertTrue((faces.render(who, 7) != faces.render(who, 8)).any())
        self.assertTrue((faces.render(who, 7) != faces.render(other, 7)).any())
        self.assertEqual(faces.render(who, 7, 200).shape, (200, 200, 3))

    def test_boxes_are_those_of_what_is_seen(self):
        for kind in (things, people):
            for seed in range(10):
                scene = kind.render(seed, 192, 320)
                self.assertEqual(scene.picture.shape, (192, 320, 3))
                self.assertEqual(scene.owner.max(), len(scene.boxes))
                for index, box in enumerate(scene.boxes):
                    rows, columns = numpy.nonzero(scene.mask(index))
                    self.assertEqual(box.tolist(), [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])

    def test_every_class_occurs_in_many_sizes_and_things_overlap(self):
        scenes = [things.render(seed) for seed in range(40)]
        self.assertEqual({label for scene in scenes for label in scene.labels.tolist()}, set(range(len(things.NAMES))))
        sides = numpy.concatenate([(scene.boxes[:, 2:] - scene.boxes[:, :2]).max(1) for scene in scenes])
        self.assertLess(numpy.quantile(sides, 0.1) * 3, numpy.quantile(sides, 0.9))
        covered = sum((numpy.maximum(a[:2], b[:2]) < numpy.minimum(a[2:], b[2:])).all()
                      for scene in scenes for i, a in enumerate(scene.boxes) for b in scene.boxes[:i])
        self.assertGreater(covered, len(scenes))


class Captions(unittest.TestCase):
    def test_a_figure_is_as_its_caption_says(self):
        for choice, what in enumerate(figures.COMBINATIONS):
            scene = figures.render(5, choice)
            self.assertEqual(scene.labels.tolist(), [choice])
            self.assertEqual(figures.caption(what), f"a {what.size} {what.colour} {what.shape}")
            side = (scene.boxes[0, 2:] - scene.boxes[0, :2]).max() / 64
            self.assertEqual(what.size, "small" if side < 0.4 else "large", what)
            red, green, blue = numpy.median(scene.picture[scene.mask(0)], 0).astype(int)
            colours = {"red": red > 2 * max(green, blue), "green": green > 1.5 * max(red, blue), "blue": blue > 1.3 * max(red, green),
                       "white": min(red, green, blue) > 110, "black": max(red, green, blue) < 60}
            self.assertTrue(colours.get(what.colour, True), (what, red, green, blue))

    def test_what_is_held_out_is_a_fifth_in_which_everything_occurs(self):
        out = [what for what in figures.COMBINATIONS if figures.held_out(what)]
        self.assertEqual((len(out), len(figures.COMBINATIONS)), (32, 160))
        for part, names in enumerate((figures.SIZES, figures.COLOURS, figures.SHAPES)):
            for kind in (out, set(figures.COMBINATIONS) - set(out)):
                self.assertEqual({what[part] for what in kind}, set(names))
        pairs = {what[1:] for what in out}
        self.assertFalse(pairs & {what[1:] for what in figures.COMBINATIONS if what not in out})


class Figures(unittest.TestCase):
    def setUp(self):
        self.scenes = [people.render(seed) for seed in range(30)]

    def test_points_that_are_seen_lie_on_their_figure(self):
        for scene in self.scenes:
            for index, points in enumerate(scene.keypoints):
                for x, y, visibility in points:
                    if visibility > 0:
                        self.assertEqual(bool(scene.mask(index)[int(y), int(x)]), visibility == 2)

    def test_who_faces_us_has_his_left_on_our_right(self):
        left, right = (people.KEYPOINTS.index(name) for name in ("left_eye", "right_eye"))
        both = [points for scene in self.scenes for points in scene.keypoints if (points[[left, right], 2] == 2).all()]
        self.assertGreater(len(both), 10)
        for points in both:
            self.assertGreater(points[left, 0], points[right, 0])

    def test_the_left_of_the_trousers_is_the_brighter(self):
        knees = [people.KEYPOINTS.index(name) for name in ("left_knee", "right_knee")]
        brighter = []
        for scene in self.scenes:
            for points in scene.keypoints:
                if (points[knees, 2] == 2).all():
                    left, right = (scene.picture[int(y), int(x)].astype(int).sum() for x, y, _ in points[knees])
                    brighter.append(left > right)
        self.assertGreater(len(brighter), 20)
        self.assertGreater(numpy.mean(brighter), 0.85)  # one leg may hide the other's knee


if __name__ == "__main__":
    unittest.main()
