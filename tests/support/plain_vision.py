"""What tests of picture services compute plainly, with numpy and Pillow, as the oracle of what the services do."""

import numpy

try:
    from PIL import Image
except ImportError:
    Image = None


def fitted(picture, side, corner=False):
    """uint8 (side, side, 3), the picture letterboxed, and (scale across, scale down, left, top): how it lies there."""
    height, width, _ = picture.shape
    scale = min(side / width, side / height)
    size = int(width * scale), int(height * scale)
    left, top = (0, 0) if corner else ((side - size[0]) // 2, (side - size[1]) // 2)
    out = numpy.full((side, side, 3), 114, numpy.uint8)
    out[top:top + size[1], left:left + size[0]] = Image.fromarray(picture).resize(size, Image.BILINEAR)
    return out, (size[0] / width, size[1] / height, left, top)


def overlap(a, b):
    """Intersection over union of (left, top, right, bottom)."""
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    both = max(wide, 0) * max(high, 0)
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)
