"""The scripts, called from another folder than that of the checkout."""

import os
import subprocess
import tempfile
import unittest

SCRIPTS = os.path.join(os.environ["NPU_SOURCE_DIR"], "scripts")


class FromElsewhere(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.join(os.path.realpath(self.enterContext(tempfile.TemporaryDirectory())), "a", "b")
        os.makedirs(self.folder)

    def run_script(self, name, *arguments):
        relative = os.path.relpath(os.path.join(SCRIPTS, name), self.folder)
        return subprocess.run([relative, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60)

    def test_each_tells_its_use(self):
        for name, argument in (("demo", "--help"), ("setup", "--help"), ("fetch-onnxruntime", "--nothing"),
                               ("fetch-models", "--nothing")):
            with self.subTest(name):
                done = self.run_script(name, argument)
                self.assertIn("scripts/" + name, done.stdout + done.stderr)
                self.assertNotIn("sed:", done.stderr)

    def test_the_demo_looks_for_a_picture_where_it_was_called(self):
        done = self.run_script("demo", "absent.jpg")
        self.assertEqual((done.returncode, done.stderr), (1, f"demo: cannot read {self.folder}/absent.jpg\n"))


if __name__ == "__main__":
    unittest.main()
