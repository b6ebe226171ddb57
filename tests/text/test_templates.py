"""Chat templates, rendered as Debian's python3-jinja2 renders them with what transformers sets (jinja_oracle.py)."""

import json
import subprocess
import unittest

import jinja_oracle
import template_cases
from support.manager_process import BIN, SLOW, SOURCE

PUBLISHED = SOURCE.parent / "shared" / "models" / "language" / "chat_templates.json"


def rendered(cases):
    """What ours makes of each: the text, or None."""
    lines = "".join(json.dumps({"template": template, "data": data}) + "\n" for template, data in cases)
    done = subprocess.run([BIN / "render_template", str(jinja_oracle.DAY)], input=lines, capture_output=True, text=True, timeout=60 * SLOW)
    if done.returncode != 0:
        raise AssertionError(f"render_template ended with status {done.returncode}: {done.stderr[-3000:]}")
    return [json.loads(line) for line in done.stdout.split("\n") if line]


@unittest.skipUnless(jinja_oracle.jinja2, "scripts/setup --dev installs python3-jinja2")
class Templates(unittest.TestCase):
    def assertAlike(self, cases):
        cases = list(cases)
        answers = rendered(cases)
        self.assertEqual(len(answers), len(cases))
        wrong = []
        for (template, data), answer in zip(cases, answers):
            expected = jinja_oracle.render(template, data)
            if answer.get("text") != expected:
                wrong.append((template, answer, expected))
        self.assertEqual(wrong[:5], [], f"{len(wrong)} of {len(cases)} differ")

    def test_every_part_of_the_language(self):
        self.assertAlike(template_cases.all_cases())

    def test_the_space_around_tags(self):
        self.assertAlike(template_cases.spaced(3000 // SLOW))

    @unittest.skipUnless(PUBLISHED.exists(), f"{PUBLISHED} is not there")
    def test_published_templates(self):
        published = json.loads(PUBLISHED.read_text())
        cases = [(case["template"], case["data"]) for case in published]
        self.assertGreater(len(cases), 50)
        self.assertAlike(cases)
        # What the publishers expect. Hammer's has a list printed as JavaScript prints it.
        for case, answer in zip(published, rendered(cases)):
            if case["name"] != "MadeAgents/Hammer2.1":
                with self.subTest(case["name"]):
                    self.assertEqual(answer.get("text"), case["expected"])


if __name__ == "__main__":
    unittest.main()
