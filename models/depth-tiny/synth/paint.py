"""Procedural surface colour: patterns and noise that fade with distance instead of aliasing."""
from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

SIDE = 256
LEVELS = 7
NOISES = {"cloud": 1.7, "fractal": 1.1, "grain": 0.5}
PATTERNS = ("plain", "checker", "stripes", "tiles", "bricks", "dots", "planks", "blotches", "marble")


@dataclass
class Paint:
    """How a surface looks.

    base, second   linear RGB in 0..1; the pattern mixes them
    pattern        one of PATTERNS, of `period` metres
    noise          one of NOISES, of `span` metres a repeat and strength `rough` (0..1)
    gloss          strength of the highlight; glow  light given off, 0..1
    """

    base: np.ndarray
    second: np.ndarray
    pattern: str = "plain"
    period: float = 1.0
    noise: str = "fractal"
    span: float = 2.0
    rough: float = 0.2
    gloss: float = 0.0
    glow: float = 0.0
    angle: float = 0.0

    def colour(self, u: np.ndarray, v: np.ndarray, footprint: np.ndarray) -> np.ndarray:
        """RGB (3, n) at surface coordinates in metres; footprint is the metres that a pixel covers."""
        c, s = np.float32(np.cos(self.angle)), np.float32(np.sin(self.angle))
        u, v = c * u - s * v, s * u + c * v
        grain = sample_noise(self.noise, u / self.span, v / self.span, footprint / self.span)
        mix = self._mix(u / self.period, v / self.period, grain)
        fade = np.clip(1.6 - 3 * footprint / self.period, 0, 1)
        mix = np.clip(self._average() + (mix - self._average()) * fade, 0, 1)
        flat = self.base[:, None] + (self.second - self.base)[:, None] * mix
        return flat * np.maximum(1 + self.rough * grain, 0.05)

    def _average(self) -> float:
        return {"plain": 0.0, "tiles": 0.1, "bricks": 0.2, "dots": 0.3, "planks": 0.45}.get(self.pattern, 0.5)

    def _mix(self, u: np.ndarray, v: np.ndarray, grain: np.ndarray) -> np.ndarray:
        """Share of the second colour, 0..1, for a pattern of period 1."""
        if self.pattern == "checker":
            return ((np.floor(2 * u) + np.floor(2 * v)) % 2).astype(np.float32)
        if self.pattern == "stripes":
            return (u % 1 < 0.5).astype(np.float32)
        if self.pattern == "tiles":
            return ((u % 1 < 0.05) | (v % 1 < 0.05)).astype(np.float32)
        if self.pattern == "bricks":
            row = np.floor(2 * v)
            return ((2 * v % 1 < 0.12) | ((u + 0.5 * row) % 1 < 0.06)).astype(np.float32)
        if self.pattern == "dots":
            return ((u % 1 - 0.5) ** 2 + (v % 1 - 0.5) ** 2 < 0.1).astype(np.float32)
        if self.pattern == "planks":
            row = np.floor(v)
            return (np.abs(np.sin(row * 12.9 + np.floor(u / 6 + row * 0.37) * 7.3)) * (v % 1 > 0.05)).astype(np.float32)
        if self.pattern == "blotches":
            return np.clip(0.5 + 2 * grain, 0, 1)
        if self.pattern == "marble":
            return 0.5 + 0.5 * np.sin(6.28 * u + 3 * grain)
        return np.zeros_like(u)


@lru_cache(maxsize=None)
def _pyramid(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """All levels of a periodic noise, flat, and where each level starts; mean 0, deviation 1."""
    random = np.random.default_rng(list(NOISES).index(kind))
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(SIDE), np.fft.fftfreq(SIDE))) * SIDE
    shaped = np.fft.fft2(random.standard_normal((SIDE, SIDE))) / np.maximum(frequency, 1) ** NOISES[kind]
    shaped[0, 0] = 0
    level = np.real(np.fft.ifft2(shaped))
    level = (level / level.std()).astype(np.float32)
    flat = []
    for _ in range(LEVELS):
        flat.append(level.ravel())
        level = (level[::2, ::2] + level[1::2, ::2] + level[::2, 1::2] + level[1::2, 1::2]) / 4
    return np.concatenate(flat), np.cumsum([0] + [f.size for f in flat[:-1]])


def sample_noise(kind: str, u: np.ndarray, v: np.ndarray, footprint: np.ndarray) -> np.ndarray:
    """Noise of period 1 at (u, v), bilinear, from the level whose texel is about `footprint`."""
    flat, starts = _pyramid(kind)
    level = np.clip(np.log2(np.maximum(footprint, 1e-9) * SIDE), 0, LEVELS - 1).astype(np.int32)
    side = np.right_shift(SIDE, level)
    x, y = (u % 1) * side, (v % 1) * side
    x0, y0 = x.astype(np.int32), y.astype(np.int32)
    fx, fy = x - x0, y - y0
    mask = side - 1
    x0, y0 = x0 & mask, y0 & mask
    x1, y1 = (x0 + 1) & mask, (y0 + 1) & mask
    start = starts[level].astype(np.int32)
    top, low = start + y0 * side, start + y1 * side
    upper = flat[top + x0] * (1 - fx) + flat[top + x1] * fx
    lower = flat[low + x0] * (1 - fx) + flat[low + x1] * fx
    return (upper * (1 - fy) + lower * fy).astype(np.float32)


def random_colour(random: np.random.Generator) -> np.ndarray:
    """A plausible surface colour: mostly muted, sometimes vivid, linear RGB."""
    grey = random.uniform(0.04, 0.85) ** 1.3
    tint = random.standard_normal(3) * random.choice([0.05, 0.15, 0.4], p=[0.45, 0.35, 0.2])
    return np.clip(grey * np.exp(tint) + 0.005, 0.005, 0.95).astype(np.float32)


def random_paint(random: np.random.Generator, reach: float, plain: float = 0.5) -> Paint:
    """A paint for a surface about `reach` metres large; `plain` is the chance of no pattern."""
    base = random_colour(random)
    second = random_colour(random) if random.random() < 0.5 else base * random.uniform(0.3, 1.6)
    return Paint(
        base=base,
        second=np.clip(second, 0.005, 0.95).astype(np.float32),
        pattern="plain" if random.random() < plain else str(random.choice(PATTERNS[1:])),
        period=reach * np.exp(random.uniform(np.log(0.05), np.log(0.7))),
        noise=str(random.choice(list(NOISES))),
        span=reach * np.exp(random.uniform(np.log(0.3), np.log(3.0))),
        rough=random.uniform(0, 0.35) ** 1.2,
        gloss=random.choice([0.0, random.uniform(0.1, 0.8)], p=[0.6, 0.4]),
        angle=random.uniform(0, 6.28) if random.random() < 0.3 else 0.0,
    )
