"""Clients of others that are written in JavaScript (scripts/fetch-clients), run as their users run them.

    @npm_client.needs("openai")
    class OpenAi(ServiceTest):
        answer = npm_client.run("openai_embeddings", url=..., input="a red circle")

A script lies in tests/clients/npm and has one argument, JSON, and prints JSON.
"""

import json
import os
import shutil
import subprocess
import unittest

from .manager_process import SLOW, SOURCE

PACKAGES = SOURCE / "third_party" / "npm-clients" / "node_modules"
NODE = shutil.which("node")


def needs(*packages):
    """Skips where Node.js or one of the packages is not there."""
    there = NODE is not None and all((PACKAGES / name / "package.json").exists() for name in packages)
    return unittest.skipUnless(there, "Node.js is not there, or scripts/fetch-clients has not run")


def run(script, **argument):
    done = subprocess.run([NODE, SOURCE / "tests" / "clients" / "npm" / f"{script}.cjs", json.dumps(argument)],
                          env={**os.environ, "NODE_PATH": str(PACKAGES)}, capture_output=True, text=True,
                          timeout=60 * SLOW)
    if done.returncode != 0:
        raise AssertionError(f"{script} ended with status {done.returncode}: {done.stderr[-3000:]}")
    return json.loads(done.stdout)
