"""Names of any script, and what is none, through both ways in; many at once."""

import base64
import random
import unicodedata
import unittest
import urllib.parse

from fixture import FaceServiceTest, coloured

SCRIPTS = ((0x21, 0x7E), (0xA1, 0x24F), (0x370, 0x3FF), (0x400, 0x4FF), (0x5D0, 0x5EA), (0x620, 0x64A), (0x900, 0x939),
           (0xE01, 0xE3A), (0x3041, 0x3096), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0x1F300, 0x1F5FF), (0x20000, 0x2A6DF))


def some_name(chance):
    """Letters of one script, with spaces and slashes between them; combining marks too."""
    low, high = chance.choice(SCRIPTS)
    letters = [chr(chance.randint(low, high)) for _ in range(chance.randint(1, 60))]
    for _ in range(chance.randint(0, 4)):
        letters.insert(chance.randint(0, len(letters)), chance.choice([" ", "/", "\\", "..", "\u0301", "\u202e", "\u200d", "%", "'"]))
    return "".join(letters)


class Names(FaceServiceTest):
    settings = {"max_embeddings_per_identity": 1000}

    def test_what_was_given_is_what_is_told(self):
        chance = random.Random(1)
        names = {some_name(chance) for _ in range(150)} - {" "}
        names = {name for name in names if name.strip(" ") and not any(unicodedata.category(one) == "Cc" for one in name)}
        self.assertGreater(len(names), 100)
        for number, name in enumerate(names):
            add = self.client.post_form if number % 2 else self.client.post_json
            fields = {"name": name, "image": coloured(1)}
            if not number % 2:
                fields["image"] = base64.b64encode(fields["image"]).decode()
            answer = add(fields, "/v1/database/add")
            self.assertEqual(answer.status, 200, (name, answer.body))
            self.assertEqual(answer.json()["name"], name)
        self.assertEqual(set(self.names(self.client)), names)
        for name in names:
            told = self.client.get("/v1/database/export?name=" + urllib.parse.quote(name, safe=""))
            self.assertEqual((told.status, told.json()["name"]), (200, name))
            self.assertEqual(self.client.post_json({"name": name}, "/v1/database/remove").status, 200)
        self.assertEqual(self.names(self.client), [])

    def test_what_is_no_name_is_said_to_be_none(self):
        for name in ("x" * 1000, "\N{CJK UNIFIED IDEOGRAPH-5B57}" * 257, "a\0b", "\n", "\x1b]0;title\a", "\x9b", "   ", "Unknown"):
            for path, field in (("/v1/database/add", "name"), ("/v1/vision/face/register", "userid")):
                with self.subTest(path, name=name[:9]):
                    answer = self.client.post_form({field: name, "image": coloured(1)}, path)
                    self.assertEqual(answer.status, 400, answer.body)
                    self.assertIn("name must be 1..256 characters", answer.error())
        broken = self.client.request("POST", "/v1/database/add", b'{"name": "\xff\xfe", "image": ""}', {"Content-Type": "application/json"})
        self.assertEqual(broken.status, 400, broken.body)
        self.assertEqual(self.names(self.client), [])

    def test_many_pictures_of_one_person_at_once_are_all_there(self):
        answers = self.ask_at_once("/v1/database/add", {"image": coloured(4), "name": "Eve"}, 40)
        self.assertEqual({answer.status for answer in answers}, {200})
        self.assertEqual(sorted(answer.json()["embedding_count"] for answer in answers), list(range(1, 41)))
        self.assertEqual(self.client.post_json({"name": "Eve"}, "/v1/database/remove").status, 200)

    def test_a_name_is_in_no_log(self):
        name = "Somebody who wants to be in no log"
        self.assertEqual(self.add(self.client, name, 5).status, 200)
        self.assertEqual(self.who(self.client, 5), name)
        self.assertEqual(self.client.post_json({"name": name}, "/v1/database/remove").status, 200)
        self.assertNotIn(name, self.service.log())


del FaceServiceTest
if __name__ == "__main__":
    unittest.main()
