"""hailo-face on the CPU as a newcomer has it, BlazeFace and face-tiny, with drawn people whom face-tiny has never seen.

The truth is models/drawn/faces: a picture of identity n shows identity n.
"""

import json
import pathlib
import tempfile
import unittest

import numpy

from support.manager_process import SOURCE, ManagerProcess
from support.pictures import png
from support.service_client import Client
from support.service_process import ServiceProcess, ServiceTest, wait_ready
from support.unseen import faces

FETCHED = SOURCE / "third_party" / "face-models"
PEOPLE = range(400, 420)
STRANGERS = range(440, 460)
THRESHOLD = 0.55  # of face-tiny: models/face-tiny/README.md


def picture(person, look, side=200, canvas=320):
    """The face within a larger picture."""
    out = numpy.full((canvas, canvas, 3), 120, numpy.uint8)
    at = (canvas - side) // 2
    out[at:at + side, at:at + side] = faces.render(faces.identity(person), person * 1000 + look, side)
    return png(out)


@unittest.skipUnless((FETCHED / "blazeface_short.onnx").exists(), "scripts/fetch-models has not run")
class People(ServiceTest):
    program = "hailo-face"
    arguments = ("--recognition-model", "face-tiny", "--recognition-path", "face-tiny")
    demo = True

    @classmethod
    def make_manager(cls):
        return ManagerProcess(device="onnx", arguments=("--model-dirs", f"{FETCHED}:{SOURCE / 'models' / 'face-tiny'}",
                                                        "--catalogue", SOURCE / "models" / "catalogue"))

    @classmethod
    def model_path(cls):
        return "blazeface_short"

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="hailo-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.config = json.dumps({"database": {"db_file": str(pathlib.Path(folder.name) / "faces.db")}, "faces": {"demo_model": cls.demo}})
        super().setUpClass()

    def embedding(self, person, look):
        sent = {"image": png(faces.render(faces.identity(person), person * 1000 + look)), "bbox": "[0, 0, 112, 112]"}
        answer = self.client.post_form(sent, "/v1/embed")
        self.assertEqual(answer.status, 200, answer.body[:300])
        vector = numpy.array(answer.json()["embedding"])
        self.assertAlmostEqual(numpy.linalg.norm(vector), 1, places=4)
        return vector

    def test_verification(self):
        """All pairs of one person, as many of two: right above and below the model's threshold, half of each as in LFW."""
        made = numpy.array([[self.embedding(person, look) for look in range(4)] for person in range(300, 360)])
        cosines = numpy.einsum("pid,qjd->piqj", made, made)
        person, other = numpy.meshgrid(range(len(made)), range(len(made)), indexing="ij")
        looks = numpy.triu(numpy.ones((4, 4), bool), 1)
        same = cosines.transpose(0, 2, 1, 3)[person == other][:, looks]
        others = cosines.transpose(0, 2, 1, 3)[person < other]
        accuracy = ((same > THRESHOLD).mean() + (others <= THRESHOLD).mean()) / 2
        print(f"\nverification accuracy {accuracy:.4f}")
        self.assertGreaterEqual(accuracy, 0.95)

    def test_enrolled_people_are_known_again_and_strangers_are_not(self):
        for person in PEOPLE:
            for look in (1, 2):
                answer = self.client.post_form({"image": picture(person, look), "name": f"person {person}"}, "/v1/database/add")
                self.assertEqual(answer.status, 200, answer.body)
                self.assertGreater(answer.json()["quality"]["score"], 0)
        right = named = seen = 0
        for person in (*PEOPLE, *STRANGERS):
            for look in (11, 12, 13):
                answer = self.client.post_form({"image": picture(person, look)}, "/v1/recognize")
                self.assertEqual(answer.status, 200, answer.body)
                for face in answer.json()["faces"][:1]:
                    seen += 1
                    right += person in PEOPLE and face["identity"] == f"person {person}"
                    named += person in STRANGERS and face["identity"] != "Unknown"
        print(f"\n{seen} faces found of 120, {right} of 60 known, {named} of 60 strangers taken for somebody")
        self.assertGreaterEqual(seen, 115)
        self.assertGreaterEqual(right, 54)
        self.assertLessEqual(named, 3)

    def test_by_default_it_names_nobody(self):
        config = self.config.replace('"demo_model": true', '"demo_model": false')
        with ServiceProcess(self.program, self.manager.socket_path, self.model_path(), config, self.arguments) as service:
            wait_ready(service)
            client = Client(service.port)
            self.addCleanup(client.close)
            for path in ("/v1/recognize", "/v1/embed", "/v1/database/add", "/v1/vision/face/register", "/v1/vision/face/recognize"):
                answer = client.post_form({"image": picture(400, 1), "name": "Ada", "userid": "Ada"}, path)
                self.assertEqual(answer.status, 503, (path, answer.body))
                self.assertIn("hailoctl pull sface", answer.error())
            found, = client.post_form({"image": picture(400, 1)}, "/api/faces").json()
            self.assertNotIn("name", found)


del ServiceTest
if __name__ == "__main__":
    unittest.main()
