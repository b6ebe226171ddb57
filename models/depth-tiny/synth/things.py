"""Things that stand in a scene. Every maker takes the point under the thing and returns solids."""
from __future__ import annotations

import numpy as np

from .geometry import Solid, rotation
from .paint import Paint, random_colour, random_paint

UPRIGHT = rotation()


def _solid(shape, centre, size, paint, turn=UPRIGHT) -> Solid:
    return Solid(shape, centre, size, turn, paint)


def box(random, foot, size, paint=None, turn=None) -> list[Solid]:
    turn = rotation(random.uniform(0, 3.14)) if turn is None else turn
    centre = np.asarray(foot) + [0, size[1], 0]
    return [_solid("box", centre, size, paint or random_paint(random, 2 * max(size)), turn)]


def drum(random, foot, radius, half_height, paint=None) -> list[Solid]:
    centre = np.asarray(foot) + [0, half_height, 0]
    return [_solid("drum", centre, [radius, half_height, radius], paint or random_paint(random, 2 * half_height))]


def ball(random, foot, size, paint=None, turn=None) -> list[Solid]:
    centre = np.asarray(foot) + [0, size[1], 0]
    turn = rotation(random.uniform(0, 3.14)) if turn is None else turn
    return [_solid("ball", centre, size, paint or random_paint(random, 2 * max(size)), turn)]


def person(random, foot) -> list[Solid]:
    """Legs, trunk, arms, head and hair."""
    tall = random.uniform(1.5, 1.9)
    x, y, z = foot
    yaw = rotation(random.uniform(0, 6.28))
    skin = Paint(*[np.array([0.6, 0.4, 0.3], np.float32) * random.uniform(0.15, 1.2)] * 2, rough=0.04)
    hair = Paint(*[random_colour(random) * 0.3] * 2, rough=0.3, noise="grain", span=0.3)
    shirt, trousers = random_paint(random, 0.6), random_paint(random, 0.8, 0.8)
    spread, parts = random.uniform(0.05, 0.13), []
    for side in (-1, 1):
        hip = yaw @ np.array([side * spread * tall * 0.7, 0, 0], np.float32)
        parts += drum(random, [x + hip[0], y, z + hip[2]], 0.045 * tall, 0.24 * tall, trousers)
        lean = yaw @ rotation(0, random.uniform(-0.6, 0.6), side * random.uniform(0.05, 0.6))
        hand = yaw @ np.array([side * 0.15 * tall, 0, 0], np.float32)
        parts.append(_solid("ball", [x + hand[0], y + 0.62 * tall, z + hand[2]],
                            np.array([0.035, 0.19, 0.035]) * tall, shirt, lean))
    parts.append(_solid("ball", [x, y + 0.65 * tall, z], np.array([0.13, 0.22, 0.085]) * tall, shirt, yaw))
    parts += drum(random, [x, y + 0.8 * tall, z], 0.03 * tall, 0.04 * tall, skin)
    parts.append(_solid("ball", [x, y + 0.92 * tall, z], np.array([0.05, 0.075, 0.058]) * tall, skin, yaw))
    back = yaw @ np.array([0, 0, 0.012 * tall], np.float32)
    parts.append(_solid("ball", [x + back[0], y + 0.945 * tall, z + back[2]],
                        np.array([0.055, 0.062, 0.058]) * tall, hair, yaw))
    return parts


