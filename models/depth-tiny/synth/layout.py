"""Where things stand: each maker returns a camera, solids and a light for one kind of picture.

All kinds share one lens (about 60 degrees across) and a level horizon, and whatever stands on the
ground shows its foot: position in the picture then tells depth, as it does for a camera on a stand.
"""
from __future__ import annotations

import numpy as np

from . import things
from .geometry import Camera, Solid, rotation
from .light import Light
from .paint import Paint, random_paint

UP = np.pi / 2


def _camera(random, height, pitch, shape) -> Camera:
    """A camera `height` metres up, aimed within 4 degrees of `pitch`."""
    rows, cols = shape
    view = np.radians(random.uniform(56, 64))
    turn = rotation(0, np.radians(pitch + random.uniform(-4, 4)), np.radians(random.uniform(-1, 1)))
    return Camera(np.array([0, height, 0], np.float32), turn, cols / 2 / np.tan(view / 2), rows, cols)


def _nearest_ground(camera: Camera) -> float:
    """How far ahead the ground enters the picture at its lower edge."""
    ray = camera.turn @ np.array([0, -camera.height / 2 / camera.focal, 1], np.float32)
    return float(camera.position[1] / -ray[1] * ray[2])


def _spot(random, camera: Camera, near: float, far: float) -> np.ndarray:
    """A point on the ground in view, log-uniform in distance; `near` is kept clear of the lower edge."""
    low, high = np.log([max(near, 1.12 * _nearest_ground(camera)), far])
    z = float(np.exp(random.uniform(min(low, high), high)))
    return np.array([z * random.uniform(-0.95, 0.95) * camera.width / 2 / camera.focal, 0, z], np.float32)


def _plane(centre, turn, paint) -> Solid:
    return Solid("plane", centre, [1, 1, 1], turn, paint)


def _textured(random, span: float) -> Paint:
    """A paint that shows how a surface runs away: never quite plain, hardly any gloss."""
    paint = random_paint(random, span, 0.3)
    paint.rough = max(paint.rough, random.uniform(0.08, 0.25))
    paint.gloss *= 0.2
    return paint


def _ground(random, span: float) -> Solid:
    return _plane([0, 0, 0], rotation(random.uniform(0, 6.28)), _textured(random, span))


def _sun(random) -> Light:
    """Daylight, from clear noon to overcast or a low warm sun."""
    rise, turn = random.uniform(0.35, 1.25), random.uniform(0, 6.28)
    place = np.array([np.cos(rise) * np.sin(turn), np.sin(rise), np.cos(rise) * np.cos(turn)], np.float32)
    blue = np.array([0.25, 0.45, 0.85], np.float32) * random.uniform(0.5, 1.2)
    pale = np.array([0.75, 0.82, 0.9], np.float32) * random.uniform(0.6, 1.3)
    cover, mood = random.random(), random.random()
    if mood < 0.12:
        pale = np.array([1.0, 0.65, 0.4], np.float32) * random.uniform(0.6, 1.2)
    elif mood < 0.27:
        blue = pale = np.full(3, random.uniform(0.5, 1.1), np.float32)
    cloud = np.full(3, random.uniform(0.7, 1.3), np.float32) * (pale.mean() + 0.2)
    warm = np.array([1, random.uniform(0.75, 1), random.uniform(0.5, 1)], np.float32)
    return Light(
        place, False, warm * (1 - 0.9 * cover) * random.uniform(0.7, 1.8),
        (blue + pale) * random.uniform(0.25, 0.5) + 0.02,
        zenith=blue, horizon=pale, cloud=cloud, cover=cover, softness=int(random.integers(1, 5)),
    )


def _lamp(random, place: list[float]) -> Light:
    warm = np.array([1, random.uniform(0.75, 1.05), random.uniform(0.5, 1.1)], np.float32)
    ambient = warm * random.uniform(0.3, 0.7) * random.uniform(0.85, 1.15, 3).astype(np.float32)
    return Light(np.array(place, np.float32), True, warm * random.uniform(0.3, 1.0), ambient,
                 softness=int(random.integers(2, 8)))


