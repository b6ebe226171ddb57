"""Scenes of figures in every posture and turn, with the 17 key points of COCO.

    scene = render(seed)      # see canvas.Scene; scene.keypoints (n, 17, 3) in the order of KEYPOINTS

Left and right are told by the face, by which limbs lie in front, and by the clothes: the left half
of everybody's shirt and trousers is the brighter one. Visibility is COCO's: 2 where the figure is
seen, 1 behind another figure, 0 beyond the picture, or a part of the face that looks away.
"""
from __future__ import annotations

import numpy as np

from drawn import canvas
from drawn.canvas import Canvas, Part, Scene

KEYPOINTS = ("nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder",
             "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip",
             "left_knee", "right_knee", "left_ankle", "right_ankle")
LEFT, RIGHT = 1, -1
HEIGHTS = (80.0, 215.0)  # of an upright figure, in pixels of 256
SHADE_OF_RIGHT = 0.55

# The body: x to its own left, y down from the hips, z forward, in shares of its height.
HEAD = np.array([0, -0.45, 0.005])
FACE = {"nose": (0, -0.435, 0.085), "left_eye": (0.032, -0.468, 0.07), "right_eye": (-0.032, -0.468, 0.07),
        "left_ear": (0.078, -0.45, 0), "right_ear": (-0.078, -0.45, 0)}
UPPER_ARM, FOREARM, THIGH, SHIN = 0.165, 0.15, 0.235, 0.235


def _direction(out: float, forward: float, side: int) -> np.ndarray:
    """Unit vector of a limb that hangs down, lifted outwards and forwards by degrees."""
    a, f = np.radians([out, forward])
    return np.array([side * np.sin(a), np.cos(a) * np.cos(f), np.cos(a) * np.sin(f)])


def _posture(random: np.random.Generator) -> dict[str, np.ndarray]:
    """Joints in the body's coordinates."""
    joints = {name: np.array(place) for name, place in FACE.items()}
    for name, side in (("left", LEFT), ("right", RIGHT)):
        shoulder, hip = np.array([side * 0.12, -0.31, 0]), np.array([side * 0.075, 0, 0])
        out, forward = random.triangular(0, 15, 150), random.triangular(-40, 5, 80)
        elbow = shoulder + UPPER_ARM * _direction(out, forward, side)
        wrist = elbow + FOREARM * _direction(out + random.uniform(-50, 60), forward + random.uniform(0, 80), side)
        out, forward = random.triangular(0, 6, 40), random.triangular(-30, 0, 65)
        knee = hip + THIGH * _direction(out, forward, side)
        ankle = knee + SHIN * _direction(out * random.uniform(0, 1), forward - random.triangular(0, 10, 60), side)
        for joint, place in (("shoulder", shoulder), ("elbow", elbow), ("wrist", wrist),
                             ("hip", hip), ("knee", knee), ("ankle", ankle)):
            joints[f"{name}_{joint}"] = place
    joints["head"] = HEAD
    return joints


def _capsule(a: np.ndarray, b: np.ndarray, width_a: float, width_b: float) -> np.ndarray:
    """Outline of a limb between two points, round at its ends."""
    along = b[:2] - a[:2]
    angle = np.arctan2(along[1], along[0])
    turn = np.linspace(np.pi / 2, 3 * np.pi / 2, 7) + angle
    arc = np.stack([np.cos(turn), np.sin(turn)], 1)
    return np.vstack([a[:2] + width_a / 2 * arc, b[:2] - width_b / 2 * arc])


def _oval(centre: np.ndarray, width: float, height: float, count: int = 20) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return centre[:2] + 0.5 * np.stack([width * np.cos(turn), height * np.sin(turn)], 1)


