"""Which cells answer for which object: those near its middle, on the grids that fit its size."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from yolo.network import STRIDES
from yolo.pool import Pool

SIDES = ((0, 64), (48, 128), (96, np.inf))  # the longer side of a box, in pixels, for each stride
RADIUS = 1.5                                # of the middle, in strides


def cells(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Middles (cells, 2) in pixels and strides (cells,), row by row, of all grids."""
    middles, strides = [], []
    for stride in STRIDES:
        y, x = np.mgrid[:height // stride, :width // stride]
        middles.append(stride * (np.stack([x.ravel(), y.ravel()], 1) + 0.5))
        strides.append(np.full(x.size, stride))
    return np.concatenate(middles).astype(np.float32), np.concatenate(strides).astype(np.float32)


@dataclass
class Batch:
    """Pictures, and the k cells that answer for objects."""
    pictures: torch.Tensor   # uint8 (n, 3, height, width)
    picture: torch.Tensor    # int (k,): which picture
    cell: torch.Tensor       # int (k,): which of cells()
    number: torch.Tensor     # int (k,): which object of the picture, from 1
    labels: torch.Tensor     # int (k,)
    boxes: torch.Tensor      # float (k, 4)
    keypoints: torch.Tensor  # float (k, points, 3)
    areas: torch.Tensor      # float (k,): of what is seen, in pixels
    owners: torch.Tensor     # uint8 (n, height / 4, width / 4)


def assign(boxes: np.ndarray, middles: np.ndarray, strides: np.ndarray) -> np.ndarray:
    """For each cell the index of its box, -1 for none: of several the smallest."""
    owner = np.full(len(middles), -1)
    sides = (boxes[:, 2:] - boxes[:, :2])
    low, high = (np.select([strides == s for s in STRIDES], [side[i] for side in SIDES]) for i in (0, 1))
    for index in np.argsort(-sides.prod(1)):
        left, top, right, bottom = boxes[index]
        offset = np.abs(middles - ((left + right) / 2, (top + bottom) / 2)).max(1) / strides
        inside = (middles > (left, top)).all(1) & (middles < (right, bottom)).all(1)
        longer = sides[index].max()
        near = (offset < RADIUS) & inside & (longer >= low) & (longer < high)
        owner[near if near.any() else offset == offset.min()] = index
    return owner


def make_batch(pool: Pool, picks: np.ndarray, mirrored: bool) -> Batch:
    """The scenes `picks`; mirrored only where nothing tells left from right."""
    height, width = pool.pictures.shape[1:3]
    middles, strides = cells(height, width)
    pictures, owners = pool.pictures[picks], pool.owners[picks]
    if mirrored:
        pictures, owners = pictures[:, :, ::-1], owners[:, :, ::-1]
    parts = []
    for position, scene in enumerate(picks):
        rows = slice(pool.starts[scene], pool.starts[scene + 1])
        boxes = pool.boxes[rows]
        if mirrored:
            boxes = np.stack([width - boxes[:, 2], boxes[:, 1], width - boxes[:, 0], boxes[:, 3]], 1)
        seen = 16.0 * np.bincount(owners[position].ravel(), minlength=len(boxes) + 1)[1:]
        owner = assign(boxes, middles, strides)
        cell = np.flatnonzero(owner >= 0)
        index = owner[cell]
        parts.append((np.full(len(cell), position), cell, index + 1, pool.labels[rows][index], boxes[index],
                      pool.keypoints[rows][index], np.maximum(seen[index], 16)))
    columns = [torch.from_numpy(np.concatenate(column)) for column in zip(*parts)]
    columns[-1] = columns[-1].float()
    return Batch(torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2), *columns,
                 torch.from_numpy(np.ascontiguousarray(owners)))
