"""What a camera does to a picture: focus, exposure, grain and JPEG blocks."""
from __future__ import annotations

import numpy as np

_DCT = np.array(
    [[np.sqrt((1 if k == 0 else 2) / 8) * np.cos(np.pi * (2 * n + 1) * k / 16) for n in range(8)] for k in range(8)],
    np.float32,
)
_STEP = (np.add.outer(np.arange(8), np.arange(8)) * 7 + 10).astype(np.float32)


def photograph(linear: np.ndarray, depth: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Linear RGB (height, width, 3) to an 8-bit picture with a camera's usual faults."""
    picture = linear
    if random.random() < 0.15:
        picture = _focus(picture, depth, random)
    picture = picture * (_exposure(picture, random) * _vignette(picture.shape, random))[..., None]
    picture = picture * np.exp(random.standard_normal(3) * 0.06).astype(np.float32)
    picture = _develop(picture, random)
    for _ in range(random.choice([0, 1, 2], p=[0.4, 0.45, 0.15])):
        picture = _blur(picture)
    if random.random() < 0.6:
        picture = picture + _grain(picture.shape, random)
    if random.random() < 0.5:
        picture = _jpeg(picture, random.uniform(0.3, 1.5))
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8)


def _exposure(picture: np.ndarray, random: np.random.Generator) -> np.float32:
    return np.float32(0.22 * np.exp(random.normal(0, 0.2)) / (picture.mean() + 0.02))


def _vignette(shape, random: np.random.Generator) -> np.ndarray:
    y, x = np.ogrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    return (1 - random.uniform(0, 0.3) * (x * x + y * y) / 2).astype(np.float32)


def _develop(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Soft highlights, gamma, saturation and contrast."""
    picture = np.sqrt(np.clip(picture / (1 + 0.25 * picture), 0, 4)) ** np.float32(2 / random.uniform(1.8, 2.6))
    grey = picture.mean(-1, keepdims=True)
    saturation = 0.0 if random.random() < 0.04 else random.uniform(0.6, 1.3)
    picture = grey + (picture - grey) * np.float32(saturation)
    return np.clip((picture - 0.5) * np.float32(random.uniform(0.85, 1.25)) + 0.5, 0, 1)


def _blur(picture: np.ndarray) -> np.ndarray:
    """Binomial 3x3 blur."""
    p = np.pad(picture, ((1, 1), (0, 0), (0, 0)), mode="edge")
    picture = (p[:-2] + 2 * picture + p[2:]) / 4
    p = np.pad(picture, ((0, 0), (1, 1), (0, 0)), mode="edge")
    return (p[:, :-2] + 2 * picture + p[:, 2:]) / 4


def _box_blur(picture: np.ndarray, radius: int) -> np.ndarray:
    for axis in (0, 1):
        pad = [(0, 0)] * 3
        pad[axis] = (radius + 1, radius)
        total = np.cumsum(np.pad(picture, pad, mode="edge"), axis=axis, dtype=np.float64)
        ahead = np.take(total, range(2 * radius + 1, total.shape[axis]), axis)
        behind = np.take(total, range(total.shape[axis] - 2 * radius - 1), axis)
        picture = ((ahead - behind) / (2 * radius + 1)).astype(np.float32)
    return picture


def _focus(picture: np.ndarray, depth: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Blur what is far, in inverse depth, from a focus distance taken out of the picture."""
    inverse = 1 / depth
    focus = np.quantile(inverse[::8, ::8], random.choice([0.9, 0.7, 0.5]))
    away = np.abs(inverse - focus) / focus
    share = np.clip(away * random.uniform(0.3, 1.2), 0, 1)[..., None]
    return picture * (1 - share) + _box_blur(picture, int(random.integers(1, 3))) * share


def _grain(shape, random: np.random.Generator) -> np.ndarray:
    strength = random.uniform(0.003, 0.02)
    return random.standard_normal(shape, np.float32) * np.float32(strength)


def _jpeg(picture: np.ndarray, coarse: float) -> np.ndarray:
    """Quantise 8x8 blocks of cosines; the parts of a block that do not fill one stay as they are."""
    rows, cols = (n // 8 * 8 for n in picture.shape[:2])
    blocks = picture[:rows, :cols].reshape(rows // 8, 8, cols // 8, 8, 3).transpose(0, 2, 4, 1, 3)
    step = _STEP * np.float32(coarse / 255)
    waves = _DCT @ blocks @ _DCT.T
    blocks = _DCT.T @ (np.round(waves / step) * step) @ _DCT
    out = picture.copy()
    out[:rows, :cols] = blocks.transpose(0, 3, 1, 4, 2).reshape(rows, cols, 3)
    return out
