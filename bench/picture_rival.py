#!/usr/bin/env python3
"""The rival of picture_bench: a picture's whole way through a service, written plainly with PIL and numpy.

    picture_rival.py make FOLDER WIDTHxHEIGHT...      writes FOLDER/WIDTHxHEIGHT.jpg as a camera would: noise, 4:2:0
    picture_rival.py FOLDER ROUNDS WIDTHxHEIGHT...    reads FOLDER/scenes.json and these pictures; prints a line of JSON for
                                                      each scene and picture: milliseconds of processor time of the median
                                                      round, decoding the whole picture (plain) and letting libjpeg
                                                      shrink it (draft); and the last answer

Nothing is sent and no network runs: it has the picture's bytes and the network's outputs, and ends with the answer's text.
"""

import io
import json
import os
import pathlib
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy: its threads' waiting would count

import numpy  # noqa: E402
from PIL import Image  # noqa: E402

import heads_rival  # noqa: E402
import masks_rival  # noqa: E402

SIDE = heads_rival.SIDE
LABELS = (pathlib.Path(__file__).parents[1] / "src/services/kit/coco.txt").read_text().splitlines()
POINTS = ("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
          "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
          "right_ankle")
SKELETON = ((15, 13), (13, 11), (16, 14), (14, 12), (11, 12), (5, 11), (6, 12), (5, 6), (5, 7), (6, 8), (7, 9), (8, 10),
            (1, 2), (0, 1), (0, 2), (1, 3), (2, 4), (3, 5), (4, 6))
SEEN = 0.3


class Letterbox:
    def __init__(self, size):
        self.picture = size
        self.scale = min(SIDE / size[0], SIDE / size[1])
        self.size = int(size[0] * self.scale), int(size[1] * self.scale)
        self.corner = (SIDE - self.size[0]) // 2, (SIDE - self.size[1]) // 2

    def back(self, points):
        """Rows of x, y to the picture, clipped to it."""
        return numpy.clip((points - self.corner) / self.scale, 0, self.picture)

    def boxes(self, boxes):
        """Corners to x, y, width, height."""
        corners = self.back(boxes.reshape(-1, 2, 2))
        return numpy.concatenate([corners[:, 0], corners[:, 1] - corners[:, 0]], axis=1)


def fitted(data, draft):
    """The network's input."""
    image = Image.open(io.BytesIO(data))
    where = Letterbox(image.size)
    if draft:
        image.draft("RGB", where.size)
    image = image.convert("RGB").resize(where.size, Image.Resampling.BILINEAR)
    tensor = numpy.full((SIDE, SIDE, 3), 114, numpy.uint8)
    left, top = where.corner
    tensor[top:top + where.size[1], left:left + where.size[0]] = numpy.asarray(image)
    return where, tensor


def objects(boxes, scores, labels):
    return [{"label": LABELS[label], "confidence": round(score, 4), "bbox": [round(value, 2) for value in box]}
            for box, score, label in zip(boxes.tolist(), scores.tolist(), labels.tolist())]


def detect(tensors, where):
    boxes, scores, labels = heads_rival.raw(tensors)
    kept = heads_rival.suppressed(boxes, scores, labels)
    return objects(where.boxes(boxes[kept]), scores[kept], labels[kept])


def pose(tensors, where):
    boxes, scores, labels, joints = heads_rival.raw(tensors, heads_rival.points_of)
    kept = heads_rival.suppressed(boxes, scores, labels)
    places = numpy.minimum(where.back(joints[kept, :, :2]).round().astype(int), numpy.array(where.picture) - 1)
    poses = []
    for box, score, place, seen in zip(where.boxes(boxes[kept]).round().astype(int).tolist(), scores[kept].tolist(),
                                       places.tolist(), joints[kept, :, 2].tolist()):
        poses.append({
            "person_id": len(poses),
            "bbox": dict(zip(("x", "y", "width", "height"), box)),
            "bbox_confidence": round(score, 4),
            "keypoints": [{"name": name, "x": x, "y": y, "confidence": round(share, 4)}
                          for name, (x, y), share in zip(POINTS, place, seen)],
            "skeleton": [{"from": POINTS[a], "to": POINTS[b], "from_index": a, "to_index": b}
                         for a, b in SKELETON if seen[a] >= SEEN and seen[b] >= SEEN]})
    return {"poses": poses, "count": len(poses), "inference_time_ms": 0,
            "image_size": {"width": where.picture[0], "height": where.picture[1]}}


def segment(tensors, where):
    boxes, scores, labels, coefficients = heads_rival.raw(tensors[:-1], lambda values, *cells: values)
    kept = heads_rival.suppressed(boxes, scores, labels)
    masks = masks_rival.masks_of(coefficients[kept], tensors[-1].transpose(2, 0, 1), boxes[kept], *where.picture)
    answer = objects(where.boxes(boxes[kept]), scores[kept], labels[kept])
    for one, counts in zip(answer, masks):
        one["area"] = int(counts[1::2].sum())
        one["segmentation"] = {"size": [where.picture[1], where.picture[0]], "counts": counts.tolist()}
    return answer


SERVICES = {"hailo-detect": detect, "hailo-pose": pose, "hailo-segment": segment}


def measure(service, data, tensors, rounds, draft):
    took = []
    for _ in range(rounds):
        begin = time.process_time()
        where, _input = fitted(data, draft)
        text = json.dumps(SERVICES[service](tensors, where))
        took.append(time.process_time() - begin)
    return sorted(took)[len(took) // 2] * 1e3, text


def make(folder, width, height):
    random = numpy.random.default_rng(1)
    x, y = numpy.arange(width) / width, numpy.arange(height)[:, None] / height
    waves = [128 + 60 * numpy.sin(9 * x + 3 * k) * numpy.cos(7 * y - k) + 30 * numpy.sin(90 * x * y + k) for k in range(3)]
    pixels = numpy.stack(waves, axis=2) + random.normal(0, 4, (height, width, 1))
    Image.fromarray(pixels.clip(0, 255).astype(numpy.uint8)).save(folder / f"{width}x{height}.jpg", quality=90)


def main():
    if sys.argv[1] == "make":
        for size in sys.argv[3:]:
            make(pathlib.Path(sys.argv[2]), *map(int, size.split("x")))
        return
    folder, rounds = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    for scene in json.loads((folder / "scenes.json").read_text()):
        tensors = [numpy.fromfile(folder / one["file"], numpy.float32).reshape(one["shape"]) for one in scene["tensors"]]
        for size in sys.argv[3:]:
            data = (folder / f"{size}.jpg").read_bytes()
            plain, text = measure(scene["service"], data, tensors, rounds, draft=False)
            draft, text = measure(scene["service"], data, tensors, rounds, draft=True)
            print(json.dumps({"plain": plain, "draft": draft, "answer": json.loads(text)}))


if __name__ == "__main__":
    main()