def _clothes(random: np.random.Generator) -> dict[str, tuple[int, int, int]]:
    def cloth():
        return canvas.colour(random, random.random(), random.uniform(0.2, 0.85), random.uniform(0.7, 0.95))
    skin = canvas.colour(random, 0.07, random.uniform(0.3, 0.6), random.uniform(0.45, 0.95))
    hair = canvas.colour(random, 0.08, random.uniform(0.2, 0.7), random.uniform(0.1, 0.6))
    return {"shirt": cloth(), "trousers": cloth(), "skin": skin, "hair": hair,
            "shoe": canvas.colour(random, random.random(), 0.3, 0.3)}


def _figure(random: np.random.Generator, height: int, width: int) -> tuple[list[Part], dict[str, np.ndarray]]:
    """Parts from far to near, and joints (x, y, nearness) in the picture."""
    size = np.exp(random.uniform(*np.log(HEIGHTS))) * min(height, width) / 256
    yaw = np.radians(random.choice([random.normal(0, 35), random.uniform(-180, 180)]))
    lean = np.radians(random.normal(0, 9))
    turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    tilt = np.array([[np.cos(lean), -np.sin(lean), 0], [np.sin(lean), np.cos(lean), 0], [0, 0, 1]])
    place = np.array([random.uniform(0, width), random.uniform(0.3 * height, 0.75 * height), 0])
    at = {name: size * (tilt @ turn @ joint) + place for name, joint in _posture(random).items()}
    clothes, sleeve = _clothes(random), random.random() < 0.5
    trunk = [at[f"{name}_{joint}"][2] for name in ("left", "right") for joint in ("shoulder", "hip")]
    drawn = [(np.mean(trunk), _torso(at, clothes, size)),
             (at["head"][2] + 0.01 * size, _head(at, clothes, size, random.random() < 0.3))]
    for name in ("left", "right"):
        drawn.append(((at[f"{name}_elbow"][2] + at[f"{name}_wrist"][2]) / 2, _arm(at, clothes, size, name, sleeve)))
        drawn.append(((at[f"{name}_hip"][2] + at[f"{name}_knee"][2]) / 2 - 0.03 * size, _leg(at, clothes, size, name)))
    drawn.sort(key=lambda item: item[0])
    return [part for _, parts in drawn for part in parts], at


def _half(colour, name):
    return colour if name == "left" else canvas.shade(colour, SHADE_OF_RIGHT)


def _torso(at, clothes, size):
    centre_top = (at["left_shoulder"] + at["right_shoulder"]) / 2
    centre_low = (at["left_hip"] + at["right_hip"]) / 2
    parts = [Part(_capsule(centre_top, at["head"], 0.06 * size, 0.06 * size), canvas.shade(clothes["skin"], 0.85))]
    front = at["nose"][2] > at["head"][2]
    near = sorted(("left", "right"), key=lambda name: at[f"{name}_shoulder"][2])
    for name in near:
        shoulder, hip = at[f"{name}_shoulder"], at[f"{name}_hip"]
        outer = _capsule(shoulder, hip, 0.095 * size, 0.1 * size)
        parts.append(Part(outer, _half(clothes["shirt"], name)))
        inner = np.stack([shoulder[:2] - (0, 0.045 * size), centre_top[:2] - (0, 0.05 * size),
                          centre_low[:2] + (0, 0.04 * size), hip[:2] + (0, 0.04 * size)])
        parts.append(Part(inner, _half(clothes["shirt"], name)))
    if front:
        parts.append(Part(_oval(centre_top - (0, 0.03 * size, 0), 0.08 * size, 0.05 * size, 12), clothes["skin"], True))
    return parts


def _arm(at, clothes, size, name, sleeve):
    shoulder, elbow, wrist = (at[f"{name}_{joint}"] for joint in ("shoulder", "elbow", "wrist"))
    lower = _half(clothes["shirt"], name) if sleeve else clothes["skin"]
    upper = canvas.shade(_half(clothes["shirt"], name), 0.92)
    return [Part(_capsule(elbow, wrist, 0.055 * size, 0.042 * size), canvas.shade(lower, 0.96)),
            Part(_oval(wrist, 0.06 * size, 0.06 * size, 12), clothes["skin"]),
            Part(_capsule(shoulder, elbow, 0.075 * size, 0.06 * size), upper)]


