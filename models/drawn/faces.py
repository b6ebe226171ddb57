"""Faces: an identity is drawn from one number, a picture of it from another.

An identity is what a person keeps: the shape of the head, where eyes, nose and mouth lie in it and how large they are, the
colours of skin, eyes, hair and lips, hairline, brows, beard, moles. A look is what changes between pictures: where the
head turns, the mouth and the lids, glasses, light, background, sharpness, grain.
"""
from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 112
FINE = 2  # drawn this much larger, then averaged
# Where ArcFace's networks expect eyes, nose and corners of the mouth, in 112 x 112.
TEMPLATE = np.array([(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)])


@dataclass
class Identity:
    """Lengths are shares of half the head's width; x to the right, y down from between the eyes, z towards the viewer."""
    head: tuple[float, float, float, float]  # up, down, jaw's width, roundness
    eyes: tuple[float, float, float, float]  # half their distance, width, height, slant
    nose: tuple[float, float, float]         # length, width, depth
    mouth: tuple[float, float, float]        # y, half its width, lips
    brows: tuple[float, float, float]        # above the eyes, thickness, slant
    hair: tuple[float, float, float, float]  # hairline, volume, length, where it parts
    ears: float
    beard: float
    moles: np.ndarray                        # (n, 3): x, y, radius
    colours: dict[str, tuple[int, int, int]]


def _rgb(hue, saturation, value):
    return tuple(int(255 * part) for part in colorsys.hsv_to_rgb(hue % 1, min(max(saturation, 0), 1), min(max(value, 0), 1)))


def identity(number: int) -> Identity:
    random = np.random.default_rng([number, 1])
    spread = random.uniform
    skin = spread(0.35, 0.97)  # how light
    hair = [(0.07, 0.5, 0.12), (0.07, 0.55, 0.3), (0.1, 0.5, 0.55), (0.13, 0.45, 0.85), (0.03, 0.75, 0.5), (0.6, 0.03, 0.65),
            (0.6, 0.03, 0.35)][random.integers(7)]
    eye = [(0.07, 0.6, 0.25), (0.08, 0.5, 0.45), (0.3, 0.35, 0.45), (0.57, 0.45, 0.65), (0.6, 0.12, 0.55)][random.integers(5)]
    colours = {
        "skin": _rgb(spread(0.03, 0.09), spread(0.25, 0.6) * (1.3 - 0.6 * skin), skin),
        "hair": _rgb(hair[0] + spread(-0.02, 0.02), hair[1] + spread(-0.1, 0.1), hair[2] + spread(-0.08, 0.08)),
        "eye": _rgb(eye[0], eye[1], eye[2] + spread(-0.1, 0.1)),
        "lips": _rgb(spread(0.94, 1.02), spread(0.35, 0.65), (0.45 + 0.4 * skin) * spread(0.75, 1)),
    }
    return Identity(
        head=(spread(0.95, 1.35), spread(1.25, 1.75), spread(0.5, 0.85), spread(1.8, 3)),
        eyes=(spread(0.38, 0.52), spread(0.15, 0.25), spread(0.06, 0.13), spread(-0.2, 0.2)),
        nose=(spread(0.42, 0.72), spread(0.12, 0.3), spread(0.25, 0.5)),
        mouth=(spread(0.8, 1.08), spread(0.26, 0.48), spread(0.05, 0.15)),
        brows=(spread(0.18, 0.32), spread(0.03, 0.1), spread(-0.3, 0.3)),
        hair=(spread(0.5, 1.05), spread(0.0, 0.3), random.choice([0, 0.7, 1.6, 2.4]) + spread(-0.2, 0.2), spread(-0.7, 0.7)),
        ears=spread(0.12, 0.24),
        beard=spread(0.4, 0.85) if random.random() < 0.25 else 0,
        moles=np.column_stack([spread(-0.7, 0.7, n := int(random.integers(0, 4))), spread(-0.6, 1.2, n), spread(0.025, 0.06, n)]),
        colours=colours)


