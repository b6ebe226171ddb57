"""hailo-pose in front of a manager whose chip sees the people of scenes.py."""

import pathlib
import tempfile

from scenes import profile
from support.manager_process import ManagerProcess
from support.service_process import ServiceTest


class PoseTest(ServiceTest):
    program = "hailo-pose"
    model = "yolov8s_pose"

    @classmethod
    def make_manager(cls):
        folder = tempfile.TemporaryDirectory(prefix="hailo-test-")
        cls.addClassCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "profile.yaml"
        path.write_text(profile())
        return ManagerProcess(sim_profile=path)

    @classmethod
    def model_path(cls):
        return cls.manager.model(cls.model)
