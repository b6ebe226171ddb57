"""Plays the HTTP transcripts of this folder: one folder a service, one test a transcript."""

import json
import pathlib
import re
import tempfile
import unittest

import transcript
from openapi import Document
from support.manager_process import SOURCE, ManagerProcess
from support.service_client import Client
from support.service_process import ServiceProcess, wait_ready
from support.unseen import manager_of

HERE = pathlib.Path(__file__).resolve().parent
MODELS = SOURCE / "tests" / "data" / "models"


class ServiceTranscripts(unittest.TestCase):
    """One service for all its transcripts, as service.json of its folder says (README.md)."""

    folder = None

    @classmethod
    def setUpClass(cls):
        cls.about = json.loads((cls.folder / "service.json").read_text())
        manager, model = cls._manager()
        cls.addClassCleanup(manager.close)
        manager.__enter__()
        scratch = cls.enterClassContext(tempfile.TemporaryDirectory(prefix="hailo-test-"))
        config = json.dumps(cls.about.get("config", {})).replace("${models}", str(MODELS)).replace("${scratch}", scratch)
        cls.service = ServiceProcess(cls.about["program"], manager.socket_path, model, config, env=cls._env())
        cls.addClassCleanup(cls.service.close)
        cls.service.__enter__()
        wait_ready(cls.service)
        client = Client(cls.service.port)
        cls.document = Document(client.get("/openapi.json").body)
        client.close()

    @classmethod
    def _manager(cls):
        if "folder" in cls.about:
            return manager_of(cls.about["folder"]), cls.about["model"]
        if cls.about["device"] == "onnx":
            manager = ManagerProcess(arguments=("--device", "onnx", "--model-dirs", MODELS))
            return manager, MODELS / cls.about["model"]
        manager = ManagerProcess(sim_profile=cls.folder / "profile.yaml", device="sim")
        return manager, manager.model(cls.about["model"])

    @classmethod
    def _env(cls):
        if "folder" not in cls.about:
            return {}
        return {"HAILO_CATALOGUE": str(SOURCE / "models" / "catalogue"),
                "HAILO_MODEL_DIRS": str(SOURCE / "models" / cls.about["folder"])}

    def play(self, path):
        player = transcript.Player(self.service.port, self.folder, self.document.check)
        player.play(path.read_text())

    def test_openapi(self):
        """The document is sound, and knows the routes that the service has and no others."""
        self.assertEqual(self.document.faults(), [])
        logged = re.search(r" routes: (.*)$", self.service.log(), re.MULTILINE).group(1)
        self.assertEqual(set(logged.split(", ")), self.document.routes())

    def test_openapi_knows_the_statuses_of_the_reference(self):
        """Every row of the table of errors in the service's page of docs/reference."""
        text = (SOURCE / self.about["reference"]).read_text().partition("\n## Errors")[2]
        in_reference = set(re.findall(r"^\| (\d{3}) \|", text, re.MULTILINE))
        self.assertTrue(in_reference)
        self.assertLessEqual(in_reference, self.document.statuses())


def _add(folder):
    tests = {f"test_{path.stem}": lambda self, path=path: self.play(path)
             for path in sorted(folder.glob("*.transcript"))}
    name = "".join(word.capitalize() for word in folder.name.split("-"))
    globals()[name] = type(name, (ServiceTranscripts,), {"folder": folder, **tests})


for _file in sorted(HERE.glob("*/service.json")):
    _add(_file.parent)
del ServiceTranscripts

if __name__ == "__main__":
    unittest.main()