def _window_light(random) -> Light:
    """Light on a table: from above and a side, far compared with the scene."""
    light = _sun(random)
    light.place = np.array([random.normal(0, 0.6), random.uniform(0.6, 1.5), random.normal(0, 0.6)], np.float32)
    light.place /= np.linalg.norm(light.place)
    light.ambient = light.ambient + np.float32(random.uniform(0.1, 0.4))
    light.softness = int(random.integers(2, 10))
    return light


def _horizon(random) -> list[Solid]:
    """Hills or a tree line beyond the far limit."""
    solids = []
    for _ in range(random.integers(0, 4)):
        size = [random.uniform(10, 40), random.uniform(2, 6), random.uniform(4, 10)]
        centre = [random.uniform(-60, 60), 0, random.uniform(55, 75) + size[2]]
        solids.append(Solid("ball", centre, size, rotation(), random_paint(random, 20, 0.3)))
    return solids


def outdoors(random, shape):
    """Field or yard under the sky."""
    camera = _camera(random, random.uniform(1.4, 1.8), -7, shape)
    solids = [_ground(random, random.uniform(1, 6))] + _horizon(random)
    makers = [things.building, things.tree, things.person, things.car, things.mast]
    weights = random.dirichlet(np.full(len(makers), 0.8))
    for _ in range(random.integers(2, 7)):
        maker = makers[random.choice(len(makers), p=weights)]
        near = {things.building: 13, things.tree: 5, things.car: 6, things.mast: 5}.get(maker, 3)
        solids += maker(random, _spot(random, camera, near, 25))
    for _ in range(random.integers(0, 3)):
        size = random.uniform(0.25, 0.6) * random.uniform(0.7, 1.4, 3)
        solids += random.choice([things.box, things.ball])(random, _spot(random, camera, 3.5, 14), size)
    return camera, solids, _sun(random)


def street(random, shape):
    """A road between two rows of houses, with cars and people."""
    camera = _camera(random, random.uniform(1.4, 1.8), -7, shape)
    yaw = rotation(random.uniform(-0.12, 0.12))
    solids = [_ground(random, random.uniform(1, 4))] + _horizon(random)
    half = random.uniform(4, 7)
    if random.random() < 0.6:
        solids.append(Solid("box", [0, 0, 40], [half * 0.65, 0.01, 80], yaw, _textured(random, 2)))
    for side in (-1, 1):
        z = random.uniform(3, 8)
        while z < 32 and random.random() < 0.93:
            size = [random.uniform(2, 5), random.uniform(1.5, 5), random.uniform(2, 5)]
            place = yaw @ np.array([side * (half + size[0] + random.uniform(0, 0.6)), 0, z + size[2]], np.float32)
            solids += things.box(random, place, size, things.wall_paint(random), yaw)
            z += 2 * size[2] + random.choice([0.0, random.uniform(0.5, 5)])
    for _ in range(random.integers(1, 6)):
        maker = random.choice([things.person, things.car, things.mast, things.tree])
        near = {things.car: 6, things.tree: 6, things.mast: 5}.get(maker, 3.2)
        place = yaw @ _spot(random, camera, near, 24)
        place[0] = np.clip(place[0], 0.3 - half, half - 0.3)
        solids += maker(random, place, yaw) if maker is things.car else maker(random, place)
    return camera, solids, _sun(random)


