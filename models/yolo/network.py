"""A small convolutional network with the heads of YOLOv8: boxes, scores, and masks or key points."""
from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional as F

STRIDES = (8, 16, 32)
BINS = 16            # of the distance to each edge of a box, in strides
MEAN, DEVIATION = 114.75, 57.375


def conv(inputs: int, outputs: int, size: int = 3, stride: int = 1, padding: int | None = None) -> nn.Sequential:
    """Convolution, batch normalisation, ReLU."""
    padding = (size - 1) // 2 if padding is None else padding
    return nn.Sequential(nn.Conv2d(inputs, outputs, size, stride, padding, bias=False),
                         nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


class Residual(nn.Module):
    """x + two convolutions of x, through `inner` channels; the first is 1x1 where they are fewer."""

    def __init__(self, channels: int, inner: int):
        super().__init__()
        self.body = nn.Sequential(conv(channels, inner, 3 if inner == channels else 1),
                                  nn.Conv2d(inner, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))
        nn.init.zeros_(self.body[-1].weight)

    def forward(self, x):
        return F.relu(x + self.body(x))


class Context(nn.Module):
    """Adds to every cell what the whole picture says."""

    def __init__(self, channels: int):
        super().__init__()
        self.mix = nn.Sequential(nn.Conv2d(channels, channels // 2, 1), nn.ReLU(),
                                 nn.Conv2d(channels // 2, channels, 1))

    def forward(self, x):
        return x + self.mix(F.adaptive_avg_pool2d(x, 1))


@dataclass(frozen=True)
class Shape:
    """What a network tells of each cell beside its box."""
    classes: int
    extra: int              # values beside the scores: mask coefficients, or 3 for each key point
    prototypes: bool        # whether the coefficients are of prototypes at stride 4


class Network(nn.Module):
    """Normalised RGB (n, 3, h, w) to, for each stride, boxes (n, 64, ...), logits (n, classes, ...) and
    extra (n, extra, ...), and to prototypes (n, extra, h / 4, w / 4) or None; h and w are multiples of 32."""

    def __init__(self, shape: Shape, width: int = 64):
        super().__init__()
        self.shape = shape
        self.quarter = nn.Sequential(conv(3, 32, 7, 4, 2), conv(32, 32))
        self.eighth = nn.Sequential(conv(32, 64, 3, 2), Residual(64, 64))
        self.sixteenth = nn.Sequential(conv(64, 80, 3, 2), Residual(80, 80))
        self.coarsest = nn.Sequential(conv(80, 112, 3, 2), Residual(112, 56), Context(112))
        self.from_coarsest = conv(112, width, 1)
        self.from_sixteenth = nn.Conv2d(80, width, 1)
        self.from_eighth = nn.Conv2d(64, width, 1)
        self.merge_sixteenth, self.merge_eighth = conv(width, width), conv(width, width)
        self.boxes = nn.ModuleList(nn.Sequential(conv(width, 48), nn.Conv2d(48, 4 * BINS, 1)) for _ in STRIDES)
        self.rest = nn.ModuleList(nn.Sequential(conv(width, width), nn.Conv2d(width, shape.classes + shape.extra, 1))
                                  for _ in STRIDES)
        if shape.prototypes:
            self.proto_coarse, self.proto_fine = nn.Conv2d(width, 32, 1), nn.Conv2d(32, 32, 1)
            self.proto = nn.Sequential(conv(32, 32), nn.Conv2d(32, shape.extra, 1))
        for box, rest in zip(self.boxes, self.rest):
            nn.init.zeros_(box[-1].bias)
            nn.init.normal_(rest[-1].weight, 0, 0.01)
            nn.init.zeros_(rest[-1].bias)
            nn.init.constant_(rest[-1].bias[:shape.classes], -math.log(99))

    def forward(self, x):
        x4 = self.quarter(x)
        x8 = self.eighth(x4)
        x16 = self.sixteenth(x8)
        p32 = self.from_coarsest(self.coarsest(x16))
        p16 = self.merge_sixteenth(F.relu(_twice(p32) + self.from_sixteenth(x16)))
        p8 = self.merge_eighth(F.relu(_twice(p16) + self.from_eighth(x8)))
        levels = []
        for box, rest, features in zip(self.boxes, self.rest, (p8, p16, p32)):
            logits, extra = rest(features).split([self.shape.classes, self.shape.extra], 1)
            levels.append((box(features), logits, extra))
        if not self.shape.prototypes:
            return levels, None
        return levels, self.proto(F.relu(_twice(self.proto_coarse(p8)) + self.proto_fine(x4)))


def _twice(x: torch.Tensor) -> torch.Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def normalise(picture: torch.Tensor) -> torch.Tensor:
    """0..255 to the range that the network is trained on."""
    return (picture - MEAN) / DEVIATION
