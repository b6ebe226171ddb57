"""hailo-pose in front of a manager whose chip sees the people of scenes.py."""

from scenes import profile
from support.service_process import SimServiceTest


class PoseTest(SimServiceTest):
    program = "hailo-pose"
    model = "yolov8s_pose"

    @classmethod
    def profile_text(cls):
        return profile()
