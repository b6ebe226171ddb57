"""Files that the fake HailoRT (tests/fakes/hailort) takes for HEFs.

    fake_hef.py FILE                     a model of the profile, by the file's stem
    fake_hef.py FILE --model yolov8s     that model, whatever the file is called
    fake_hef.py FILE --body model.yaml   described in the file itself
    fake_hef.py FILE --bytes 1000000     sparse, of this size
"""

import argparse
import pathlib
import struct

MAGIC = 0x01484546
VERSION = 3


def content(body="", weights=0):
    """The bytes of a HEF before its weights, of which there are so many.

    body: YAML; empty: the file's stem says which model of the profile it is.
    """
    data = body.encode() or bytes(4)  # a real one never has a description of no length
    checksum = padding = resources = 0
    return struct.pack(">IIIQQIQQQ", MAGIC, VERSION, len(data), checksum, weights, padding, resources,
                       checksum, 0) + data


def write(path, body="", size=None):
    """Writes a HEF and returns its path. size: of the file, which is sparse, if larger than needed."""
    path = pathlib.Path(path)
    weights = max(size or 0, len(content(body))) - len(content(body))
    with path.open("wb") as file:
        file.write(content(body, weights))
        file.truncate(len(content(body)) + weights)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--model")
    what.add_argument("--body", type=pathlib.Path)
    parser.add_argument("--bytes", type=int)
    arguments = parser.parse_args()
    body = f"model: {arguments.model}\n" if arguments.model else ""
    if arguments.body:
        body = arguments.body.read_text(encoding="utf-8")
    print(write(arguments.file, body, arguments.bytes))


if __name__ == "__main__":
    main()
