"""hailo-pose in front of a manager whose chip sees the people of scenes.py."""

import pathlib
import tempfile

from scenes import profile
from support.service_process import SimServiceTest


class PoseTest(SimServiceTest):
    program = "hailo-pose"
    model = "yolov8s_pose"

    @classmethod
    def make_manager(cls):
        folder = tempfile.TemporaryDirectory(prefix="hailo-test-")
        cls.addClassCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "profile.yaml"
        path.write_text(profile())
        cls.profile = path
        return super().make_manager()
