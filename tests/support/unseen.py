"""The small networks of models/, scenes that they have never seen, and what answers about these are worth.

    from support.unseen import SCENES, decode, manager_of, precision, things

NumPy and Pillow only. models/yolo shares no code with the services.
"""

import sys

from .manager_process import SOURCE, ManagerProcess

MODELS = SOURCE / "models"
sys.path.insert(0, str(MODELS))
from drawn import FIRST_TRAINING_SEED, faces, figures, people, things  # noqa: E402,F401
from yolo import decode, precision  # noqa: E402,F401

SCENES = range(500, 560)
assert SCENES.stop <= FIRST_TRAINING_SEED


PP_OCR = SOURCE / "third_party" / "ocr-models"  # scripts/fetch-models


def manager_of(*folders):
    """Runs the ONNX files of those folders of models/, or elsewhere, on the CPU; the catalogue knows their names and labels."""
    return ManagerProcess(device="onnx", arguments=("--model-dirs", ":".join(str(MODELS / folder) for folder in folders),
                                                    "--catalogue", MODELS / "catalogue"))
