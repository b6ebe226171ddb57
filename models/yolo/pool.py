"""Scenes rendered ahead, as arrays to draw batches from."""
from __future__ import annotations

import multiprocessing
import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Callable

import numpy as np

MASK_STRIDE = 4


@dataclass
class Pool:
    """n scenes; objects of all scenes lie one behind the other, those of scene i at starts[i]:starts[i + 1]."""
    pictures: np.ndarray   # uint8 (n, height, width, 3)
    owners: np.ndarray     # uint8 (n, height / 4, width / 4): 1 + index of the object seen in the cell's middle
    starts: np.ndarray     # int (n + 1,)
    labels: np.ndarray     # int (objects,)
    boxes: np.ndarray      # float32 (objects, 4): left, top, right, bottom
    keypoints: np.ndarray  # float32 (objects, points, 3); no points for things

    def __len__(self) -> int:
        return len(self.pictures)


def render(scene_of: Callable, first: int, count: int, workers: int) -> Pool:
    """Scenes of the seeds from `first`."""
    start = time.monotonic()
    with multiprocessing.get_context("fork").Pool(workers) as processes:
        scenes = []
        pictures = None
        for index, scene in enumerate(processes.imap(scene_of, range(first, first + count), chunksize=16)):
            if pictures is None:
                pictures = np.empty((count, *scene.picture.shape), np.uint8)
            pictures[index], scene.picture = scene.picture, None
            scene.owner = scene.owner[MASK_STRIDE // 2::MASK_STRIDE, MASK_STRIDE // 2::MASK_STRIDE].copy()
            scenes.append(scene)
    print(f"rendered {count} scenes in {time.monotonic() - start:.0f} s", flush=True)
    points = [np.zeros((len(s.labels), 0, 3), np.float32) if s.keypoints is None else s.keypoints for s in scenes]
    return Pool(pictures, np.stack([s.owner for s in scenes]),
                np.cumsum([0, *(len(s.labels) for s in scenes)]), np.concatenate([s.labels for s in scenes]),
                np.concatenate([s.boxes for s in scenes]), np.concatenate(points))


def kept(path: Path | None, scene_of: Callable, first: int, count: int, workers: int) -> Pool:
    """The pool in the .npz at `path`, rendered and written first where there is none."""
    if path and path.exists():
        with np.load(path) as arrays:
            return Pool(**{field.name: arrays[field.name] for field in fields(Pool)})
    pool = render(scene_of, first, count, workers)
    if path:
        np.savez(path, **{field.name: getattr(pool, field.name) for field in fields(Pool)})
    return pool
