"""Writes a scene as a picture.

    python3 -m drawn things --seed 7 --out things.png      # in models/
    python3 -m drawn people --seed 7 --width 512 --height 512 --truth --out people.jpg
"""
import argparse
from pathlib import Path

from PIL import Image, ImageDraw

from drawn import figures, people, things

KINDS = {"things": things, "people": people, "figures": figures}
NAMES = {"things": things.NAMES, "people": ["person"], "figures": [figures.caption(c) for c in figures.COMBINATIONS]}


def with_truth(scene, names) -> Image.Image:
    """The picture with its boxes, names and key points; hidden points are blue."""
    picture = Image.fromarray(scene.picture)
    pen = ImageDraw.Draw(picture)
    for label, box in zip(scene.labels, scene.boxes.tolist()):
        pen.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), outline=(255, 255, 0))
        pen.text((box[0] + 2, box[1]), names[label], fill=(255, 255, 255))
    for x, y, visibility in [] if scene.keypoints is None else scene.keypoints.reshape(-1, 3):
        if visibility > 0:
            pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=(0, 255, 0) if visibility == 2 else (0, 0, 255))
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(prog="python3 -m drawn", description="Write one scene as a picture.")
    parser.add_argument("kind", choices=KINDS, help="what is drawn")
    parser.add_argument("--seed", type=int, default=7, help="which scene; any whole number >= 0")
    parser.add_argument("--width", type=int, default=256, help="pixels")
    parser.add_argument("--height", type=int, default=256, help="pixels")
    parser.add_argument("--truth", action="store_true", help="with boxes, names and key points")
    parser.add_argument("--out", type=Path, required=True, help="file to write; its ending tells the format")
    arguments = parser.parse_args()
    scene = KINDS[arguments.kind].render(arguments.seed, height=arguments.height, width=arguments.width)
    picture = with_truth(scene, NAMES[arguments.kind]) if arguments.truth else Image.fromarray(scene.picture)
    picture.save(arguments.out)


if __name__ == "__main__":
    main()
