#!/usr/bin/env python3
"""Trains depth-tiny from nothing on generated scenes and writes depth-tiny.onnx.

    python3 train.py                                  the shipped model
    python3 train.py --scenes 400 --steps 200 --full-scenes 50 --full-steps 20 --out /tmp/try.onnx
                                                      a quick look that all works

Needs PyTorch, ONNX and NumPy; no GPU, no data set. Scenes are rendered into memory, then drawn in
batches, varied a little and learned: first many at half size, which costs a quarter, then fewer at
the size of use.
"""
from __future__ import annotations

import argparse
import functools
import multiprocessing
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # idle threads sleep: other work keeps its cores

import numpy as np
import onnx
import torch
from torch.nn import functional as F

import evaluate
import metrics
import runner
import scenes
from network import DepthNet, Exported, normalise

FIRST_TRAINING_SEED = 1_000_000
SKY_LOG_DEPTH = float(np.log(scenes.FAR_M * 0.985))
BEYOND = float(np.log(scenes.FAR_M * 1.1))
HERE = Path(__file__).resolve().parent


def render_half(seed: int, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """A scene with log depth averaged over 2x2 pixels, the resolution that the network predicts."""
    picture, depth = scenes.render(seed, height, width)
    log_depth = np.log(depth).reshape(height // 2, 2, width // 2, 2).mean((1, 3))
    return picture, log_depth.astype(np.float16)


def render_pool(first: int, count: int, height: int, width: int, workers: int) -> tuple[torch.Tensor, torch.Tensor]:
    """`count` scenes from seed `first`: uint8 (n, height, width, 3), float16 log depth (n, height / 2, width / 2)."""
    start = time.monotonic()
    pictures = np.empty((count, height, width, 3), np.uint8)
    depths = np.empty((count, height // 2, width // 2), np.float16)
    seeds = range(first, first + count)
    render = functools.partial(render_half, height=height, width=width)
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        for index, (picture, depth) in enumerate(pool.imap(render, seeds, chunksize=16)):
            pictures[index], depths[index] = picture, depth
    print(f"rendered {count} scenes of {height}x{width} in {time.monotonic() - start:.0f} s", flush=True)
    return torch.from_numpy(pictures), torch.from_numpy(depths)


def vary(picture: torch.Tensor, log_depth: torch.Tensor, random: np.random.Generator):
    """Flip and recolour a batch. No zoom: the scenes share one lens, and zoom would break its scale."""
    if random.random() < 0.5:
        picture, log_depth = picture.flip(3), log_depth.flip(3)
    count = picture.shape[0]
    gain = torch.from_numpy(np.exp(random.normal(0, 0.08, (count, 3, 1, 1)) + random.normal(0, 0.2, (count, 1, 1, 1))))
    offset = torch.from_numpy(random.normal(0, 10, (count, 1, 1, 1)))
    return (picture * gain.float() + offset.float()).clamp_(0, 255), log_depth


def loss(raw: torch.Tensor, log_depth: torch.Tensor) -> torch.Tensor:
    """Relative depth, its edges, and a little of the absolute scale.

    raw (n, 1, h, w) network output, log_depth the same shape. Sky is to lie a little beyond FAR_M, or
    farther: the limit in the exported graph then gives all of it one value.
    """
    predicted = -torch.log(10 * torch.sigmoid(raw) + 0.009)
    sky = log_depth > SKY_LOG_DEPTH
    error = torch.where(sky, (predicted - BEYOND).clamp(max=0), predicted - log_depth)
    shift = error.mean((1, 2, 3))
    centred = error - shift[:, None, None, None]
    spread = centred.pow(2).mean((1, 2, 3))
    return 0.5 * ((spread + 1e-4).sqrt() + 0.6 * shift.abs()).mean() + centred.abs().mean() + edges(error)


def edges(error: torch.Tensor) -> torch.Tensor:
    """Mean absolute slope of the error over steps of 1, 2, 4, 8 and 16 pixels."""
    total = 0.0
    for step in (1, 2, 4, 8, 16):
        across = (error[..., step:] - error[..., :-step]).abs().mean()
        down = (error[..., step:, :] - error[..., :-step, :]).abs().mean()
        total = total + across + down
    return total / 10


def fit(network: DepthNet, pool, steps: int, batch: int, rate: float, seed: int) -> None:
    """Trains in place: AdamW, one warm-up and a cosine down to zero, `steps` batches."""
    pictures, depths = pool
    torch.set_flush_denormal(True)
    random = np.random.default_rng(seed)
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, rate, total_steps=steps, pct_start=0.1)
    network.train()
    order, start, running = np.empty(0, np.int64), time.monotonic(), 0.0
    for step in range(1, steps + 1):
        if len(order) < batch:
            order = random.permutation(len(pictures))
        pick, order = torch.from_numpy(order[:batch]), order[batch:]
        picture, log_depth = vary(pictures[pick].permute(0, 3, 1, 2).float(), depths[pick][:, None].float(), random)
        value = loss(network(normalise(picture)), log_depth)
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        running = value.item() if step == 1 else 0.98 * running + 0.02 * value.item()
        if step % 100 == 0 or step == steps:
            print(f"step {step}/{steps}  loss {running:.4f}  {time.monotonic() - start:.0f} s", flush=True)
    torch.set_flush_denormal(False)


def export(network: DepthNet, path: Path) -> None:
    """Writes the graph with normalisation, upsampling and the far limit inside, and checks it."""
    lowest = float(metrics.depth_to_raw(scenes.FAR_M))
    torch.onnx.export(
        Exported(network, lowest).eval(), torch.zeros(1, 256, 320, 3, dtype=torch.uint8), str(path),
        input_names=["input"], output_names=["output"], opset_version=13,
    )
    onnx.checker.check_model(onnx.load(str(path)), full_check=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Render scenes, train the depth network on them, write and measure the ONNX file. "
        "The defaults make the shipped model."
    )
    parser.add_argument("--scenes", type=int, default=10000,
                        help="scenes of 128x160 to learn from first; more variety, more memory (0.07 MB each)")
    parser.add_argument("--steps", type=int, default=4500, help="batches of 32 small scenes")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate on small scenes")
    parser.add_argument("--full-scenes", type=int, default=4000, help="scenes of 256x320 to finish on (0.3 MB each)")
    parser.add_argument("--full-steps", type=int, default=2000, help="batches of 16 full-size scenes")
    parser.add_argument("--full-rate", type=float, default=1e-3, help="highest learning rate on full-size scenes")
    parser.add_argument("--seed", type=int, default=1, help="start weights and order of batches")
    parser.add_argument("--workers", type=int, default=2, help="render processes")
    parser.add_argument("--threads", type=int, default=1,
                        help="CPU threads of PyTorch; 2 is faster on an idle machine, slower beside other work")
    parser.add_argument("--test-scenes", type=int, default=200, help="unseen scenes to measure at the end")
    parser.add_argument("--out", type=Path, default=HERE / "depth-tiny.onnx", help="file to write")
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    network = DepthNet().to(memory_format=torch.channels_last)
    print(f"network has {sum(p.numel() for p in network.parameters())} parameters", flush=True)
    small = render_pool(FIRST_TRAINING_SEED, arguments.scenes, 128, 160, arguments.workers)
    fit(network, small, arguments.steps, 32, arguments.rate, arguments.seed)
    fresh = FIRST_TRAINING_SEED + arguments.scenes
    full = render_pool(fresh, arguments.full_scenes, 256, 320, arguments.workers)
    fit(network, full, arguments.full_steps, 16, arguments.full_rate, arguments.seed + 1)
    export(network, arguments.out)
    seeds = range(arguments.test_scenes)
    rows, _ = evaluate.score(runner.load(arguments.out), seeds)
    print(f"{arguments.out.name}: {arguments.out.stat().st_size} bytes; {evaluate.report(rows)}")
    print(evaluate.by_kind(rows, seeds))


if __name__ == "__main__":
    main()
