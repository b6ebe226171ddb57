"""HEF files whose description is a real one, written from hef.proto's field numbers with no code of ours.

    description(networks=[network("net", layers=[layer("net/in", [320, 320, 3])])])
    write("net.hef", description(...), version=2, weights=100)

A message is a dict of field numbers: whole numbers are varints, floats are doubles, F32 are floats, texts and bytes
are themselves, a dict is a message, a list a field several times, Packed its packed numbers. The fields are those of
hailort/libhailort/hef.proto of HailoRT v5.2.0.
"""

import pathlib
import struct

MAGIC = 0x01484546
HEADER_BYTES = 56  # of version 3
FAKE_BODY = 1000  # field that the fake HailoRT (tests/fakes/hailort) reads its YAML from

ARCHITECTURES = {"HAILO8": 0, "HAILO8L": 3, "HAILO15M": 4, "HAILO15L": 6, "HAILO10H": 103}
SCALES_OF_FEATURES = 25
YOLOV5, YOLOX, SSD, IOU, YOLOV5SEG, YOLOV8 = 7, 8, 9, 10, 11, 12
NHWC, NHCW, NC, NMS = 0, 1, 2, 6  # the compiler's formats


class F32(float):
    pass


class Packed(bytes):
    def __new__(cls, code, numbers):
        if code == "varint":
            return super().__new__(cls, b"".join(varint(number) for number in numbers))
        return super().__new__(cls, b"".join(struct.pack("<" + code, number) for number in numbers))


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def message(fields):
    """The bytes of a message."""
    return b"".join(_field(number, value) for number, value in fields.items())


def _field(number, value):
    if value is None:
        return b""
    if isinstance(value, list):
        return b"".join(_field(number, one) for one in value)
    if isinstance(value, (bool, int)):
        return varint(number << 3) + varint(int(value))
    if isinstance(value, F32):
        return varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, float):
        return varint(number << 3 | 1) + struct.pack("<d", value)
    content = message(value) if isinstance(value, dict) else value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(content)) + content


def numeric(scale=1.0, zero_point=0.0, minimum=0.0, maximum=255.0, scales=None, zero_points=None):
    return {1: F32(zero_point), 2: F32(scale), 3: F32(minimum), 4: F32(maximum),
            5: Packed("d", zero_points) if zero_points else None, 6: Packed("d", scales) if scales else None}


def layer(name, shape, *, output=False, form=NHCW, data_bytes=1, quantisation=None, pad=None, connection=0,
          transposed=False, nms=None):
    """A ProtoHEFEdgeLayer. shape: height, width, features. nms: a ProtoHEFNmsInfo."""
    height, width, features = shape
    base = {1: height, 2: height, 3: width, 4: width, 5: features, 6: features, 7: form, 12: data_bytes,
            13: {1: 0}, 11: {1: nms} if nms else None}
    info = {1: name, 2: base, 3: quantisation or numeric(), 6: transposed}
    return {1: int(output), 3: info, 5: {3: connection}, 7: pad}


def mux(name, parts):
    """A layer whose parts are layers of layer()."""
    return {1: 1, 2: 1, 4: {1: name, 5: [{1: part[3]} for part in parts]}, 5: {3: 0}}


def core(name, layers, *, sorted_outputs=(), contexts=1, fps=0.0):
    """A ProtoHEFCoreOp, and of a ProtoHEFNetworkGroup what it has in common with it."""
    return {1: {1: name, 4: fps}, 3: [{1: i, 3: {2: list(layers) if i == 0 else []}} for i in range(contexts)],
            4: list(sorted_outputs)}


def network(name, layers, **more):
    """A group without operations."""
    return core(name, layers, **more)


def network_with_operations(name, layers, operations, *, edges=(), sorted_outputs=(), **more):
    """A group whose outputs go through operations. edges: pairs of pads, from and to."""
    return {1: {1: name}, 4: list(sorted_outputs), 8: [{4: core(name, layers, **more)}, *operations],
            9: [{1: source, 2: target} for source, target in edges]}


def nms_operation(name, head, *, inputs, classes, boxes, score=0.2, iou=0.7, picture=(640.0, 640.0), decoders=(),
                  boxes_only=False, background=None):
    """A ProtoHEFOp; inputs: indices of its pads."""
    decoders_at = {YOLOV5: 4, YOLOX: 3, SSD: 9, YOLOV5SEG: 3, YOLOV8: 4}.get(head)
    inside = {1: picture[0], 2: picture[1]} if head != IOU else {}
    if decoders_at and decoders:
        inside[decoders_at] = list(decoders)
    if head == YOLOV5SEG:
        inside[5] = 0.5
    return {2: [{1: pad} for pad in inputs], 3: {1: 999, 2: name},
            5: {1: score, 2: iou, 3: boxes, 4: classes, 5: background is not None, 6: background, 13: boxes_only,
                head: inside}}


def logits_operation(name, *, softmax, pad, form=1, kind=1):
    return {2: {1: pad}, 3: {1: 999, 2: name, 3: form, 8: kind, 5: numeric(0.5, 1.0)}, 6: {1: int(softmax)}}


def description(networks, *, architecture="HAILO10H", compiler=(5, 2, 0), extensions=(0, 3), resources=(), body=None):
    """A ProtoHEFHef. architecture: a name or a number. resources: name, offset and size of each. body: YAML for the fake
    HailoRT."""
    chip = ARCHITECTURES.get(architecture, architecture)
    header = {1: chip, 3: "sdk-version: " + ".".join(map(str, compiler)), 4: 5, 5: dict(enumerate(compiler, 1))}
    return message({1: header, 2: list(networks), 5: [{1: number} for number in extensions],
                    7: [{1: offset, 2: size, 3: name} for name, offset, size in resources], FAKE_BODY: body})


def content(described, *, version=3, weights=0, padding=0, resources=0):
    """The whole file; checksums are zeros, weights and resources too. padding: so much of the weights is none."""
    common = struct.pack(">III", MAGIC, version, len(described))
    header = {0: bytes(20), 1: struct.pack(">IQI", 0, weights, 0), 2: struct.pack(">QQQQ", 0, weights, 0, 0),
              3: struct.pack(">QQIQQQ", 0, weights, padding, resources, 0, 0)}[version]
    return common + header + described + bytes(weights + (resources if version == 3 else 0))


def write(path, described, **more):
    path = pathlib.Path(path)
    path.write_bytes(content(described, **more))
    return path
