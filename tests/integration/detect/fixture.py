"""hailo-detect as a process in front of a real manager, and where the profile's objects lie in a picture."""

import pathlib

from support.service_process import SimServiceTest

PROFILE = pathlib.Path(__file__).resolve().parent / "profile.yaml"
# In shares of the input, as the profile has them.
PERSON, CUP = (0.3, 0.4, 0.45, 0.6), (0.6125, 0.4, 0.7, 0.55)


def in_picture(box, width, height, input_width=640, input_height=640):
    """[x, y, width, height] in a picture that was letterboxed into the input, computed plainly."""
    scale = min(input_width / width, input_height / height)
    left, top = (input_width - width * scale) / 2, (input_height - height * scale) / 2
    x = [(share * input_width - left) / scale for share in box[::2]]
    y = [(share * input_height - top) / scale for share in box[1::2]]
    x = [min(max(at, 0), width) for at in x]
    y = [min(max(at, 0), height) for at in y]
    return [x[0], y[0], x[1] - x[0], y[1] - y[0]]


class DetectTest(SimServiceTest):
    profile = PROFILE
    program = "hailo-detect"
    model = "yolov8s"
