"""Colour for what the rays hit: sun or lamp, shadows, contact darkening and sky."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .geometry import Camera, Solid
from .paint import sample_noise


@dataclass
class Light:
    """One source and its surroundings; colours are linear RGB.

    place      direction to the sun (unit), or the position of a lamp when `lamp` is true
    ambient    light from everywhere
    zenith, horizon, cloud   colours of the sky; cover  0 clear .. 1 overcast
    """

    place: np.ndarray
    lamp: bool
    colour: np.ndarray
    ambient: np.ndarray
    zenith: np.ndarray = None
    horizon: np.ndarray = None
    cloud: np.ndarray = None
    cover: float = 0.5
    softness: int = 1


def shade(camera: Camera, solids: list[Solid], light: Light, depth, owner, rays) -> np.ndarray:
    """Linear RGB (height, width, 3)."""
    height, width = depth.shape
    picture = np.zeros((3, height * width), np.float32)
    shadow, contact = (a.ravel() for a in _shadow_and_contact(camera, solids, light, depth, owner, rays))
    flat_owner, flat_depth, flat_rays = owner.ravel(), depth.ravel(), rays.reshape(3, -1)
    order = np.argsort(flat_owner, kind="stable")
    bounds = np.searchsorted(flat_owner[order], np.arange(len(solids) + 1))
    sky = order[: bounds[0]]
    if sky.size:
        picture[:, sky] = _sky(light, flat_rays[:, sky])
    for index, solid in enumerate(solids):
        pick = order[bounds[index] : bounds[index + 1]]
        if pick.size:
            picture[:, pick] = _surface(
                camera, solid, light, flat_depth[pick], flat_rays[:, pick], shadow[pick], contact[pick]
            )
    return picture.T.reshape(height, width, 3)


def _to_light(light: Light, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vector to the light (3, n or 1), whose length 1 in t reaches a lamp, and its brightness."""
    if not light.lamp:
        return np.broadcast_to(light.place[:, None], points.shape), np.float32(1)
    way = light.place[:, None] - points
    return way, 1 / (0.3 + 0.12 * (way * way).sum(0))


def _surface(camera, solid, light, depth, rays, shadow, contact) -> np.ndarray:
    points = camera.position[:, None] + rays * depth
    local = solid.localise(points)
    normal = solid.normals(local)
    u, v = _surface_coordinates(solid, local)
    away = np.sqrt((rays * rays).sum(0))
    slant = np.abs((normal * rays).sum(0)) / away
    footprint = depth / camera.focal / np.maximum(np.sqrt(slant), 0.12)
    albedo = solid.paint.colour(u, v, footprint)
    way, bright = _to_light(light, points)
    way = way / np.maximum(np.sqrt((way * way).sum(0)), 1e-6)
    lambert = np.maximum((normal * way).sum(0), 0) * bright * shadow
    hemisphere = (0.65 + 0.35 * normal[1]) * contact
    colour = albedo * (light.ambient[:, None] * hemisphere + light.colour[:, None] * lambert)
    if solid.paint.gloss:
        half = way - rays / away
        half /= np.maximum(np.sqrt((half * half).sum(0)), 1e-6)
        shine = np.maximum((half * normal).sum(0), 0) ** 40 * bright * shadow
        colour = colour + solid.paint.gloss * light.colour[:, None] * shine
    return colour + solid.paint.glow * albedo


def _surface_coordinates(solid: Solid, local: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Metres along the surface: two box or plane axes, or arc and height on a round one."""
    x, y, z = local * solid.size[:, None]
    if solid.shape == "plane":
        return x, z
    if solid.shape == "box":
        axis = np.abs(local).argmax(0)
        return np.where(axis == 0, z, x), np.where(axis == 1, z, y)
    top = (local[1] ** 2 > local[0] ** 2 + local[2] ** 2) & (solid.shape == "drum")
    arc = np.arctan2(local[0], local[2]) * (solid.size[0] + solid.size[2]) / 2
    return np.where(top, x, arc), np.where(top, z, y)


def _shadow_and_contact(camera, solids, light, depth, owner, rays):
    """Light that arrives (0..1) and openness to the surroundings (0..1), found at half size."""
    half = (slice(None, None, 2), slice(None, None, 2))
    near = np.minimum(depth[half], 200.0)
    owners = owner[half].ravel()
    points = camera.position[:, None] + (rays[(slice(None), *half)] * near).reshape(3, -1)
    way, _ = _to_light(light, points)
    shadow, contact = np.ones(near.size, np.float32), np.ones(near.size, np.float32)
    for index, solid in enumerate(solids):
        if solid.shape == "plane":
            continue
        other = np.flatnonzero((owners != index) & (owners >= 0))
        local = solid.localise(points[:, other])
        gap = np.maximum(np.sqrt((local * local).sum(0)) - 1, 0)
        contact[other] *= 1 - 0.45 * np.exp(-2.5 * gap)
        enter, leave = solid.enter_exit(points[:, other], way[:, other])
        blocked = (enter <= leave) & (leave > 1e-3) & ((enter < 1) | (not light.lamp))
        shadow[other[blocked]] = 0
    shadow, contact = (_soften(a.reshape(near.shape), light.softness) for a in (shadow, contact))
    return tuple(_double(a)[: depth.shape[0], : depth.shape[1]] for a in (shadow, contact))


def _soften(a: np.ndarray, times: int) -> np.ndarray:
    for _ in range(times):
        p = np.pad(a, 1, mode="edge")
        a = (p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:] + 2 * a) / 6
    return a


def _double(a: np.ndarray) -> np.ndarray:
    return a.repeat(2, 0).repeat(2, 1)


def _sky(light: Light, rays: np.ndarray) -> np.ndarray:
    up = rays[1] / np.sqrt((rays * rays).sum(0))
    rise = np.clip(up, 0, 1) ** 0.5
    colour = light.horizon[:, None] * (1 - rise) + light.zenith[:, None] * rise
    over = 1 / np.maximum(up, 0.03)
    u, v = rays[0] * over * 0.05, rays[2] * over * 0.05
    shape = sample_noise("cloud", u + light.place[0], v + light.place[2], over * over * 0.0004)
    amount = np.clip(shape * 0.6 + light.cover * 2 - 1, 0, 1) * np.clip(up * 8, 0, 1)
    return colour * (1 - amount) + light.cloud[:, None] * amount * (0.85 + 0.15 * shape)
