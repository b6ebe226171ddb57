"""The completions and the manual know every option of hailoctl, and parse."""

import functools
import os
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = os.environ["NPU_SOURCE_DIR"]
PROGRAM = os.path.join(os.environ["NPU_BUILD_DIR"], "hailoctl")
COMPLETIONS = os.path.join(SOURCE, "src", "cli", "completions")
BASH = os.path.join(COMPLETIONS, "hailoctl.bash")
ZSH = os.path.join(COMPLETIONS, "_hailoctl")
FISH = os.path.join(COMPLETIONS, "hailoctl.fish")
MANUAL = os.path.join(SOURCE, "docs", "man", "hailoctl.1")


# For each shell: how to start it, its file, and a script that prints "command <name>" and the options that it
# offers, for the file and the commands that are its arguments.
OFFER_OPTIONS = {
    "bash": (("bash", "-c"), BASH, """
        source "$1"; shift
        for command; do
          echo "command $command"
          COMP_WORDS=(hailoctl "$command" --); COMP_CWORD=2; _hailoctl; printf "%s\\n" "${COMPREPLY[@]}"
        done"""),
    "zsh": (("zsh", "-f", "-c"), ZSH, """
        compdef() { }
        _arguments() { if [[ $1 == -C ]]; then state=arguments; else print -rl -- "$@"; fi }
        source "$1"; shift
        for command; do print "command $command"; words=($command); _hailoctl; done"""),
    "fish": (("fish", "--no-config", "-c"), FISH, """
        source $argv[1]
        for command in $argv[2..]; echo "command $command"; complete -C "hailoctl $command --"; end"""),
}


def run(*command, **how):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **how)


@functools.lru_cache
def options_of(*command):
    """Those of its own subcommands among them."""
    text = run(PROGRAM, *command, "--help").stdout
    options = set(re.findall(r"^  (?:-\w,)?(--[a-z][a-z0-9-]+)", text, re.MULTILINE))
    for inner in subcommands(text) if command else ():
        options |= options_of(*command, inner)
    return options


def subcommands(text):
    return re.findall(r"^  ([a-z]+) ", text.partition("Subcommands:")[2], re.MULTILINE)


@functools.lru_cache
def commands():
    return subcommands(run(PROGRAM, "--help").stdout)


def content(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Completions(unittest.TestCase):
    def test_every_shell_parses_its_file(self):
        for shell, path in (("bash", BASH), ("zsh", ZSH), ("fish", FISH)):
            with self.subTest(shell):
                if shutil.which(shell) is None:
                    self.skipTest("%s is not installed" % shell)
                done = run(shell, "-n", path)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_command_and_option_is_known_to_all(self):
        self.assertEqual(len(commands()), 26)
        for command in commands():
            for path in (BASH, ZSH, FISH, MANUAL):
                self.assertRegex(content(path), r"\b%s\b" % command, path)
            for option in options_of(command):
                name = option.lstrip("-")
                self.assertIn(option, content(BASH))
                self.assertIn(option, content(ZSH))
                self.assertIn("-l %s " % name, content(FISH))
                self.assertIn(option.replace("-", "\\-"), content(MANUAL))

    def test_each_command_has_its_own_options_and_the_common_ones_in_every_shell(self):
        expected = {command: options_of(command) | options_of() - {"--version"} for command in commands()}
        for shell, (words, file, script) in OFFER_OPTIONS.items():
            with self.subTest(shell), tempfile.TemporaryDirectory() as home:
                if shutil.which(shell) is None:
                    self.skipTest("%s is not installed" % shell)
                done = run(*words, script, *([shell] if shell != "fish" else []), file, *expected,
                           env={**os.environ, "HOME": home})
                self.assertEqual(done.stderr, "")
                offered = {}
                for part in done.stdout.split("command ")[1:]:
                    command, *lines = part.splitlines()
                    lines = [re.sub(r"\[.*?\]|\(.*?\)|\t.*", "", line) for line in lines]
                    offered[command] = set(re.findall(r"--[a-z][a-z0-9-]+", " ".join(lines)))
                self.assertEqual(offered, expected)

    def complete(self, *words):
        script = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _hailoctl; printf "%s\\n" "${COMPREPLY[@]}"'
        done = run("bash", "-c", script, "bash", BASH, *words)
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    def test_bash_offers_what_fits(self):
        self.assertEqual(self.complete("hailoctl", "do"), {"doctor"})
        self.assertEqual(self.complete("hailoctl", "segment", "--mask-format", "po"), {"polygon"})
        self.assertEqual(self.complete("hailoctl", "infer", "--type", "de"), {"depth", "detect"})
        self.assertIn("--pin", self.complete("hailoctl", "load", "--"))
        self.assertNotIn("--pin", self.complete("hailoctl", "ping", "--"))
        self.assertEqual(self.complete("hailoctl", "in"), {"infer", "inspect"})
        self.assertEqual(self.complete("hailoctl", "services", "re"), {"restart"})

    def test_bash_offers_file_names_with_spaces_whole(self):
        with tempfile.TemporaryDirectory() as directory:
            name = os.path.join(directory, "my model.hef")
            with open(name, "w", encoding="utf-8"):
                pass
            script = 'source "$1"; COMP_WORDS=(hailoctl load "$2"); COMP_CWORD=2; _hailoctl; printf "%s|" "${COMPREPLY[@]}"'
            done = run("bash", "-c", script, "bash", BASH, os.path.join(directory, "my"))
            self.assertEqual(done.stdout, name + "|")


class Manual(unittest.TestCase):
    @unittest.skipIf(shutil.which("groff") is None, "groff is not installed")
    def test_groff_has_nothing_to_say_about_it(self):
        done = run("groff", "-man", "-ww", "-z", "-Tutf8", MANUAL)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipIf(shutil.which("mandoc") is None, "mandoc is not installed")
    def test_mandoc_has_nothing_to_say_about_it(self):
        done = run("mandoc", "-T", "lint", "-W", "warning", MANUAL)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
