"""The shipped network, through the manager and the service, against generated scenes with known depth."""

import sys
import unittest

import numpy

from fixture import DepthTest, map_of
from support.pictures import png
from support.manager_process import SOURCE, ManagerProcess

MODEL = SOURCE / "models" / "depth-tiny"
sys.path.insert(0, str(MODEL))
import metrics  # noqa: E402
import scenes  # noqa: E402

# Training begins at a million; see models/depth-tiny/train.py.
UNSEEN = range(500, 532)


class Accuracy(DepthTest):
    @classmethod
    def make_manager(cls):
        # As on a machine without an NPU: the .hef that services name resolves to the CPU's file.
        return ManagerProcess(arguments=("--device", "onnx", "--model-dirs", MODEL,
                                         "--catalogue", SOURCE / "models" / "catalogue"))

    @classmethod
    def model_path(cls):
        return MODEL / "scdepthv3.hef"

    def estimate(self, picture):
        answer = self.client.post_form({"image": png(picture), "output_format": "numpy",
                                        "normalize": "false", "representation": "depth"})
        self.assertEqual(answer.status, 200, answer.body[:500])
        return map_of(answer.json())

    def test_depth_of_unseen_scenes(self):
        errors, ranks = [], []
        for seed in UNSEEN:
            picture, truth = scenes.render(seed)
            depth = self.estimate(picture)
            self.assertEqual(depth.shape, truth.shape)
            errors.append(metrics.abs_rel(depth, truth))
            ranks.append(metrics.spearman(depth, truth))
        print(f"\nabs-rel {numpy.mean(errors):.3f}, Spearman {numpy.mean(ranks):.3f} on {len(UNSEEN)} scenes")
        self.assertLessEqual(numpy.mean(errors), 0.15)
        self.assertGreaterEqual(numpy.mean(ranks), 0.95)


if __name__ == "__main__":
    unittest.main()
