"""What things and people are drawn on: background, overlap, and the camera's light and noise."""
from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

FINE = 2  # drawn this much larger, then averaged: soft edges


@dataclass
class Part:
    """A filled polygon: points (n, 2) in pixels of the picture. A detail lies within solid parts."""
    points: np.ndarray
    colour: tuple[int, int, int]
    detail: bool = False


@dataclass
class Scene:
    """A picture and what is seen in it, in the order of drawing: later ones cover earlier ones."""
    picture: np.ndarray  # uint8 (height, width, 3), RGB
    owner: np.ndarray    # uint8 (height, width): 1 + index of the object seen there, 0: background
    labels: np.ndarray   # int (n,)
    boxes: np.ndarray    # float32 (n, 4): left, top, right, bottom of the seen pixels
    keypoints: np.ndarray | None = None  # float32 (n, 17, 3): x, y, and COCO's visibility 0, 1, 2

    def mask(self, index: int) -> np.ndarray:
        """bool (height, width): where the object is seen."""
        return self.owner == index + 1


@dataclass
class Canvas:
    """Draws objects one over another, and keeps what is seen of each."""
    random: np.random.Generator
    height: int
    width: int
    tones: tuple[int, int] = (20, 236)  # between which the colours of the background lie
    labels: list = field(default_factory=list)
    keypoints: list = field(default_factory=list)

    def __post_init__(self):
        self._areas = np.zeros(0, np.int64)  # of each object, in fine pixels, also beyond the picture
        self._seen = np.zeros(0, np.int64)   # how many of them are seen
        self._picture = background(self.random, FINE * self.height, FINE * self.width, self.tones)
        self._owner = Image.new("L", self._picture.size, 0)

    def place(self, parts: list[Part], label: int, keypoints: np.ndarray | None = None,
              seen: float = 0.5, inside: float = 0.7) -> bool:
        """Draws an object over the earlier ones; not if less than the share `seen` of one of them
        were left, or less than `inside` of the new one were in the picture."""
        polygons = [np.rint(FINE * part.points).astype(int) for part in parts]
        solid = [p for p, part in zip(polygons, parts) if not part.detail]
        low = np.min([p.min(0) for p in solid], 0)
        high = np.max([p.max(0) for p in solid], 0) + 1
        stencil = Image.new("1", tuple(int(n) for n in high - low), 0)
        pen = ImageDraw.Draw(stencil)
        for polygon in solid:
            pen.polygon((polygon - low).ravel().tolist(), fill=1)
        mask = np.asarray(stencil)
        begin = np.maximum(low, 0)
        end = np.minimum(high, self._picture.size)
        if (end <= begin).any():
            return False
        covered = mask[begin[1] - low[1]:end[1] - low[1], begin[0] - low[0]:end[0] - low[0]]
        if covered.sum() < inside * mask.sum():
            return False
        below = np.asarray(self._owner.crop((*begin.tolist(), *end.tolist())))[covered]
        left = self._seen - np.bincount(below, minlength=len(self._areas) + 1)[1:]
        if (left < seen * self._areas).any():
            return False
        self._areas = np.append(self._areas, mask.sum())
        self._seen = np.append(left, covered.sum())
        self._owner.paste(len(self._areas), tuple(int(n) for n in low), stencil)
        pen = ImageDraw.Draw(self._picture)
        for polygon, part in zip(polygons, parts):
            pen.polygon(polygon.ravel().tolist(), fill=part.colour)
        self.labels.append(label)
        self.keypoints.append(keypoints)
        return True

    def photograph(self) -> Scene:
        """The scene with light that varies over it, now and then out of focus, and grain."""
        owner = np.asarray(self._owner)[FINE // 2::FINE, FINE // 2::FINE].copy()
        boxes = np.zeros((len(self.labels), 4), np.float32)
        for index in range(len(self.labels)):
            mask = owner == index + 1
            down, across = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
            boxes[index] = across[0], down[0], across[-1] + 1, down[-1] + 1
        points = np.array(self.keypoints, np.float32) if self.keypoints and self.keypoints[0] is not None else None
        return Scene(self._develop(), owner, np.array(self.labels, np.int64), boxes, points)

    def _develop(self) -> np.ndarray:
        random, small = self.random, self._picture.reduce(FINE)
        if random.random() < 0.3:
            small = small.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.0)))
        light = Image.fromarray(random.uniform(0.65, 1.25, (3, 3)).astype(np.float32))
        light = np.asarray(light.resize(small.size, Image.BICUBIC))[..., None]
        light = light * random.uniform(0.9, 1.1, 3).astype(np.float32)
        grain = random.standard_normal((self.height, self.width, 3), np.float32)
        photo = np.asarray(small) * light + grain * np.float32(random.uniform(1, 9))
        return np.clip(photo, 0, 255).astype(np.uint8)


def background(random: np.random.Generator, height: int, width: int, tones: tuple[int, int]) -> Image.Image:
    """Blurred colours at two scales, under a few strokes."""
    picture = Image.new("RGB", (width, height))
    for cells, share in ((int(random.integers(1, 4)), 1.0), (int(random.integers(6, 24)), random.uniform(0.1, 0.4))):
        colours = random.integers(*tones, (cells + 1, cells + 1, 3), np.uint8)
        layer = Image.fromarray(colours).resize((width, height), Image.BILINEAR)
        picture = layer if share == 1.0 else Image.blend(picture, layer, share)
    pen = ImageDraw.Draw(picture)
    for _ in range(int(random.integers(0, 8))):
        start, step = random.uniform(0, [width, height]), random.normal(0, width / 6, (4, 2))
        line = np.cumsum(np.vstack([start, step]), 0)
        pen.line(line.ravel().tolist(), fill=tuple(random.integers(*tones, 3).tolist()),
                 width=int(random.integers(1, 9)), joint="curve")
    return picture


def colour(random: np.random.Generator, hue: float, saturation: float, value: float,
           spread: float = 1) -> tuple[int, int, int]:
    """RGB near a colour told as shares of 1; spread: how near, 0 is the colour itself."""
    hue = (hue + random.normal(0, 0.02 * spread)) % 1
    saturation, value = np.clip(random.normal([saturation, value], 0.07 * spread), 0.05, 1)
    wheel = np.abs((hue * 6 + np.array([0, 4, 2])) % 6 - 3) - 1
    rgb = value * (1 - saturation + saturation * np.clip(wheel, 0, 1))
    return tuple(int(c) for c in 255 * rgb)


def shade(rgb: tuple[int, int, int], factor: float) -> tuple[int, int, int]:
    return tuple(int(min(255, c * factor)) for c in rgb)
