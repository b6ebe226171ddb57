"""Values against the patterns of transcripts (tests/conformance/README.md)."""

import base64

_SIZES = {"uint8": 1, "int64": 8, "float32": 4}


class Mismatch(AssertionError):
    pass


def match(pattern, value, where="$"):
    """Raises Mismatch unless value is what pattern describes."""
    if isinstance(pattern, str) and pattern.startswith("$"):
        _match_kind(pattern, value, where)
    elif isinstance(pattern, dict):
        if not isinstance(value, dict):
            raise Mismatch(f"{where}: expected an object, got {value!r:.200}")
        wanted = {key for key in pattern if key != "..."}
        if wanted - value.keys() or ("..." not in pattern and value.keys() - wanted):
            raise Mismatch(f"{where}: expected keys {sorted(wanted)}, got {value!r:.400}")
        for key in wanted:
            match(pattern[key], value[key], f"{where}.{key}")
    elif isinstance(pattern, list):
        if not isinstance(value, list) or len(value) != len(pattern):
            raise Mismatch(f"{where}: expected {len(pattern)} items, got {value!r:.200}")
        for i, (item, got) in enumerate(zip(pattern, value)):
            match(item, got, f"{where}[{i}]")
    elif type(pattern) is not type(value) or pattern != value:
        raise Mismatch(f"{where}: expected {pattern!r}, got {value!r:.400}")


def _match_kind(pattern, value, where):
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    kinds = {
        "$any": True,
        "$number": number,
        "$integer": number and isinstance(value, int),
        "$string": isinstance(value, str),
        "$boolean": isinstance(value, bool),
        "$null-or-string": value is None or isinstance(value, str),
        "$null-or-number": value is None or number,
    }
    if pattern in kinds:
        good = kinds[pattern]
    elif pattern.startswith("$prefix:"):
        good = isinstance(value, str) and value.startswith(pattern[len("$prefix:"):])
    elif pattern.startswith("$contains:"):
        good = isinstance(value, str) and pattern[len("$contains:"):] in value
    elif pattern.startswith("$base64:"):
        good = _is_base64_of(value, bytes.fromhex(pattern[len("$base64:"):]))
    elif pattern.startswith("$tensor:"):
        good = _is_tensor(value, *pattern.split(":")[1:])
    else:
        raise ValueError(f"unknown pattern {pattern}")
    if not good:
        raise Mismatch(f"{where}: expected {pattern}, got {value!r:.400}")


def _is_base64_of(value, begin):
    try:
        return base64.b64decode(value, validate=True).startswith(begin)
    except (TypeError, ValueError):
        return False


def _is_tensor(value, dtype, dims, place):
    shape = [int(dim) for dim in dims.split("x")]
    size = _SIZES[dtype]
    for dim in shape:
        size *= dim
    if not isinstance(value, dict) or value.get("dtype") != dtype or value.get("shape") != shape:
        return False
    if place == "b64":
        return set(value) == {"dtype", "shape", "data_b64"} and len(base64.b64decode(value["data_b64"])) == size
    if place == "tail":
        return set(value) == {"dtype", "shape", "tail"} and value["tail"][1] == size
    return set(value) == {"dtype", "shape", "region", "offset"}


def matches(pattern, value):
    try:
        match(pattern, value)
    except Mismatch:
        return False
    return True