def tree(random, foot) -> list[Solid]:
    tall = random.uniform(3, 6)
    brown = np.array([0.12, 0.08, 0.05], np.float32), np.array([0.2, 0.15, 0.1], np.float32)
    bark = Paint(*brown, "blotches", 1, rough=0.3)
    green = np.array([0.08, 0.16, 0.04], np.float32) * random.uniform(0.4, 1.8)
    green = green + random.uniform(0, 0.08, 3).astype(np.float32)
    noise = str(random.choice(["grain", "fractal"]))
    leaves = Paint(green * 0.4, green * 1.5, "blotches", 1, noise, random.uniform(1.5, 5), 0.3)
    parts = drum(random, foot, tall * random.uniform(0.03, 0.05), tall * 0.3, bark)
    for _ in range(random.integers(1, 5)):
        shift = random.normal(0, 0.09, 3) * tall * [1, 0.8, 1]
        size = tall * random.uniform(0.12, 0.28) * random.uniform(0.7, 1.3, 3)
        parts += ball(random, np.asarray(foot) + shift + [0, tall * 0.7 - size[1], 0], size, leaves)
    return parts


def car(random, foot, turn=None) -> list[Solid]:
    turn = rotation(random.uniform(0, 6.28)) if turn is None else turn
    body = random_paint(random, 3, 1.0)
    body.gloss, body.rough = 0.6, 0.03
    glass = Paint(*[np.full(3, 0.04, np.float32)] * 2, gloss=0.9)
    rubber = Paint(*[np.full(3, 0.02, np.float32)] * 2)
    tall = random.uniform(0.28, 0.6)

    def part(shape, offset, size, paint, pose=turn):
        return _solid(shape, np.asarray(foot) + turn @ np.array(offset), size, paint, pose)

    parts = [part("box", [0, 0.62, 0], [0.88, 0.34, 2.1], body),
             part("box", [0, 0.95 + tall / 2, 0.2], [0.76, tall * 0.7, 1.15], glass),
             part("box", [0, 0.98 + tall * 1.1, 0.2], [0.74, 0.05, 1.05], body)]
    wheel = turn @ rotation(0, 0, np.pi / 2)
    parts += [part("drum", [s * 0.8, 0.32, e], [0.32, 0.12, 0.32], rubber, wheel) for s in (-1, 1) for e in (-1.3, 1.3)]
    return parts


def wall_paint(random) -> Paint:
    """Plaster, bricks, or rows of windows."""
    paint = random_paint(random, 4, 0.15)
    if random.random() < 0.6:
        paint.pattern, paint.period = str(random.choice(["dots", "tiles", "checker", "bricks"])), random.uniform(1, 4)
    paint.gloss *= 0.3
    return paint


def building(random, foot) -> list[Solid]:
    size = np.array([random.uniform(1.5, 4), random.uniform(1.3, 4), random.uniform(1.5, 4)])
    parts = box(random, foot, size, wall_paint(random), rotation(random.choice([0, random.uniform(0, 1.57)])))
    if random.random() < 0.4:
        roof = random_paint(random, 4)
        lid = [size[0] * 1.05, random.uniform(0.1, 0.5), size[2] * 1.05]
        parts += box(random, np.asarray(foot) + [0, 2 * size[1], 0], lid, roof, parts[0].turn)
    return parts


def crate(random, foot) -> list[Solid]:
    """A box, a low cupboard or a bin."""
    return box(random, foot, random.uniform([0.15, 0.15, 0.15], [0.4, 0.5, 0.35]))


def mast(random, foot) -> list[Solid]:
    """A pole, a post or a lamp post."""
    tall = random.uniform(3, 8)
    wide = random.uniform(0.06, 0.25)
    paint = random_paint(random, tall / 3)
    if random.random() < 0.6:
        parts = drum(random, foot, wide, tall / 2, paint)
    else:
        parts = box(random, foot, [wide, tall / 2, wide], paint)
    if random.random() < 0.5:
        parts += ball(random, np.asarray(foot) + [0, tall - wide, 0], [wide, wide * random.uniform(1, 5), wide], paint)
    return parts


def chair(random, foot) -> list[Solid]:
    turn = rotation(random.uniform(0, 6.28))
    paint = random_paint(random, 0.6)

    def part(offset, size):
        return _solid("box", np.asarray(foot) + turn @ np.array(offset), size, paint, turn)

    legs = [part([a * 0.2, 0.22, b * 0.2], [0.02, 0.22, 0.02]) for a in (-1, 1) for b in (-1, 1)]
    return legs + [part([0, 0.46, 0], [0.23, 0.03, 0.23]), part([0, 0.72, 0.21], [0.22, 0.24, 0.02])]


