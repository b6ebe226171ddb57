#!/usr/bin/env python3
"""Measures depth-tiny.onnx on generated scenes that training never sees.

    python3 evaluate.py                       200 scenes, prints the numbers of the model card
    python3 evaluate.py --scenes 20 --each    and one line a scene
"""
from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Callable

import numpy as np

import metrics
import scenes

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
import runner  # noqa: E402


def score(run: Callable[[np.ndarray], dict[str, np.ndarray]], seeds, each: bool = False) -> tuple[np.ndarray, float]:
    """(abs_rel, spearman) a scene, shape (n, 2), and the mean milliseconds of one run."""
    rows, spent = [], 0.0
    for seed in seeds:
        picture, truth = scenes.render(seed)
        start = time.perf_counter()
        raw = run(picture[None])["output"]
        spent += time.perf_counter() - start
        depth = metrics.raw_to_depth(raw.reshape(truth.shape))
        rows.append((metrics.abs_rel(depth, truth), metrics.spearman(depth, truth)))
        if each:
            print(f"scene {seed:6d}  abs-rel {rows[-1][0]:.3f}  spearman {rows[-1][1]:.3f}")
    return np.array(rows), 1000 * spent / len(rows)


def report(rows: np.ndarray) -> str:
    """One line with means, and the medians and worst tenth behind them."""
    relative, order = rows.T
    return (
        f"{len(rows)} unseen scenes: abs-rel {relative.mean():.4f} (median {np.median(relative):.4f}, "
        f"worst tenth from {np.quantile(relative, 0.9):.4f}), spearman {order.mean():.4f} "
        f"(median {np.median(order):.4f}, worst tenth to {np.quantile(order, 0.1):.4f})"
    )


def by_kind(rows: np.ndarray, seeds) -> str:
    """Scenes and means of both numbers, one line for each kind of scene."""
    kinds = np.array([scenes.kind(seed) for seed in seeds])
    lines = (f"{name:9} {(kinds == name).sum():4} scenes  abs-rel {a:.4f}  spearman {s:.4f}"
             for name in np.unique(kinds) for a, s in [rows[kinds == name].mean(0)])
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Compare the model with true depth on unseen scenes. abs-rel is the mean relative error "
        "after the median is aligned (lower is better); spearman compares the order of depths (1 is perfect)."
    )
    parser.add_argument("--model", type=Path, default=HERE / "depth-tiny.onnx", help="ONNX file to measure")
    parser.add_argument("--scenes", type=int, default=200, help="how many scenes; more is steadier")
    parser.add_argument("--first-seed", type=int, default=0, help="training uses seeds from 1000000 up; stay below")
    parser.add_argument("--each", action="store_true", help="print a line for every scene")
    arguments = parser.parse_args()
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.scenes)
    rows, milliseconds = score(runner.load(arguments.model), seeds, arguments.each)
    print(report(rows))
    print(by_kind(rows, seeds))
    print(f"one run takes {milliseconds:.1f} ms here")


if __name__ == "__main__":
    main()