def _room_shell(random, left, right, deep, tall, turn) -> list[Solid]:
    """Floor, ceiling, far and side walls around the camera, with skirting where the walls meet the floor."""
    floor, ceiling, walls = _textured(random, 1.5), random_paint(random, 3, 0.9), random_paint(random, 2.5, 0.7)
    if random.random() < 0.7:
        ceiling.base = np.full(3, random.uniform(0.6, 0.9), np.float32)
        walls.base = (ceiling.base + walls.base) / 2
    ceiling.gloss = walls.gloss = 0.0
    far = random_paint(random, 2.5, 0.7) if random.random() < 0.3 else walls
    solids = [
        _plane([0, 0, 0], turn, floor), _plane([0, tall, 0], turn @ rotation(0, 0, np.pi), ceiling),
        _plane(turn @ np.array([0, 0, deep]), turn @ rotation(0, -UP), far),
        _plane(turn @ np.array([right, 0, 0]), turn @ rotation(0, 0, UP), walls),
        _plane(turn @ np.array([-left, 0, 0]), turn @ rotation(0, 0, -UP), walls),
    ]
    if random.random() < 0.75:
        board, rise = random_paint(random, 0.5, 0.9), random.uniform(0.03, 0.07)
        for place, size in (
            ([0, rise, deep], [left + right, rise, 0.02]),
            ([right, rise, 0], [0.02, rise, deep]), ([-left, rise, 0], [0.02, rise, deep]),
        ):
            solids.append(Solid("box", turn @ np.array(place), size, turn, board))
    return solids


def _hangings(random, left, right, deep, tall, turn) -> list[Solid]:
    """Pictures, windows and doors on the far and side walls."""
    solids = []
    for _ in range(random.integers(0, 6)):
        paint = random_paint(random, 1.0, 0.4)
        paint.glow = random.choice([0.0, random.uniform(0.5, 1.5)], p=[0.7, 0.3])
        half, rise = random.uniform(0.2, 0.7), random.uniform(0.2, 0.5)
        y = random.uniform(1.0 + rise, tall - rise)
        if random.random() < 0.25:
            half, rise, y = 0.45, 1.0, 1.0
        if random.random() < 0.5:
            place, size = [random.uniform(-left, right), y, deep], [half, rise, 0.03]
        else:
            place, size = [random.choice([-left, right]), y, random.uniform(1.5, deep)], [0.03, rise, half]
        solids.append(Solid("box", turn @ np.array(place), size, turn, paint))
    return solids


def room(random, shape):
    """A furnished room or a corridor."""
    tall = random.uniform(2.4, 3.0)
    camera = _camera(random, random.uniform(1.4, 1.8), -12, shape)
    corridor = random.random() < 0.25
    left, right = random.uniform(0.8, 1.3, 2) if corridor else random.uniform(1.4, 3.2, 2)
    deep = random.uniform(6, 10) if corridor else random.uniform(4.5, 9)
    turn = rotation(random.uniform(-0.08, 0.08) if corridor else random.uniform(-0.35, 0.35))
    solids = _room_shell(random, left, right, deep, tall, turn)
    solids += _hangings(random, left, right, deep, tall, turn)
    makers = [things.person, things.chair, things.table, things.sofa, things.crate]
    for _ in range(random.integers(0, 3) if corridor else random.integers(1, 5)):
        place = _spot(random, camera, 2.4, deep)
        across, _, along = place @ turn
        if 0.35 - left < across < right - 0.35 and along < deep - 0.35:
            solids += makers[random.integers(len(makers))](random, place)
    lamp = [random.uniform(-left, right) * 0.8, tall * random.uniform(0.75, 0.95), random.uniform(0, 0.8) * deep]
    return camera, solids, _lamp(random, turn @ np.array(lamp))


def tabletop(random, shape):
    """Small things on a table, seen from a chair, with a wall behind the table."""
    camera = _camera(random, random.uniform(0.45, 0.6), -random.uniform(32, 52), shape)
    wall = random.uniform(0.9, 1.6)
    facing = rotation(random.uniform(-0.25, 0.25)) @ rotation(0, -UP)
    backdrop = random_paint(random, 1, 0.6)
    backdrop.gloss = 0.0
    solids = [_ground(random, random.uniform(0.2, 0.8)), _plane([0, 0, wall], facing, backdrop)]
    size = random.uniform(0.04, 0.075)
    for _ in range(random.integers(2, 7)):
        solids += things.vessel(random, _spot(random, camera, 0.4, 0.9 * wall), size * random.uniform(0.7, 1.3))
    return camera, solids, _window_light(random)


KINDS = {"outdoors": (outdoors, 0.26), "street": (street, 0.2), "room": (room, 0.32), "tabletop": (tabletop, 0.22)}
