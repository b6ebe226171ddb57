"""The training loop: AdamW, a cosine over a span of time, averaged weights; activations in bfloat16."""
from __future__ import annotations

import copy
import math
import time
from pathlib import Path

import numpy as np
import torch

from yolo.losses import WEIGHTS, losses
from yolo.network import Network, normalise
from yolo.pool import Pool
from yolo.targets import make_batch

WARM_UP = 0.03  # share of the time in which the rate rises


def vary(pictures: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Other exposure and colour of light for each picture."""
    count = len(pictures)
    gain = np.exp(random.normal(0, 0.06, (count, 3, 1, 1)) + random.normal(0, 0.15, (count, 1, 1, 1)))
    offset = random.normal(0, 8, (count, 1, 1, 1))
    return (pictures.float() * torch.from_numpy(gain).float() + torch.from_numpy(offset).float()).clamp_(0, 255)


def average(mean: Network, network: Network, step: int) -> None:
    """Draws the averaged weights towards those of `network`."""
    keep = min(0.998, (1 + step) / (10 + step))
    with torch.no_grad():
        for slow, fast in zip(mean.state_dict().values(), network.state_dict().values()):
            if slow.dtype.is_floating_point:
                slow.lerp_(fast, 1 - keep)
            else:
                slow.copy_(fast)


def fit(network: Network, pool: Pool, minutes: float, batch: int, rate: float, seed: int, mirror: bool,
        checkpoint: Path | None = None) -> Network:
    """Trains for `minutes`, however many steps these hold; the averaged network is the result.

    The averaged weights so far are written to `checkpoint` every two minutes."""
    torch.set_flush_denormal(True)
    random = np.random.default_rng(seed)
    network.train()
    mean = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.02)
    start, order, running, step, saved = time.monotonic(), np.empty(0, np.int64), {}, 0, 0.0
    while (spent := (time.monotonic() - start) / 60) < minutes:
        done = spent / minutes
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1, (done + 1e-3) / WARM_UP) * (0.01 + 0.495 * (1 + math.cos(math.pi * done)))
        if len(order) < batch:
            order = random.permutation(len(pool))
        picks, order = order[:batch], order[batch:]
        drawn = make_batch(pool, picks, mirror and random.random() < 0.5)
        x = normalise(vary(drawn.pictures, random)).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            levels, prototypes = network(x)
        parts = losses(levels, prototypes, drawn)
        value = sum(WEIGHTS[name] * part for name, part in parts.items())
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimiser.step()
        step += 1
        average(mean, network, step)
        for name, part in parts.items():
            running[name] = part.item() if step == 1 else 0.98 * running[name] + 0.02 * part.item()
        if step % 50 == 0:
            told = "  ".join(f"{name} {number:.3f}" for name, number in running.items())
            print(f"step {step}  {spent:.1f} of {minutes:.0f} min  {told}", flush=True)
        if checkpoint and spent - saved > 2:
            saved = spent
            torch.save(mean.state_dict(), checkpoint)
    torch.set_flush_denormal(False)
    print(f"{step} steps of {batch} scenes in {minutes:.0f} minutes", flush=True)
    return mean.eval()
