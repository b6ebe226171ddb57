"""People as a chip sees them, and the chip that sees them: a profile of the simulated device with pose networks whose
heads are those of the published files. Everything is in shares of the network's input."""

import json

NAMES = ("nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist "
         "right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle").split()
# x, y in a person's box, and how well it is seen.
FIGURE = ((.5, .1, .95), (.55, .08, .9), (.45, .08, .9), (.6, .1, .6), (.4, .1, .6), (.7, .25, .9), (.3, .25, .9),
          (.8, .4, .8), (.2, .4, .8), (.85, .55, .7), (.15, .55, .2), (.6, .55, .9), (.4, .55, .9), (.62, .75, .85),
          (.38, .75, .85), (.64, .95, .75), (.36, .95, .25))


def person(left, top, right, bottom, score):
    return {"box": [left, top, right, bottom, score],
            "points": [[left + (right - left) * x, top + (bottom - top) * y, seen] for x, y, seen in FIGURE]}


# One at each stride, best first.
PEOPLE = [person(.3, .3, .5, .7, .9), person(.62, .42, .68, .58, .8), person(.02, .35, .98, .65, .7)]

# One person whom fifteen cells of stride 16 find, all of them surer than the only one that finds the other.
_CELL = 16 / 640
_AROUND = [(x * _CELL, y * _CELL) for y in (0, -1, 1) for x in (0, -2, -1, 1, 2)]
CROWD = [*(person(.306 + x, .306 + y, .506 + x, .706 + y, .95 - i / 100) for i, (x, y) in enumerate(_AROUND)),
         person(.62, .42, .68, .58, .6)]

# Of the networks pose_*.onnx of tests/data/models.
SMALL = [person(.125, .25, .5, .875, .9), person(.625, .375, .875, .75, .6)]

_SCENES = {"yolov8s_pose": PEOPLE, "crowd": CROWD}


def _model(outputs, size=18):
    return json.dumps({"kind": "tensor", "size_mb": size, "inputs": [{"name": "in", "dtype": "uint8", "shape": [640, 640, 3]}],
                       "outputs": outputs})


def _raw_heads(people):
    return [{"name": f"conv{stride}_{channels}", "dtype": "float32", "shape": [640 // stride, 640 // stride, channels],
             "people": people} for stride in (8, 16, 32) for channels in (64, 1, 51)]


def profile():
    """A chip that also has a detector, which is no pose network."""
    lines = ["name: pose-chip", "architecture: HAILO10H", "firmware: 5.2.0", "memory_mb: 500", "models:"]
    lines += [f"  {name}: {_model(_raw_heads(people))}" for name, people in _SCENES.items()]
    lines.append(f"  yolov8s: {_model([{'name': 'nms', 'nms': {'order': 'by_class', 'classes': 80, 'boxes': 100}}])}")
    return "\n".join(lines) + "\n"


def in_picture(x, y, width, height, side=640):
    """A place in a picture that was letterboxed into a square input, computed plainly."""
    scale = min(side / width, side / height)
    x = (x * side - (side - width * scale) / 2) / scale
    y = (y * side - (side - height * scale) / 2) / scale
    return min(max(x, 0), width), min(max(y, 0), height)