def _leg(at, clothes, size, name):
    hip, knee, ankle = (at[f"{name}_{joint}"] for joint in ("hip", "knee", "ankle"))
    cloth = _half(clothes["trousers"], name)
    toe = ankle + 0.5 * (at["nose"] - at["head"]) + (0, 0.02 * size, 0)
    return [Part(_capsule(ankle, toe, 0.05 * size, 0.045 * size), clothes["shoe"]),
            Part(_capsule(knee, ankle, 0.075 * size, 0.05 * size), canvas.shade(cloth, 0.94)),
            Part(_capsule(hip, knee, 0.1 * size, 0.078 * size), cloth)]


def _head(at, clothes, size, long_hair):
    head, nose = at["head"], at["nose"]
    facing = (nose[2] - head[2]) / (0.08 * size)
    parts = []
    if long_hair:
        parts.append(Part(_oval(head + (0, 0.012 * size, 0), 0.18 * size, 0.185 * size), clothes["hair"]))
    parts.append(Part(_oval(head, 0.14 * size, 0.165 * size), clothes["skin"] if facing > -0.2 else clothes["hair"]))
    for name in ("left", "right"):
        if at[f"{name}_ear"][2] > head[2] - 0.03 * size:
            ear = _oval(at[f"{name}_ear"], 0.03 * size, 0.045 * size, 10)
            parts.append(Part(ear, canvas.shade(clothes["skin"], 0.8)))
    cap = _oval(head - (0, 0.012 * size, 0), 0.15 * size, 0.16 * size)
    cap[:, 1] = np.minimum(cap[:, 1], head[1] - 0.032 * size)
    parts.append(Part(cap, clothes["hair"]))
    if facing > -0.2:
        for name in ("left", "right"):
            eye = at[f"{name}_eye"]
            if eye[2] > head[2]:
                parts.append(Part(_oval(eye, 0.03 * size, 0.024 * size, 10), (240, 240, 240), True))
                parts.append(Part(_oval(eye, 0.017 * size, 0.02 * size, 8), (25, 25, 35), True))
        parts.append(Part(_oval(nose, 0.024 * size, 0.032 * size, 8), canvas.shade(clothes["skin"], 0.7)))
    return parts


def _away(at: dict[str, np.ndarray], name: str) -> bool:
    """Whether that part of the face is on the far side of the head."""
    reach = np.linalg.norm(at["nose"] - at["head"])
    behind = 0.35 if name.endswith("ear") else 0.1
    return at[name][2] < at["head"][2] - behind * reach


def _visibility(scene: Scene, index: int, hidden: np.ndarray) -> None:
    points = scene.keypoints[index]
    height, width = scene.owner.shape
    inside = (points[:, 0] >= 0) & (points[:, 0] < width) & (points[:, 1] >= 0) & (points[:, 1] < height)
    x = np.clip(points[:, 0].astype(int), 0, width - 1)
    y = np.clip(points[:, 1].astype(int), 0, height - 1)
    seen = scene.owner[y, x] == index + 1
    points[:, 2] = np.where(inside & ~hidden, np.where(seen, 2, 1), 0)
    points[points[:, 2] == 0, :2] = 0


def render(seed: int, height: int = 256, width: int = 256) -> Scene:
    """The scene of `seed`: one to five figures, label 0."""
    random = np.random.default_rng([seed, 2])
    scene, hidden = Canvas(random, height, width), []
    for _ in range(int(random.integers(1, 6))):
        for _ in range(8):
            parts, at = _figure(random, height, width)
            points = np.array([[*at[name][:2], 0] for name in KEYPOINTS])
            if scene.place(parts, 0, points, seen=0.55, inside=0.75):
                hidden.append(np.array([name in FACE and _away(at, name) for name in KEYPOINTS]))
                break
    if not scene.labels:
        return render(seed + 7_919_000_000, height, width)
    result = scene.photograph()
    for index, away in enumerate(hidden):
        _visibility(result, index, away)
    return result
