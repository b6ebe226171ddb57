"""Scenes of twelve kinds of things that lie over each other in every size and turn.

    scene = render(seed)      # see canvas.Scene; labels are indices of NAMES
"""
from __future__ import annotations

from typing import Callable, NamedTuple

import numpy as np

from drawn import canvas
from drawn.canvas import Canvas, Part, Scene

SIZES = (22.0, 120.0)  # larger side before turning, in pixels of 256
COUNTS = (4, 12)
ANY_COLOUR = 0.15      # share of things in a colour that is not usual for them


def _circle(radius: float, count: int = 28, x: float = 0, y: float = 0) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return radius * np.stack([np.cos(turn), np.sin(turn)], 1) + (x, y)


def _sector(radius: float, begin: float, end: float) -> np.ndarray:
    turn = np.radians(np.linspace(begin, end, 9))
    return np.vstack([[0, 0], radius * np.stack([np.cos(turn), np.sin(turn)], 1)])


def _star(points: int, inner: float) -> np.ndarray:
    turn = np.arange(2 * points) * np.pi / points - np.pi / 2
    radius = np.where(np.arange(2 * points) % 2, inner, 1.0)
    return radius[:, None] * np.stack([np.cos(turn), np.sin(turn)], 1)


def _ball():
    return [("main", _circle(1)), *(("second", _sector(0.95, a, a + 60)) for a in (0, 120, 240))]


def _crate():
    plank = [(-0.7, 0.45), (-0.7, 0.7), (-0.45, 0.7), (0.7, -0.45), (0.7, -0.7), (0.45, -0.7)]
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    return [("main", square), ("dark", 0.7 * square), ("main", plank)]


def _star5():
    return [("main", _star(5, 0.45)), ("light", _star(5, 0.45) * 0.5)]


def _sign():
    outer = np.array([(0, -1), (1, 0.8), (-1, 0.8)])
    bar = [(-0.1, -0.25), (0.1, -0.25), (0.06, 0.3), (-0.06, 0.3)]
    return [("main", outer), ("white", outer * 0.62 + (0, 0.08)), ("black", bar), ("black", _circle(0.09, 10, 0, 0.45))]


def _cross():
    a = 0.36
    return [("main", [(-a, -1), (a, -1), (a, -a), (1, -a), (1, a), (a, a),
                      (a, 1), (-a, 1), (-a, a), (-1, a), (-1, -a), (-a, -a)])]


def _ring():
    outer, inner = _circle(1, 33), _circle(0.5, 33)
    body = np.vstack([outer, outer[:1], inner[:1], inner[::-1]])
    parts = [("main", body)]
    for begin in (20, 110, 200, 290):
        turn = np.radians(np.linspace(begin, begin + 40, 7))
        arc = np.stack([np.cos(turn), np.sin(turn)], 1)
        parts.append(("white", np.vstack([0.97 * arc, 0.53 * arc[::-1]])))
    return parts


def _heart():
    t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    x = 16 * np.sin(t) ** 3
    y = -(13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t))
    outline = np.stack([x / 16, (y + 2.5) / 15], 1)
    return [("main", outline), ("light", _circle(0.16, 12, -0.45, -0.4))]


def _moon():
    outer = np.radians(np.linspace(50, 310, 30))
    inner = np.radians(np.linspace(290, 70, 24))
    return [("main", np.vstack([np.stack([np.cos(outer), np.sin(outer)], 1),
                                np.stack([0.38 + 0.8 * np.cos(inner), 0.8 * np.sin(inner)], 1)]) + (0.2, 0))]


def _arrow():
    return [("main", [(1, 0), (0.2, -0.75), (0.2, -0.3), (-1, -0.3), (-1, 0.3), (0.2, 0.3), (0.2, 0.75)])]


def _house():
    body = [(-0.75, -0.15), (-1, -0.15), (0, -1), (1, -0.15), (0.75, -0.15), (0.75, 0.9), (-0.75, 0.9)]
    return [("main", body), ("second", [(-1, -0.15), (0, -1), (1, -0.15)]),
            ("dark", [(-0.15, 0.9), (-0.15, 0.3), (0.2, 0.3), (0.2, 0.9)]),
            ("window", [(-0.6, 0.1), (-0.3, 0.1), (-0.3, 0.45), (-0.6, 0.45)]),
            ("window", [(0.35, 0.1), (0.6, 0.1), (0.6, 0.45), (0.35, 0.45)])]


def _tree():
    left = [(0, -1), (-0.4, -0.45), (-0.22, -0.45), (-0.6, 0.1), (-0.35, 0.1), (-0.8, 0.65), (-0.14, 0.65), (-0.14, 1)]
    outline = np.vstack([left, np.array(left[:0:-1]) * (-1, 1)])
    return [("main", outline), ("trunk", [(-0.14, 0.65), (0.14, 0.65), (0.14, 1), (-0.14, 1)])]


