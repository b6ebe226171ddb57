"""Small tokenizers of each kind, made from the texts that they are tried with: vocabularies, and files as tokenizer.json."""

import collections
import random

PLAIN = {"normalizer": None, "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": None, "decoder": None}
SPACE = "\u2581"


def words_of(texts):
    return collections.Counter(word for text in texts for word in text.split())


def merges_of(words, count, end=""):
    """The first merges of byte pair encoding as its authors describe it, of characters."""
    parts = {tuple(word[:-1]) + (word[-1] + end,): times for word, times in words.items()}
    merges = []
    for _ in range(count):
        pairs = collections.Counter()
        for word, times in parts.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += times
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        joined = {}
        for word, times in parts.items():
            new, at = [], 0
            while at < len(word):
                if word[at:at + 2] == best:
                    new.append("".join(best))
                    at += 2
                else:
                    new.append(word[at])
                    at += 1
            joined[tuple(new)] = times
        parts = joined
    return merges


def bpe(texts, merges=150, characters=400, end="", **model):
    words = words_of(texts)
    common = [c for c, _ in collections.Counter("".join(words.elements())).most_common(characters)]
    pairs = [pair for pair in merges_of(words, merges, end) if all(set(part.replace(end, "")) <= set(common) for part in pair)]
    tokens = ["<unk>", *common, *(c + end for c in common if end), *("".join(pair) for pair in pairs)]
    vocab = {token: at for at, token in enumerate(dict.fromkeys(tokens))}
    return {"model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": False, "end_of_word_suffix": end or None, "vocab": vocab,
                      "merges": [list(pair) for pair in pairs], **model}}


def word_piece(texts, count=2000, lower=False):
    dice = random.Random(3)
    tokens = {}
    for word in dice.choices(list(words_of(texts)), k=count):
        word = word.lower() if lower else word
        cut = dice.randint(1, len(word))
        tokens[word[:cut]] = tokens[word[:1]] = None
        tokens["##" + word[cut:]] = tokens["##" + word[-1:]] = None
    tokens.pop("##", None)
    return {"model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 20,
                      "vocab": {token: at for at, token in enumerate(["[UNK]", *tokens])}}}


def unigram(texts, count=3000):
    dice = random.Random(4)
    tokens = {}
    for word in dice.choices(list(words_of(texts)), k=count):
        word = SPACE + word
        begin = dice.randint(0, len(word) - 1)
        tokens[word[begin:begin + dice.randint(1, 4)]] = None
        tokens[word[-1]] = None
    return {"model": {"type": "Unigram", "unk_id": 0,
                      "vocab": [["<unk>", 0.0], *([token, -dice.uniform(2, 12)] for token in tokens if token != "<unk>")]}}


def added(*tokens):
    return {"added_tokens": [{"id": 100_000 + at, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                              "special": True, **token} for at, token in enumerate(tokens)]}


def tokenizers(texts):
    """By name."""
    plain = {**PLAIN, **bpe(texts), "added_tokens": []}

    def changed(**parts):
        return {**plain, **parts}

    def normal(*parts):
        return changed(normalizer={"type": "Sequence", "normalizers": list(parts)})

    metaspace = {"type": "Metaspace", "replacement": SPACE}
    made = {
        "bpe": plain,
        "bpe fused": {**plain, **bpe(texts, characters=60, fuse_unk=True), "pre_tokenizer": None},
        "bpe, unknown apart": {**plain, **bpe(texts, characters=60)},
        "bpe with ends of words": {**plain, **bpe(texts, end="</w>"), "decoder": {"type": "BPEDecoder", "suffix": "</w>"}},
        "bpe ignoring merges": {**plain, **bpe(texts, ignore_merges=True)},
        "word pieces": {**plain, **word_piece(texts), "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": False}},
        "unigram": {**plain, **unigram(texts), "pre_tokenizer": {**metaspace, "prepend_scheme": "always", "split": True}, "decoder": {**metaspace, "prepend_scheme": "always"}},
        "unigram, whole": {**plain, **unigram(texts), "pre_tokenizer": {**metaspace, "prepend_scheme": "first", "split": False}, "decoder": {**metaspace, "prepend_scheme": "first"}},
        "template": changed(post_processor={
            "type": "TemplateProcessing", "pair": [],
            "single": [{"SpecialToken": {"id": "<a>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "<b>", "type_id": 0}}],
            "special_tokens": {"<a>": {"id": "<a>", "ids": [100_000], "tokens": ["<a>"]}, "<b>": {"id": "<b>", "ids": [100_001], "tokens": ["<b>"]}}},
            **added({"content": "<a>"}, {"content": "<b>"})),
        "added": changed(**added({"content": "<|im_start|>"}, {"content": "<|im_end|>"}, {"content": "<s>"}, {"content": "quick", "special": False})),
        "added, stripped": changed(**added({"content": "<|im_start|>", "lstrip": True}, {"content": "<|im_end|>", "rstrip": True},
                                           {"content": "[MASK]", "lstrip": True, "rstrip": True})),
    }
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        made[form] = normal({"type": form})
    made["StripAccents"] = normal({"type": "NFD"}, {"type": "StripAccents"})
    made["Strip"] = changed(normalizer={"type": "Strip", "strip_left": True, "strip_right": True}, pre_tokenizer=None)
    made["Prepend and Replace"] = changed(pre_tokenizer=None, normalizer={"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": SPACE}, {"type": "Replace", "pattern": {"String": " "}, "content": SPACE}]})
    made["Replace by expression"] = normal({"type": "Replace", "pattern": {"Regex": "[aeiou]{2,}|\\p{N}+"}, "content": "x"})
    made["BERT"] = {**plain, **word_piece(texts, lower=True), "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                    "strip_accents": None, "lowercase": True}, "pre_tokenizer": {"type": "BertPreTokenizer"}, "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True}}
    for behaviour in ("Removed", "Isolated"):
        made[f"Split {behaviour}"] = changed(pre_tokenizer={"type": "Split", "pattern": {"Regex": "\\s+|[!-/]"}, "behavior": behaviour, "invert": False})
    return made
