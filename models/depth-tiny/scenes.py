#!/usr/bin/env python3
"""Pictures with true depth, made from a number.

    rgb, depth = render(seed)      # uint8 (256, 320, 3), float32 (256, 320) in metres
    python3 scenes.py --seed 7 --out preview/

`depth` is planar (along the optical axis), within NEAR_M..FAR_M; sky has FAR_M. The same seed and
size give the same picture. Needs NumPy; the command line needs Pillow too.
"""
from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
from synth import geometry, layout, lens, light as lighting  # noqa: E402

NEAR_M = 0.2
FAR_M = 30.0


def _start(seed: int) -> tuple[str, np.random.Generator]:
    random = np.random.default_rng(seed)
    names = list(layout.KINDS)
    return names[random.choice(len(names), p=[layout.KINDS[name][1] for name in names])], random


def kind(seed: int) -> str:
    """Which of layout.KINDS the scene of `seed` is."""
    return _start(seed)[0]


def render(seed: int, height: int = 256, width: int = 320) -> tuple[np.ndarray, np.ndarray]:
    """The scene of `seed`: RGB uint8 (height, width, 3) and depth float32 (height, width), metres."""
    name, random = _start(seed)
    camera, solids, light = layout.KINDS[name][0](random, (height, width))
    depth, owner, rays = geometry.cast(camera, solids)
    linear = lighting.shade(camera, solids, light, depth, owner, rays)
    depth = np.clip(depth, NEAR_M, FAR_M)
    picture = lens.photograph(linear, depth, random)
    if random.random() < 0.5:
        picture, depth = picture[:, ::-1], depth[:, ::-1]
    return np.ascontiguousarray(picture), np.ascontiguousarray(depth)


def depth_preview(depth: np.ndarray) -> np.ndarray:
    """Grey uint8 picture of log depth, near is bright."""
    share = np.log(FAR_M / depth) / np.log(FAR_M / NEAR_M)
    return (np.clip(share, 0, 1) * 255).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write one generated scene as scene-N.png and depth-N.png.")
    parser.add_argument("--seed", type=int, default=7, help="which scene; any whole number >= 0")
    parser.add_argument("--out", type=Path, default=Path("."), help="folder to write to; made if missing")
    arguments = parser.parse_args()

    from PIL import Image

    arguments.out.mkdir(parents=True, exist_ok=True)
    picture, depth = render(arguments.seed)
    Image.fromarray(picture).save(arguments.out / f"scene-{arguments.seed}.png")
    Image.fromarray(depth_preview(depth)).save(arguments.out / f"depth-{arguments.seed}.png")
    print(f"scene {arguments.seed}: depth {depth.min():.2f} to {depth.max():.2f} m, in {arguments.out}")


if __name__ == "__main__":
    main()