class _Head:
    """Where the points of a turned head lie in the picture, and what is drawn there."""

    def __init__(self, who: Identity, random: np.random.Generator, side: int):
        self.who, self.random = who, random
        yaw, pitch = random.normal(0, 0.22), random.normal(0, 0.13)
        self.turn = (np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
                     @ np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]]))
        self.place = np.eye(2, 3)
        e, n, m = who.eyes, who.nose, who.mouth
        self.landmarks = [(-e[0], 0, 0.62), (e[0], 0, 0.62), (0, n[0], 0.7 + n[2]), (-m[1], m[0], 0.6), (m[1], m[0], 0.6)]
        found = self.flat(self.landmarks) + random.normal(0, 0.012, (5, 2))  # no detector is exact
        self.place = _similarity(found, TEMPLATE * side / SIDE)

    def flat(self, points) -> np.ndarray:
        """(n, 2) of (n, 3): seen from six half widths away, then placed."""
        turned = np.asarray(points, float).reshape(-1, 3) @ self.turn.T
        seen = turned[:, :2] * (6 / (6 - turned[:, 2:]))
        return seen @ self.place[:, :2].T + self.place[:, 2]

    def depth(self, x, y):
        """Of the skin."""
        return 0.75 * np.sqrt(np.maximum(0.05, 1 - (np.asarray(x) * 0.9) ** 2 - (np.asarray(y) * 0.45) ** 2))

    def outline(self, grow=0.0, lower=1.0) -> np.ndarray:
        up, down, jaw, round_ = self.who.head
        angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
        x, y = np.cos(angle), np.sin(angle)
        x, y = np.sign(x) * abs(x) ** (2 / round_), np.sign(y) * abs(y) ** (2 / round_)
        below = np.clip(y, 0, 1)
        x = x * (1 - (1 - jaw) * below ** 2) * (1 + grow)
        return np.column_stack([x, np.where(y > 0, y * down * lower, y * up) * (1 + grow), np.zeros(48)])


def _similarity(points, to) -> np.ndarray:
    """(2, 3): what brings the points nearest to `to` without mirroring (Umeyama 1991)."""
    mean, to_mean = points.mean(0), to.mean(0)
    u, s, vt = np.linalg.svd((to - to_mean).T @ (points - mean))
    sign = np.array([1, np.sign(np.linalg.det(u @ vt))])
    rotation = u @ np.diag(sign) @ vt
    scale = (s * sign).sum() / ((points - mean) ** 2).sum()
    return np.column_stack([scale * rotation, to_mean - scale * rotation @ mean])


def _ellipse(x, y, width, height, slant=0.0, depth=0.62, count=16):
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    across, down = width * np.cos(angle), height * np.sin(angle)
    return np.column_stack([x + across * np.cos(slant) - down * np.sin(slant),
                            y + across * np.sin(slant) + down * np.cos(slant), np.full(count, depth)])


def _shade(colour, by):
    return tuple(int(min(max(part * by, 0), 255)) for part in colour)


