"""Compares tokens with those of Hugging Face's tokenizers for JavaScript (npm).

Where JavaScript's differ from the library that models are trained with, that one counts and the difference is left out
here: it makes every last sigma of a word a ς, which the other does not, finds an unknown token by its name nowhere, and
knows no behaviours of Split but Removed and Isolated, no digits but 0 to 9 and no words but ASCII's. Those parts are
tried in src/text/tokenizer with what the library's documents say.
"""

import json
import tempfile
import unittest

from answers import answers
from support import npm_client

LOWER = ("MiniLM", "BERT")


def texts_for(name, texts):
    return [text.replace("Σ", "S") for text in texts] if name in LOWER else texts


@npm_client.needs("@huggingface/tokenizers")
class TokenizerTest(unittest.TestCase):
    def assertEqualTokens(self, file, texts):
        with tempfile.NamedTemporaryFile("w") as sent:
            json.dump(texts, sent)
            sent.flush()
            theirs = npm_client.run("tokenize", file=str(file), texts=sent.name)
        read = answers("tokenize", file, texts)
        self.assertEqual((len(read), len(theirs)), (len(texts), len(texts)))
        wrong = [(text, mine, other) for text, mine, other in zip(texts, read, theirs) if mine != other]
        self.assertEqual(wrong[:3], [], f"{len(wrong)} of {len(texts)} differ")
        self.assertGreater(len({tuple(answer["ids"]) for answer in read}), 0.5 * len(texts))
