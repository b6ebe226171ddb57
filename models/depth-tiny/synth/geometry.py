"""Solids and the rays that meet them.

A ray is camera + t * direction, with directions scaled so that t is the planar depth.
Each solid is a canonical shape seen through an affine map, so one formula per shape serves every
size and pose:

    box    |x|, |y|, |z| <= 1        ball   x2 + y2 + z2 <= 1
    drum   x2 + z2 <= 1, |y| <= 1    plane  y = 0, endless
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .paint import Paint

NEAR = 0.05
_CORNERS = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)


def rotation(yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> np.ndarray:
    """3x3 rotation, radians: roll about z, then pitch about x (positive looks up), then yaw about y."""
    cy, sy, cp, sp, cr, sr = (f(a) for a in (yaw, pitch, roll) for f in (np.cos, np.sin))
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return (about_y @ about_x @ about_z).astype(np.float32)


@dataclass
class Camera:
    """A pinhole at `position`; `focal` in pixels; `turn` maps camera axes (right, up, ahead) to world."""

    position: np.ndarray
    turn: np.ndarray
    focal: float
    height: int
    width: int

    def rays(self) -> np.ndarray:
        """World directions, (3, height, width), with unit component along the optical axis."""
        u = (np.arange(self.width, dtype=np.float32) + 0.5 - self.width / 2) / self.focal
        v = (self.height / 2 - np.arange(self.height, dtype=np.float32) - 0.5) / self.focal
        right, up, ahead = (self.turn[:, i, None, None] for i in range(3))
        return (right * u[None, None, :] + up * v[None, :, None] + ahead).astype(np.float32)

    def window(self, points: np.ndarray) -> tuple[slice, slice]:
        """Rows and columns that cover the hull of `points` (n, 3); all of them if one is behind."""
        local = (points - self.position) @ self.turn
        if local[:, 2].min() < NEAR:
            return slice(0, self.height), slice(0, self.width)
        x = local[:, 0] / local[:, 2] * self.focal + self.width / 2
        y = self.height / 2 - local[:, 1] / local[:, 2] * self.focal
        rows = np.clip([np.floor(y.min()), np.ceil(y.max())], 0, self.height).astype(int)
        cols = np.clip([np.floor(x.min()), np.ceil(x.max())], 0, self.width).astype(int)
        return slice(*rows), slice(*cols)


@dataclass
class Solid:
    """A shape with half-extents `size` (metres), pose and paint."""

    shape: str
    centre: np.ndarray
    size: np.ndarray
    turn: np.ndarray
    paint: Paint

    def __post_init__(self) -> None:
        self.centre = np.asarray(self.centre, np.float32)
        self.size = np.asarray(self.size, np.float32)
        self.to_local = (self.turn.T / self.size[:, None]).astype(np.float32)

    def corners(self) -> np.ndarray:
        """World corners of the bounding box, (8, 3)."""
        return (_CORNERS * self.size) @ self.turn.T + self.centre

    def localise(self, points: np.ndarray) -> np.ndarray:
        """World points (3, n) in canonical coordinates."""
        return self.to_local @ (points - self.centre[:, None])

    def enter_exit(self, origin: np.ndarray, rays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where rays (3, n) from `origin` (3,) or (3, n) enter and leave; a miss has enter > exit."""
        start = self.to_local @ (origin - (self.centre if origin.ndim == 1 else self.centre[:, None]))
        if start.ndim == 1:
            start = start[:, None]
        return _INTERVALS[self.shape](start, self.to_local @ rays)

    def hit(self, origin: np.ndarray, rays: np.ndarray) -> np.ndarray:
        """Depth of the first surface in front, inf for a miss."""
        enter, leave = self.enter_exit(origin, rays)
        return np.where((enter <= leave) & (enter > NEAR), enter, np.float32(np.inf))

    def normals(self, local: np.ndarray) -> np.ndarray:
        """Unit world normals at canonical surface points (3, n)."""
        normal = _NORMALS[self.shape](local)
        world = self.turn @ (normal / self.size[:, None])
        return world / np.maximum(np.sqrt((world * world).sum(0)), 1e-9)


def _nonzero(x: np.ndarray) -> np.ndarray:
    return np.where(np.abs(x) < 1e-9, np.float32(1e-9), x)


def _box(o: np.ndarray, d: np.ndarray):
    inverse = 1 / _nonzero(d)
    middle, reach = -o * inverse, np.abs(inverse)
    return (middle - reach).max(0), (middle + reach).min(0)


def _round(a: np.ndarray, b: np.ndarray, c: np.ndarray):
    under = b * b - a * c
    root = np.sqrt(np.maximum(under, 0))
    a = np.maximum(a, 1e-12)
    miss = np.where(under < 0, np.float32(np.inf), 0)
    return (-b - root) / a + miss, (-b + root) / a - miss


def _ball(o: np.ndarray, d: np.ndarray):
    return _round((d * d).sum(0), (o * d).sum(0), (o * o).sum(0) - 1)


def _drum(o: np.ndarray, d: np.ndarray):
    enter, leave = _round(
        d[0] * d[0] + d[2] * d[2], o[0] * d[0] + o[2] * d[2], o[0] * o[0] + o[2] * o[2] - 1
    )
    inverse = 1 / _nonzero(d[1])
    middle, reach = -o[1] * inverse, np.abs(inverse)
    return np.maximum(enter, middle - reach), np.minimum(leave, middle + reach)


def _plane(o: np.ndarray, d: np.ndarray):
    t = -o[1] / _nonzero(d[1])
    return t, t


def _box_normals(p: np.ndarray) -> np.ndarray:
    axis = np.abs(p).argmax(0)
    return np.where(np.arange(3)[:, None] == axis, np.sign(p), 0).astype(np.float32)


def _drum_normals(p: np.ndarray) -> np.ndarray:
    cap = p[1] * p[1] > p[0] * p[0] + p[2] * p[2]
    return np.where(cap, np.stack([0 * p[0], np.sign(p[1]), 0 * p[0]]), p * [[1], [0], [1]]).astype(np.float32)


def _plane_normals(p: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.array([[0], [1], [0]], np.float32), p.shape)


_INTERVALS = {"box": _box, "ball": _ball, "drum": _drum, "plane": _plane}
_NORMALS = {"box": _box_normals, "ball": lambda p: p, "drum": _drum_normals, "plane": _plane_normals}


def cast(camera: Camera, solids: list[Solid]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Depth buffer (inf where nothing is hit), index of the solid hit (-1 for none), and the rays."""
    rays = camera.rays()
    depth = np.full(rays.shape[1:], np.inf, np.float32)
    owner = np.full(rays.shape[1:], -1, np.int16)
    for index, solid in enumerate(solids):
        rows, cols = (slice(None), slice(None)) if solid.shape == "plane" else camera.window(solid.corners())
        part = rays[:, rows, cols]
        if part.size == 0:
            continue
        t = solid.hit(camera.position, part.reshape(3, -1)).reshape(part.shape[1:])
        closer = t < depth[rows, cols]
        depth[rows, cols][closer] = t[closer]
        owner[rows, cols][closer] = index
    return depth, owner, rays
