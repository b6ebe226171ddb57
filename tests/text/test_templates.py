"""Chat templates, rendered as Debian's python3-jinja2 renders them with what transformers sets (jinja_oracle.py)."""

import json
import unittest

import jinja_oracle
import template_cases
from answers import answers
from support.manager_process import SLOW, SOURCE

PUBLISHED = SOURCE.parent / "shared" / "models" / "language" / "chat_templates.json"


def rendered(cases):
    """What ours makes of each: {"text"}, or {"error"}."""
    return answers("render_template", jinja_oracle.DAY, [{"template": template, "data": data} for template, data in cases])


@unittest.skipUnless(jinja_oracle.jinja2, "scripts/setup --dev installs python3-jinja2")
class Templates(unittest.TestCase):
    def assertAlike(self, cases):
        cases = list(cases)
        ours = rendered(cases)
        self.assertEqual(len(ours), len(cases))
        wrong = []
        for (template, data), answer in zip(cases, ours):
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