def _paint(head: _Head, picture: Image.Image) -> None:
    who, random = head.who, head.random
    pen = ImageDraw.Draw(picture)
    skin, hair, lips = (who.colours[name] for name in ("skin", "hair", "lips"))

    def fill(points, colour):
        pen.polygon([tuple(p) for p in head.flat(points)], fill=colour)

    up, down, jaw, _ = who.head
    line, volume, length, parting = who.hair
    cloth = tuple(random.integers(20, 230, 3).tolist())
    fill([(-2.6, down + 2.5, -1), (-2.2, down + 0.6, -1), (-0.5, down + 0.25, -0.6), (0.5, down + 0.25, -0.6),
          (2.2, down + 0.6, -1), (2.6, down + 2.5, -1)], cloth)
    if length > 0.3:
        fill([(-1.1 - volume, -0.2, -0.5), (-1.15 - volume, length, -0.6), (1.15 + volume, length, -0.6), (1.1 + volume, -0.2, -0.5)],
             _shade(hair, 0.75))
    fill([(-0.5, 0.6, -0.4), (-0.55, down + 0.5, -0.5), (0.55, down + 0.5, -0.5), (0.5, 0.6, -0.4)], _shade(skin, 0.8))
    if length > -0.5:
        crown = head.outline(0.08 + volume)
        fill(crown[crown[:, 1] < 0.3] - [0, 0, 0.3], hair)
    for side in (-1, 1):
        fill(_ellipse(side * 1.02, 0.2, who.ears * 0.6, who.ears * 1.5, depth=-0.1), _shade(skin, 0.85))
    fill(head.outline(), skin)
    if who.beard:
        low = head.outline(0.01)
        low = low[low[:, 1] > 1.1 - who.beard]
        fill(low + [0, 0, 0.05], tuple(int(0.45 * a + 0.55 * b) for a, b in zip(hair, skin)))
    # The hair in front: from the temples along the hairline, higher where it parts.
    top = head.outline(0.05)
    front = [(-1.03, -0.15, 0), (-0.85, -line * 0.8, 0.3), (parting, -line * 1.12, 0.55), (0.85, -line * 0.8, 0.3), (1.03, -0.15, 0)]
    rim = top[top[:, 1] < -0.1]
    rim = rim[np.argsort(-rim[:, 0])]
    fill(np.vstack([front, rim]), hair)

    spacing, wide, high, slant = who.eyes
    above, thick, tilt = who.brows
    open_ = np.clip(random.normal(1, 0.2), 0.3, 1.4)
    raised = random.normal(0, 0.03)
    look = random.normal(0, 0.2, 2)
    for side in (-1, 1):
        x = side * spacing
        fill(_ellipse(x, 0, wide * 1.25, high * 1.9, side * slant), _shade(skin, 0.88))
        fill(_ellipse(x, 0, wide, high * open_, side * slant), (238, 236, 232))
        iris = min(high * 1.15, wide * 0.7)
        fill(_ellipse(x + look[0] * wide * 0.4, look[1] * high * 0.3, iris, min(iris, high * open_ * 1.05)), who.colours["eye"])
        fill(_ellipse(x + look[0] * wide * 0.4, look[1] * high * 0.3, iris * 0.45, min(iris * 0.45, high * open_)), (15, 12, 12))
        y = -above - raised
        fill([(x - side * wide * 1.2, y + 0.04, 0.66), (x, y - thick - tilt * 0.15, 0.68),
              (x + side * wide * 1.4, y + tilt * 0.3, 0.6), (x, y - tilt * 0.15, 0.68)], _shade(hair, 0.7))
    long_, broad, deep = who.nose
    tip = 0.7 + deep
    fill([(-0.05, 0.05, 0.7), (-broad, long_ + 0.03, 0.72), (0, long_ + 0.1, tip - 0.1), (0.02, long_, tip)], _shade(skin, 0.84))
    fill([(0.05, 0.05, 0.7), (broad, long_ + 0.03, 0.72), (0, long_ + 0.1, tip - 0.1), (-0.02, long_, tip)], _shade(skin, 0.92))
    for side in (-1, 1):
        fill(_ellipse(side * broad * 0.5, long_ + 0.07, broad * 0.22, 0.03, depth=0.78), _shade(skin, 0.45))
    y, half, lip = who.mouth
    gap = max(0, random.normal(0, 0.05))
    smile = random.normal(0, 0.05)
    corner = [(-half, y - smile, 0.58), (half, y - smile, 0.58)]
    if gap > 0.02:
        fill([corner[0], (0, y - gap, 0.68), corner[1], (0, y + gap, 0.68)], (70, 25, 28))
    fill([corner[0], (-half * 0.3, y - lip - gap, 0.68), (0, y - lip * 0.8 - gap, 0.7), (half * 0.3, y - lip - gap, 0.68), corner[1],
          (0, y - gap, 0.7)], _shade(lips, 0.9))
    fill([corner[0], (0, y + gap, 0.7), corner[1], (half * 0.4, y + lip + gap, 0.66), (-half * 0.4, y + lip + gap, 0.66)], lips)
    for mx, my, radius in who.moles:
        fill(_ellipse(mx, my, radius, radius, depth=float(head.depth(mx, my)), count=8), _shade(skin, 0.4))
    if random.random() < 0.15:
        frame = tuple(random.integers(10, 90, 3).tolist())
        for side in (-1, 1):
            ring = head.flat(_ellipse(side * spacing, 0.02, wide * 1.5, high * 2.6, depth=0.75))
            pen.line([tuple(p) for p in np.vstack([ring, ring[:1]])], fill=frame, width=max(1, picture.width // 70))
        pen.line([tuple(p) for p in head.flat([(-spacing + wide * 1.5, 0, 0.78), (spacing - wide * 1.5, 0, 0.78)])], fill=frame,
                 width=max(1, picture.width // 70))


def render(who: Identity, number: int, side: int = SIDE) -> np.ndarray:
    """uint8 (side, side, 3): a picture of the face, aligned as a detector with small mistakes would."""
    random = np.random.default_rng([number, 2])
    corners = random.integers(30, 226, (2, 2, 3), np.uint8)
    picture = Image.fromarray(corners).resize((FINE * side, FINE * side), Image.BILINEAR)
    _paint(_Head(who, random, FINE * side), picture)
    small = picture.reduce(FINE)
    if random.random() < 0.4:
        small = small.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.4) * side / SIDE))
    light = Image.fromarray(random.uniform(0.6, 1.3, (2, 2)).astype(np.float32)).resize(small.size, Image.BILINEAR)
    light = np.asarray(light)[..., None] * random.uniform(0.88, 1.12, 3).astype(np.float32)
    grain = random.standard_normal((side, side, 3), np.float32) * np.float32(random.uniform(1, 10))
    return np.clip(np.asarray(small) * light + grain, 0, 255).astype(np.uint8)
