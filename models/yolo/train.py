"""The command line of a training, from rendered scenes to the ONNX files and their scores."""
from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Callable

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # idle threads sleep: other work keeps its cores

import torch

from drawn import FIRST_TRAINING_SEED
from yolo import export, fit, pool
from yolo.network import Network, Shape


def run(description: str, scene_of: Callable, shape: Shape, mirror: bool, files: dict[str, bool], folder: Path,
        measure: Callable[[Path], str]) -> None:
    """Trains, writes `files` (with the extra outputs or without) and prints what `measure` says of their folder."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--scenes", type=int, default=10000, help="scenes to learn from (0.2 MB of memory each)")
    parser.add_argument("--minutes", type=float, default=40, help="time to train; more is better")
    parser.add_argument("--batch", type=int, default=16, help="scenes of a step")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1, help="start weights and order of batches")
    parser.add_argument("--workers", type=int, default=2, help="render processes")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads of PyTorch")
    parser.add_argument("--pool", type=Path, help="an .npz to keep the rendered scenes in, for the next time")
    parser.add_argument("--checkpoint", type=Path, help="a file for the averaged weights, every two minutes")
    parser.add_argument("--weights", type=Path, help="export this checkpoint instead of training")
    parser.add_argument("--out", type=Path, default=folder, help="folder to write the ONNX files to")
    arguments = parser.parse_args()

    torch.manual_seed(arguments.seed)
    torch.set_num_threads(arguments.threads)
    network = Network(shape).to(memory_format=torch.channels_last)
    print(f"network has {sum(p.numel() for p in network.parameters())} parameters", flush=True)
    if arguments.weights:
        network.load_state_dict(torch.load(arguments.weights))
    else:
        scenes = pool.kept(arguments.pool, scene_of, FIRST_TRAINING_SEED, arguments.scenes, arguments.workers)
        network = fit.fit(network, scenes, arguments.minutes, arguments.batch, arguments.rate, arguments.seed,
                          mirror, arguments.checkpoint)
    for name, extra in files.items():
        export.write(network, arguments.out / name, extra)
        print(f"{name}: {(arguments.out / name).stat().st_size} bytes", flush=True)
    print(measure(arguments.out))