def _fish():
    turn = np.radians(np.linspace(20, 340, 30))
    body = np.stack([0.7 * np.cos(turn + np.pi) + 0.3, 0.55 * np.sin(turn + np.pi)], 1)
    outline = np.vstack([body, [(-1, 0.55), (-0.85, 0), (-1, -0.55)]])
    outline = np.vstack([outline[:30], outline[30:][::-1]])
    return [("main", outline), ("second", [(0.1, -0.48), (0.3, -0.5), (0.3, 0.5), (0.1, 0.48)]),
            ("white", _circle(0.14, 12, 0.62, -0.12)), ("black", _circle(0.07, 8, 0.64, -0.12))]


class Kind(NamedTuple):
    draw: Callable
    colours: tuple  # usual (hue, saturation, value)
    turn: float     # at most, in degrees to either side


NAMES = ("ball", "crate", "star", "sign", "cross", "ring", "heart", "moon", "arrow", "house", "tree", "fish")
KINDS = {
    "ball": Kind(_ball, ((0.58, 0.8, 0.9), (0.08, 0.8, 0.95)), 180),
    "crate": Kind(_crate, ((0.08, 0.55, 0.7), (0.1, 0.45, 0.85)), 180),
    "star": Kind(_star5, ((0.15, 0.9, 0.95), (0.75, 0.6, 0.8)), 180),
    "sign": Kind(_sign, ((0.0, 0.9, 0.85), (0.02, 0.85, 0.75)), 30),
    "cross": Kind(_cross, ((0.45, 0.8, 0.7), (0.98, 0.85, 0.9)), 180),
    "ring": Kind(_ring, ((0.01, 0.85, 0.9), (0.06, 0.9, 0.95)), 180),
    "heart": Kind(_heart, ((0.93, 0.7, 0.9), (0.99, 0.85, 0.8)), 45),
    "moon": Kind(_moon, ((0.13, 0.45, 0.95), (0.6, 0.25, 0.9)), 180),
    "arrow": Kind(_arrow, ((0.35, 0.8, 0.8), (0.62, 0.8, 0.8)), 180),
    "house": Kind(_house, ((0.1, 0.3, 0.9), (0.55, 0.25, 0.85)), 25),
    "tree": Kind(_tree, ((0.33, 0.75, 0.5), (0.28, 0.7, 0.65)), 25),
    "fish": Kind(_fish, ((0.5, 0.6, 0.85), (0.07, 0.75, 0.9)), 60),
}


def _paint(random: np.random.Generator, kind: Kind) -> dict[str, tuple[int, int, int]]:
    usual = kind.colours[random.integers(len(kind.colours))]
    if random.random() < ANY_COLOUR:
        usual = (random.random(), random.uniform(0.3, 0.9), random.uniform(0.5, 0.95))
    main = canvas.colour(random, *usual)
    return {
        "main": main, "dark": canvas.shade(main, 0.55), "light": canvas.shade(main, 1.35),
        "second": canvas.colour(random, usual[0] + 0.45, 0.5, 0.8 if random.random() < 0.5 else 0.5),
        "white": canvas.colour(random, 0.1, 0.05, 0.95), "black": canvas.colour(random, 0.6, 0.1, 0.12),
        "window": canvas.colour(random, 0.55, 0.35, 0.9), "trunk": canvas.colour(random, 0.07, 0.6, 0.4),
    }


def _thing(random: np.random.Generator, label: int, height: int, width: int) -> list[Part]:
    kind = KINDS[NAMES[label]]
    size = np.exp(random.uniform(*np.log(SIZES))) * min(height, width) / 256
    stretch = np.exp(random.normal(0, 0.12, 2)) * size / 2
    angle = np.radians(random.uniform(-kind.turn, kind.turn))
    if kind.turn < 180 and random.random() < 0.5:
        stretch[0] = -stretch[0]
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    centre = random.uniform(0, [width, height])
    paint = _paint(random, kind)
    return [Part(np.asarray(points) * stretch @ turn + centre, paint[role], index > 0)
            for index, (role, points) in enumerate(kind.draw())]


def render(seed: int, height: int = 256, width: int = 256) -> Scene:
    """The scene of `seed`."""
    random = np.random.default_rng([seed, 1])
    scene = Canvas(random, height, width)
    for _ in range(int(random.integers(COUNTS[0], COUNTS[1] + 1))):
        label = int(random.integers(len(NAMES)))
        for _ in range(6):
            if scene.place(_thing(random, label, height, width), label):
                break
    return scene.photograph()
