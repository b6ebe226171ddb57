"""The network: an encoder to stride 32 and a decoder back, with plain 3x3 and depthwise convolutions."""
from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

MEAN, DEVIATION = 114.75, 57.375


def conv(inputs: int, outputs: int, size: int = 3, stride: int = 1, groups: int = 1, relu: bool = True) -> nn.Sequential:
    """Convolution, batch normalisation and, if asked, ReLU. Keeps height and width / stride."""
    layers = [
        nn.Conv2d(inputs, outputs, size, stride, (size - 1) // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
    ]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if relu else nn.Sequential(*layers)


class Plain(nn.Module):
    """Residual block of two 3x3 convolutions."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = nn.Sequential(conv(channels, channels), conv(channels, channels, relu=False))

    def forward(self, x):
        return F.relu(x + self.body(x))


class Wide(nn.Module):
    """Residual block with a 5x5 depthwise convolution and a two-fold 1x1 expansion."""

    def __init__(self, channels: int):
        super().__init__()
        self.body = nn.Sequential(
            conv(channels, channels, 5, groups=channels, relu=False),
            conv(channels, 2 * channels, 1),
            conv(2 * channels, channels, 1, relu=False),
        )

    def forward(self, x):
        return x + self.body(x)


class Place(nn.Module):
    """Adds learned slopes down and across: height in the picture is the best single hint of depth."""

    def __init__(self, channels: int):
        super().__init__()
        self.down = nn.Parameter(0.5 * torch.randn(1, channels, 1, 1))
        self.across = nn.Parameter(0.5 * torch.randn(1, channels, 1, 1))

    def forward(self, x):
        down, across = (torch.from_numpy(np.linspace(-1, 1, int(n), dtype=np.float32)) for n in x.shape[2:])
        return x + (self.down * down[:, None] + self.across * across)


class Context(nn.Module):
    """Adds to every pixel what the whole picture says."""

    def __init__(self, channels: int):
        super().__init__()
        self.mix = nn.Sequential(
            nn.Conv2d(channels, channels // 2, 1), nn.ReLU(), nn.Conv2d(channels // 2, channels, 1)
        )

    def forward(self, x):
        return x + self.mix(F.adaptive_avg_pool2d(x, 1))


class Merge(nn.Module):
    """Doubles a coarse map, adds the finer skip and smooths the sum."""

    def __init__(self, coarse: int, skip: int, outputs: int):
        super().__init__()
        self.from_coarse = conv(coarse, outputs, 1, relu=False)
        self.from_skip = conv(skip, outputs, 1, relu=False)
        self.body = conv(outputs, outputs)

    def forward(self, coarse, skip):
        up = F.interpolate(self.from_coarse(coarse), scale_factor=2.0, mode="nearest")
        return self.body(F.relu(up + self.from_skip(skip)))


class DepthNet(nn.Module):
    """Normalised RGB (n, 3, h, w) to raw depth (n, 1, h / 2, w / 2); h and w are multiples of 32."""

    def __init__(self):
        super().__init__()
        self.quarter = conv(3, 24, 7, 4)
        self.eighth = nn.Sequential(conv(24, 48, 3, 2), Place(48), Plain(48))
        self.sixteenth = nn.Sequential(conv(48, 88, 3, 2), Place(88), Wide(88), Wide(88), Wide(88))
        self.coarsest = nn.Sequential(conv(88, 104, 3, 2), Wide(104), Wide(104), Context(104), Wide(104))
        self.to_sixteenth = Merge(104, 88, 64)
        self.to_eighth = Merge(64, 48, 48)
        self.to_quarter = Merge(48, 24, 24)
        self.head = nn.Conv2d(24, 4, 3, padding=1)
        nn.init.constant_(self.head.bias, -4.0)
        for block in self.modules():
            if isinstance(block, (Plain, Wide)):
                nn.init.zeros_(block.body[-1][1].weight)

    def forward(self, x):
        x4 = self.quarter(x)
        x8 = self.eighth(x4)
        x16 = self.sixteenth(x8)
        x = self.to_sixteenth(self.coarsest(x16), x16)
        x = self.to_quarter(self.to_eighth(x, x8), x4)
        return F.pixel_shuffle(self.head(x), 2)


class Exported(nn.Module):
    """The shipped graph: uint8 (1, 256, 320, 3) to float32 (1, 256, 320, 1), not below `lowest`."""

    def __init__(self, network: DepthNet, lowest: float):
        super().__init__()
        self.network, self.lowest = network, lowest

    def forward(self, picture):
        x = normalise(picture.permute(0, 3, 1, 2).float())
        raw = F.interpolate(self.network(x), scale_factor=2.0, mode="bilinear", align_corners=False)
        return raw.clamp(min=self.lowest).permute(0, 2, 3, 1)


def normalise(picture: torch.Tensor) -> torch.Tensor:
    """0..255 to the range that the network was trained on."""
    return (picture - MEAN) / DEVIATION
