"""What is said of drawn figures while clip-tiny learns: whole captions, and parts of them, in several wordings."""
from __future__ import annotations

import numpy as np

from drawn.figures import COMBINATIONS, Combination

WORDINGS = ("{}", "a photo of {}.", "a drawing of {}", "a picture of {}", "this is {}", "there is {} here",
            "an image of {} on a grey background", "{}, drawn by hand", "we see {}.", "the picture shows {}")
# Which of size, colour and shape are told, and how often.
PARTS = {(True, True, True): 0.5, (False, True, True): 0.2, (True, False, True): 0.1, (False, False, True): 0.1,
         (False, True, False): 0.05, (True, True, False): 0.05}


def told(what: Combination, parts: tuple[bool, bool, bool]) -> str:
    words = [word for word, is_told in zip(what, parts) if is_told]
    if not parts[2]:
        words.append("thing")
    return ("an " if words[0][0] in "aeiou" else "a ") + " ".join(words)


def draw_parts(random: np.random.Generator) -> tuple[bool, bool, bool]:
    return list(PARTS)[random.choice(len(PARTS), p=list(PARTS.values()))]


def draw_wording(random: np.random.Generator) -> str:
    """Half of them none."""
    return WORDINGS[0] if random.random() < 0.5 else WORDINGS[random.integers(len(WORDINGS))]


def all_texts() -> list[str]:
    """Everything that may be said: what the vocabulary is learned from."""
    return [wording.format(told(what, parts)) for what in COMBINATIONS for parts in PARTS for wording in WORDINGS]
