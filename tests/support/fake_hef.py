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


def content(body=""):
    """The bytes of a HEF. body: YAML; empty: the file's stem says which model of the profile it is."""
    data = body.encode() or bytes(4)  # a real one never has a description of no length
    return struct.pack(">III", MAGIC, VERSION, len(data)) + data


def write(path, body="", size=None):
    """Writes a HEF and returns its path. size: of the file, which is sparse, if larger than needed."""
    path = pathlib.Path(path)
    data = content(body)
    with path.open("wb") as file:
        file.write(data)
        if size is not None:
            file.truncate(max(size, len(data)))
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
