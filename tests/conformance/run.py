"""Plays the transcripts of this folder: as a test against our manager, or against a given socket."""

import argparse
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))  # also where nobody has set PYTHONPATH

import transcript  # noqa: E402


def variables(models):
    return {"models": str(models), "story": "word " * 5000}


class Conformance(unittest.TestCase):
    """One test a transcript; each starts a manager of its own."""

    def play(self, path):
        from support.manager_process import ManagerProcess

        with ManagerProcess(sim_profile=HERE / "profile.yaml") as manager:
            player = transcript.Player(manager.socket_path, variables(manager.model_dir))
            player.play(path.read_text())


for _path in sorted((HERE / "transcripts").glob("*.transcript")):
    setattr(Conformance, f"test_{_path.stem}", lambda self, path=_path: self.play(path))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--socket", required=True, help="device socket to talk to")
    parser.add_argument("--models", required=True, help="its model directory")
    parser.add_argument("transcripts", nargs="*", type=pathlib.Path)
    options = parser.parse_args()
    failed = 0
    for path in options.transcripts or sorted((HERE / "transcripts").glob("*.transcript")):
        try:
            transcript.Player(options.socket, variables(options.models)).play(path.read_text())
            print(f"ok    {path.stem}")
        except transcript.Mismatch as error:
            failed += 1
            print(f"FAIL  {path.stem}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