def table(random, foot) -> list[Solid]:
    turn = rotation(random.uniform(0, 3.14))
    wide, deep, tall = random.uniform(0.3, 1.0), random.uniform(0.3, 0.6), random.uniform(0.4, 0.8)
    paint = random_paint(random, 1)

    def part(offset, size):
        return _solid("box", np.asarray(foot) + turn @ np.array(offset), size, paint, turn)

    legs = [part([a * wide * 0.9, tall / 2, b * deep * 0.9], [0.03, tall / 2, 0.03]) for a in (-1, 1) for b in (-1, 1)]
    top = np.asarray(foot) + [0, tall, 0]
    return legs + [part([0, tall, 0], [wide, 0.03, deep])] + vessel(random, top + [0, 0.03, 0], random.uniform(0.05, 0.12))


def sofa(random, foot) -> list[Solid]:
    turn = rotation(random.uniform(0, 6.28))
    paint = random_paint(random, 1)
    wide = random.uniform(0.5, 1.1)

    def part(offset, size):
        return _solid("box", np.asarray(foot) + turn @ np.array(offset), size, paint, turn)

    return [part([0, 0.22, 0], [wide, 0.22, 0.42]), part([0, 0.6, 0.36], [wide, 0.3, 0.1]),
            part([wide, 0.35, 0], [0.1, 0.3, 0.42]), part([-wide, 0.35, 0], [0.1, 0.3, 0.42])]


def vessel(random, foot, size) -> list[Solid]:
    """A cup, bowl, bottle, plate, fruit, book or spoon of about `size` metres."""
    kind = random.integers(0, 7)
    paint = random_paint(random, 2 * size, 0.65)
    foot = np.asarray(foot, np.float32)
    if kind == 0:
        return _cup(random, foot, size, paint)
    if kind == 1:
        bottle = drum(random, foot, size * 0.4, size * 1.1, paint)
        return bottle + drum(random, foot + [0, size * 2.2, 0], size * 0.15, size * 0.4, paint)
    if kind == 2:
        return drum(random, foot, size * random.uniform(1, 1.8), size * 0.07, paint)
    if kind == 3:
        return ball(random, foot, size * random.uniform(0.5, 1, 3), paint)
    if kind == 4:
        return box(random, foot, size * np.array([1, random.uniform(0.1, 1.2), random.uniform(0.6, 1.4)]), paint)
    if kind == 5:
        turn = rotation(random.uniform(0, 6.28))
        handle = box(random, foot, [size * 0.08, size * 0.04, size], paint, turn)
        return handle + ball(random, foot + turn @ np.array([0, 0, size]), size * np.array([0.22, 0.07, 0.33]), paint, turn)
    cup = _cup(random, foot + [0, size * 0.14, 0], size, paint)
    return cup + drum(random, foot, size * random.uniform(1.3, 1.8), size * 0.07, paint)


def _cup(random, foot, size, paint) -> list[Solid]:
    """Drum, liquid on top, and a handle of small balls."""
    radius, half = size * random.uniform(0.55, 0.95), size * random.uniform(0.4, 0.8)
    drink = random_paint(random, size, 0.9)
    cup = drum(random, foot, radius, half, paint)
    cup += drum(random, foot + [0, 2 * half - size * 0.02, 0], radius * 0.88, size * 0.015, drink)
    turn = rotation(random.uniform(0, 6.28))
    for angle in np.linspace(-1.3, 1.3, 5):
        offset = turn @ np.array([radius + size * 0.35 * np.cos(angle), 0, 0]) + [0, half * (1 + 0.7 * np.sin(angle)), 0]
        cup.append(_solid("ball", foot + offset, np.full(3, size * 0.13), paint))
    return cup
