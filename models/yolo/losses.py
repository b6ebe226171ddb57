"""What a network gets wrong in a batch: scores, boxes, masks, key points.

Complete IoU: Zheng et al., arXiv 1911.08287. Distribution focal loss: Li et al., arXiv 2006.04388.
Masks from prototypes: Bolya et al., arXiv 1904.02689.
"""
from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from yolo.network import BINS
from yolo.targets import Batch, cells

# COCO's fall-off of each key point, as in pycocotools' cocoeval.
SIGMAS = torch.tensor([.26, .25, .25, .35, .35, .79, .79, .72, .72, .62, .62, 1.07, 1.07, .87, .87, .89, .89]) / 10
WEIGHTS = {"scores": 1.0, "boxes": 5.0, "bins": 1.0, "masks": 3.0, "points": 6.0, "seen": 0.5}
MASKS_OF_PICTURE = 24


def losses(levels, prototypes, batch: Batch) -> dict[str, torch.Tensor]:
    """Means by name, to be weighed by WEIGHTS. Outputs as of network.Network."""
    height, width = batch.pictures.shape[2:]
    middles, strides = (torch.from_numpy(a) for a in cells(height, width))
    boxes, logits, extra = (torch.cat([part.float().flatten(2) for part in parts], 2) for parts in zip(*levels))
    at = (batch.picture, slice(None), batch.cell)
    middle, stride = middles[batch.cell], strides[batch.cell]
    bins = boxes[at].view(-1, 4, BINS)
    distances = (bins.softmax(2) * torch.arange(BINS)).sum(2) * stride[:, None]
    found = torch.cat([middle - distances[:, :2], middle + distances[:, 2:]], 1)
    overlap, complete = iou(found, batch.boxes)

    target = torch.zeros_like(logits)
    quality = 0.3 + 0.7 * overlap.detach().clamp(0, 1)
    target[batch.picture, batch.labels, batch.cell] = quality
    total = quality.sum().clamp(min=1)
    parts = {
        "scores": F.binary_cross_entropy_with_logits(logits, target, reduction="sum") / total,
        "boxes": ((1 - complete) * quality).sum() / total,
        "bins": (distribution(bins, batch.boxes, middle, stride) * quality).sum() / total,
    }
    if prototypes is not None:
        parts["masks"] = masks(extra, prototypes.float(), batch)
    elif batch.keypoints.shape[1]:
        parts["points"], parts["seen"] = keypoints(extra[at], batch, middle, stride)
    return parts


def iou(a: torch.Tensor, b: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Row by row IoU and complete IoU of boxes (k, 4)."""
    size_a, size_b = (a[:, 2:] - a[:, :2]).clamp(min=1e-3), b[:, 2:] - b[:, :2]
    common = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    overlap = common / (size_a.prod(1) + size_b.prod(1) - common)
    hull = torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])
    apart = ((a[:, :2] + a[:, 2:] - b[:, :2] - b[:, 2:]) / 2).pow(2).sum(1) / hull.pow(2).sum(1)
    aspect = 4 / np.pi ** 2 * (torch.atan(size_a[:, 0] / size_a[:, 1]) - torch.atan(size_b[:, 0] / size_b[:, 1])).pow(2)
    weight = (aspect / (1 - overlap + aspect + 1e-7)).detach()
    return overlap, overlap - apart - weight * aspect


def distribution(bins: torch.Tensor, boxes: torch.Tensor, middle: torch.Tensor, stride: torch.Tensor) -> torch.Tensor:
    """Cross entropy with the two bins on either side of each true distance, mean of the four edges."""
    true = torch.cat([middle - boxes[:, :2], boxes[:, 2:] - middle], 1) / stride[:, None]
    true = true.clamp(0, BINS - 1.01)
    below = true.floor().long()
    logs = bins.log_softmax(2)
    lower, upper = (logs.gather(2, bin[..., None])[..., 0] for bin in (below, below + 1))
    share = true - below
    return -(lower * (1 - share) + upper * share).mean(1)


def masks(extra: torch.Tensor, prototypes: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Cross entropy within the boxes, over some of the cells of each picture."""
    values = []
    rows, columns = torch.arange(prototypes.shape[2]) * 4 + 2, torch.arange(prototypes.shape[3]) * 4 + 2
    for index in range(len(prototypes)):
        mine = torch.nonzero(batch.picture == index)[:, 0]
        mine = mine[torch.randperm(len(mine))[:MASKS_OF_PICTURE]]
        logits = torch.einsum("ck,chw->khw", extra[index][:, batch.cell[mine]], prototypes[index])
        truth = (batch.owners[index][None] == batch.number[mine][:, None, None]).float()
        left, top, right, bottom = batch.boxes[mine].T[:, :, None]
        down, across = (rows >= top) & (rows < bottom), (columns >= left) & (columns < right)
        inside = (down[:, :, None] & across[:, None]).float()
        value = F.binary_cross_entropy_with_logits(logits, truth, reduction="none") * inside
        values.append((value.sum((1, 2)) / inside.sum((1, 2)).clamp(min=1)))
    return torch.cat(values).mean()


def keypoints(raw: torch.Tensor, batch: Batch, middle: torch.Tensor, stride: torch.Tensor):
    """Of positions, by COCO's similarity with a tail that pulls from afar, and of visibility."""
    raw = raw.view(len(raw), -1, 3)
    found = stride[:, None, None] * (2 * raw[..., :2] - 0.5) + middle[:, None]
    known = (batch.keypoints[..., 2] > 0).float()
    distance = (found - batch.keypoints[..., :2]).pow(2).sum(2)
    error = distance / (2 * batch.areas[:, None] * (2 * SIGMAS).pow(2))
    value = 0.5 * (1 - torch.exp(-error)) + 0.5 * torch.log1p(error)
    points = ((value * known).sum(1) / known.sum(1).clamp(min=1)).mean()
    return points, F.binary_cross_entropy_with_logits(raw[..., 2], known)
