"""Scenes of one figure that has a size, a colour and a shape, and so a caption.

    scene = render(seed)            # see canvas.Scene; labels[0] is the index in COMBINATIONS
    scene = render(seed, choice)    # of COMBINATIONS[choice]
    caption(COMBINATIONS[choice])   # "a small red circle"

Pairs of colour and shape for which held_out() is true are in no picture that clip-tiny learns from, in either size.
"""
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from drawn import canvas, things
from drawn.canvas import Canvas, Part, Scene

SIZES = {"small": (0.22, 0.32), "large": (0.5, 0.75)}  # larger side in shares of the picture's
COLOURS = {  # hue, saturation, value
    "red": (0.995, 0.9, 0.85), "yellow": (0.155, 0.9, 0.95), "green": (0.35, 0.85, 0.65), "blue": (0.62, 0.85, 0.85),
    "purple": (0.78, 0.75, 0.7), "orange": (0.075, 0.95, 0.97), "white": (0.1, 0.02, 0.98), "black": (0.6, 0.1, 0.08)}
BACKGROUND = (80, 176)  # greyish, so that every colour is seen on it


def _square():
    return [(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)]


def _triangle():
    return [(0, -0.9), (1, 0.8), (-1, 0.8)]


def _outline(kind) -> np.ndarray:
    return kind()[0][1]


class Shape(NamedTuple):
    outline: object  # (n, 2), in -1..1
    turn: float      # at most, in degrees to either side


SHAPES = {
    "circle": Shape(_outline(things._ball), 180), "square": Shape(_square(), 15), "triangle": Shape(_triangle(), 15),
    "star": Shape(_outline(things._star5), 25), "heart": Shape(_outline(things._heart), 25),
    "cross": Shape(_outline(things._cross), 15), "ring": Shape(_outline(things._ring), 180),
    "moon": Shape(_outline(things._moon), 25), "arrow": Shape(_outline(things._arrow), 25),
    "house": Shape(_outline(things._house), 15)}


class Combination(NamedTuple):
    size: str
    colour: str
    shape: str


COMBINATIONS = [Combination(size, colour, shape) for size in SIZES for colour in COLOURS for shape in SHAPES]


def caption(what: Combination) -> str:
    article = "an" if what.size[0] in "aeiou" else "a"
    return f"{article} {what.size} {what.colour} {what.shape}"


def held_out(what: Combination) -> bool:
    """A fifth of the pairs of colour and shape: two of each colour, one or two of each shape."""
    return (list(COLOURS).index(what.colour) + list(SHAPES).index(what.shape)) % 5 == 0


def _figure(random: np.random.Generator, what: Combination, height: int, width: int) -> Part:
    shape = SHAPES[what.shape]
    stretch = np.exp(random.normal(0, 0.05, 2)) * random.uniform(*SIZES[what.size]) * min(height, width) / 2
    angle = np.radians(random.uniform(-shape.turn, shape.turn))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    reach = np.abs(np.asarray(shape.outline) * stretch @ turn).max(0)
    centre = random.uniform(reach, np.maximum([width, height] - reach, reach))
    return Part(np.asarray(shape.outline) * stretch @ turn + centre, _paint(random, what.colour))


def _paint(random: np.random.Generator, name: str) -> tuple[int, int, int]:
    hue, saturation, value = COLOURS[name]
    return canvas.colour(random, hue, saturation, value, spread=0.4)


def render(seed: int, choice: int | None = None, height: int = 64, width: int = 64) -> Scene:
    """The scene of `seed`."""
    random = np.random.default_rng([seed, 3])
    if choice is None:
        choice = int(random.integers(len(COMBINATIONS)))
    scene = Canvas(random, height, width, BACKGROUND)
    while not scene.place([_figure(random, COMBINATIONS[choice], height, width)], choice, inside=0.98):
        pass
    return scene.photograph()
