#!/usr/bin/env python3
"""Trains face-tiny from nothing on drawn faces and writes face-tiny.onnx.

    python3 train.py                                       the shipped model
    python3 train.py --people 100 --minutes 1 --out /tmp   a quick look

Needs PyTorch, ONNX, NumPy and Pillow; no GPU, no data set.
"""
from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional as F

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import evaluate  # noqa: E402
from drawn import faces  # noqa: E402

FIRST = 1_000_000  # of the people that training knows
DIMENSION = 512    # as ArcFace with MobileFaceNet on the chip
SCALE, MARGIN = 24.0, 0.25  # CosFace (Wang et al. 2018)
BATCH = 64


def convolution(given, made, stride=1, size=3, groups=1):
    return nn.Sequential(nn.Conv2d(given, made, size, stride, size // 2, groups=groups, bias=False), nn.BatchNorm2d(made))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(convolution(width, width), nn.ReLU(), convolution(width, width))

    def forward(self, x):
        return F.relu(x + self.body(x))


class Network(nn.Module):
    """float32 (n, 3, 112, 112), (x - 127.5) / 127.5, to (n, 512)."""

    def __init__(self):
        super().__init__()
        layers = []
        for given, made, blocks in ((3, 16, 0), (16, 32, 0), (32, 64, 1), (64, 112, 1)):
            layers += [convolution(given, made, 2), nn.ReLU(), *(Block(made) for _ in range(blocks))]
        self.body = nn.Sequential(*layers)
        # One weight for each place and channel, as in MobileFaceNet.
        self.spread = nn.Sequential(nn.Conv2d(112, 112, 7, groups=112, bias=False), nn.BatchNorm2d(112))
        self.embed = nn.Sequential(nn.Conv2d(112, DIMENSION, 1, bias=False), nn.BatchNorm2d(DIMENSION))

    def forward(self, x):
        return self.embed(self.spread(self.body(x))).flatten(1)


class Exported(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, picture):
        return self.network((picture.permute(0, 3, 1, 2).float() - 127.5) / 127.5)


def write(network, path):
    graph = Exported(network.eval()).eval()
    torch.onnx.export(graph, torch.zeros(1, faces.SIDE, faces.SIDE, 3, dtype=torch.uint8), str(path),
                      input_names=["input"], output_names=["fc1"], opset_version=13)
    onnx.checker.check_model(onnx.load(str(path)), full_check=True)


def pictures(people, looks):
    """uint8 (people x looks, 112, 112, 3)."""
    made = np.empty((people * looks, faces.SIDE, faces.SIDE, 3), np.uint8)
    for person in range(people):
        who = faces.identity(FIRST + person)
        for look in range(looks):
            made[person * looks + look] = faces.render(who, (FIRST + person) * 1000 + look)
    return made


def varied(batch, random):
    """Other light, colours and places, so that a picture is never seen twice."""
    x = torch.from_numpy(batch).permute(0, 3, 1, 2).float()
    n = len(x)
    uniform = lambda low, high, *shape: torch.from_numpy(random.uniform(low, high, (n, *shape)).astype(np.float32))  # noqa: E731
    x = (x - 127.5) * uniform(0.8, 1.2, 1, 1, 1) + 127.5 * uniform(0.8, 1.2, 3, 1, 1)
    turn, size = uniform(-0.06, 0.06), uniform(0.95, 1.05)
    theta = torch.stack([torch.stack([size * torch.cos(turn), -size * torch.sin(turn), uniform(-0.04, 0.04)], 1),
                         torch.stack([size * torch.sin(turn), size * torch.cos(turn), uniform(-0.04, 0.04)], 1)], 1)
    x = F.grid_sample(x, F.affine_grid(theta, list(x.shape), align_corners=False), padding_mode="border", align_corners=False)
    return (x.clamp(0, 255) - 127.5) / 127.5


def fit(network, made, people, minutes):
    random, looks = np.random.default_rng(1), len(made) // people
    weights = nn.Parameter(torch.randn(people, DIMENSION) * 0.05)
    optimiser = torch.optim.AdamW([*network.parameters(), weights], lr=2e-3, weight_decay=1e-4)
    begin, step, lines = time.monotonic(), 0, time.monotonic()
    network.train()
    while (share := (time.monotonic() - begin) / (60 * minutes)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = 2e-3 * min(1, step / 100 + 0.01) * (0.5 + 0.5 * math.cos(math.pi * share)) + 1e-5
        chosen = random.integers(0, len(made), BATCH)
        labels = torch.from_numpy(chosen // looks)
        cosines = F.normalize(network(varied(made[chosen], random))) @ F.normalize(weights).T
        logits = SCALE * (cosines - MARGIN * F.one_hot(labels, people))
        loss = F.cross_entropy(logits, labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        step += 1
        if time.monotonic() - lines > 30:
            lines = time.monotonic()
            right = (cosines.argmax(1) == labels).float().mean()
            print(f"{share:4.0%}  step {step}  loss {loss.item():.3f}  right {right:.2f}", flush=True)
    return step


def main():
    parser = argparse.ArgumentParser(description="Render faces, train the network on them, write and measure the ONNX file.")
    parser.add_argument("--people", type=int, default=1500)
    parser.add_argument("--looks", type=int, default=12, help="pictures of each")
    parser.add_argument("--minutes", type=float, default=18)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE)
    arguments = parser.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(arguments.threads)
    network = Network()
    print(sum(p.numel() for p in network.parameters()), "parameters", flush=True)
    made = pictures(arguments.people, arguments.looks)
    print(len(made), "pictures", flush=True)
    steps = fit(network, made, arguments.people, arguments.minutes)
    write(network, arguments.out / evaluate.FACE)
    print(steps, "steps")
    print(evaluate.report(arguments.out))


if __name__ == "__main__":
    main()
