#!/usr/bin/env python3
"""Trains clip-tiny from nothing on drawn figures and captions, and writes its five files.

    python3 train.py                                         the shipped model
    python3 train.py --scenes 500 --minutes 1 --out /tmp     a quick look

Needs PyTorch, ONNX, NumPy, Pillow and regex; no GPU, no data set.
"""
from __future__ import annotations

import argparse
import math
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # idle threads sleep: other work keeps its cores

import numpy as np
import torch
from torch.nn import functional as F

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import bpe
import captions
import evaluate
import export
from drawn import FIRST_TRAINING_SEED, figures
from network import Clip

MERGES = 256       # at most; the captions have fewer
WARM_UP = 0.05     # share of the time in which the rate rises
HIGHEST_SCALE = math.log(100)


def render(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and their combinations, of the pairs that are not held out."""
    allowed = [index for index, what in enumerate(figures.COMBINATIONS) if not figures.held_out(what)]
    choices = np.random.default_rng(1).choice(allowed, count)
    pictures = np.stack([figures.render(FIRST_TRAINING_SEED + i, choice).picture for i, choice in enumerate(choices)])
    return pictures, choices


def tokens_of(tokenizer: bpe.Tokenizer, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids, filled up with 0, and where each end stands."""
    rows = [[tokenizer.ids[bpe.START], *tokenizer.encode(text), tokenizer.ids[bpe.END]] for text in texts]
    ids = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long)
    for index, row in enumerate(rows):
        ids[index, :len(row)] = torch.tensor(row)
    return ids, torch.tensor([len(row) - 1 for row in rows])


def vary(pictures: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
    """Other exposure of each picture."""
    gain = torch.from_numpy(np.exp(random.normal(0, 0.1, (len(pictures), 1, 1, 1)))).float()
    return (pictures.float() * gain).clamp_(0, 255)


def loss_of(clip: Clip, tokenizer: bpe.Tokenizer, pictures, choices, random) -> torch.Tensor:
    """Which text is each picture's, and which pictures are each text's; texts that are equal are one."""
    parts = captions.draw_parts(random)
    told = [captions.told(figures.COMBINATIONS[choice], parts) for choice in choices]
    distinct = sorted(set(told))
    texts = [captions.draw_wording(random).format(text) for text in distinct]
    right = torch.tensor([distinct.index(text) for text in told])
    vectors = clip.encode_texts(*tokens_of(tokenizer, texts))
    logits = clip.encode_pictures(pictures) @ vectors.T * clip.scale.exp()
    share = F.one_hot(right, len(distinct)).float()
    share = share / share.sum(0, keepdim=True)
    of_texts = -(share * logits.log_softmax(0)).sum(0).mean()
    return F.cross_entropy(logits, right) + of_texts


def fit(clip: Clip, tokenizer: bpe.Tokenizer, scenes: int, minutes: float, batch: int, rate: float, seed: int) -> None:
    """Trains for `minutes`, however many steps these hold."""
    random = np.random.default_rng(seed)
    pictures, choices = render(scenes)
    pictures = torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(clip.parameters(), lr=rate, weight_decay=0.05)
    start, order, step, running = time.monotonic(), np.empty(0, np.int64), 0, 0.0
    clip.train()
    while (spent := (time.monotonic() - start) / 60) < minutes:
        done = spent / minutes
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1, (done + 1e-3) / WARM_UP) * (0.01 + 0.495 * (1 + math.cos(math.pi * done)))
        if len(order) < batch:
            order = random.permutation(scenes)
        picks, order = order[:batch], order[batch:]
        value = loss_of(clip, tokenizer, vary(pictures[picks], random), choices[picks], random)
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        torch.nn.utils.clip_grad_norm_(clip.parameters(), 1.0)
        optimiser.step()
        with torch.no_grad():
            clip.scale.clamp_(max=HIGHEST_SCALE)
        step += 1
        running = value.item() if step == 1 else 0.98 * running + 0.02 * value.item()
        if step % 50 == 0:
            print(f"step {step}  {spent:.1f} of {minutes:.0f} min  loss {running:.3f}  scale {clip.scale.exp():.1f}",
                  flush=True)
    print(f"{step} steps of {batch} scenes in {minutes:.0f} minutes", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Render figures, train both encoders on them, write and measure them.")
    parser.add_argument("--scenes", type=int, default=20000, help="pictures to learn from")
    parser.add_argument("--minutes", type=float, default=20, help="time to train; more is better")
    parser.add_argument("--batch", type=int, default=64, help="pictures of a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1, help="start weights and order of batches")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads of PyTorch")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write the files to")
    arguments = parser.parse_args()
    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    merges = bpe.learn(captions.all_texts(), MERGES)
    tokenizer = bpe.Tokenizer(merges)
    clip = Clip(len(tokenizer.ids))
    print(f"{sum(p.numel() for p in clip.parameters())} parameters, {len(tokenizer.ids)} tokens", flush=True)
    fit(clip, tokenizer, arguments.scenes, arguments.minutes, arguments.batch, arguments.rate, arguments.seed)
    export.write(clip.eval(), merges, arguments.out)
    print(evaluate.report(arguments.out))


if __name__ == "__main__":
    main()
