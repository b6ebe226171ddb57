"""Small ONNX files, in protobuf field by field (numbers of onnx.proto). Most are of type depth: a 4 x 4 picture in,
as many floats out; some of them are graphs as they go wrong by accident."""

import pathlib
import struct

SHAPE = (4, 4, 3)
_FLOAT, _UINT8, _INT64, _BOOL = 1, 2, 7, 9


def _varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def _field(number, data):
    data = data.encode() if isinstance(data, str) else data
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _number(number, value):
    return _varint(number << 3) + _varint(value)


def _value(name, kind, shape):
    dims = b"".join(_field(1, _field(2, "free") if dim is None else _number(1, dim)) for dim in shape)
    return _field(1, name) + _field(2, _field(1, _number(1, kind) + _field(2, dims)))


def _tensor(name, kind, shape, data):
    return b"".join(_number(1, dim) for dim in shape) + _number(2, kind) + _field(8, name) + _field(9, data)


def _attribute(name, field, value, kind):
    return _field(5, _field(1, name) + (_field(field, value) if isinstance(value, bytes) else _number(field, value))
                  + _number(20, kind))


def _node(op, inputs, output, attributes=b""):
    return b"".join(_field(1, name) for name in inputs) + _field(2, output) + _field(4, op) + attributes


def _graph(nodes, inputs, outputs, constants=()):
    return (b"".join(_field(1, node) for node in nodes) + _field(2, "g") + b"".join(_field(5, c) for c in constants)
            + b"".join(_field(11, i) for i in inputs) + b"".join(_field(12, o) for o in outputs))


def _model(nodes, constants=()):
    graph = _graph([_node("Cast", ["input"], "x", _attribute("to", 3, _FLOAT, 2)), *nodes],
                   [_value("input", _UINT8, SHAPE)], [_value("output", _FLOAT, SHAPE)], constants)
    return _number(1, 8) + _field(8, _field(1, "") + _number(2, 13)) + _field(7, graph)


def declared(takes, *gives):
    """Takes and gives float32 of these shapes, None being a free side, for who only reads what the file says."""
    outputs = [_value(f"output{i}", _FLOAT, shape) for i, shape in enumerate(gives)]
    nodes = [_node("Identity", ["input"], f"output{i}") for i in range(len(gives))]
    graph = _graph(nodes, [_value("input", _FLOAT, takes)], outputs)
    return _number(1, 8) + _field(8, _field(1, "") + _number(2, 13)) + _field(7, graph)


def _float(name, value):
    return _tensor(name, _FLOAT, [1], struct.pack("<f", value))


def _whole(name, *values, shape=None):
    return _tensor(name, _INT64, [len(values)] if shape is None else shape, struct.pack(f"<{len(values)}q", *values))


def plus(value):
    """Each byte and `value`."""
    return _model([_node("Add", ["x", "w"], "output")], [_float("w", value)])


def endless():
    """A loop whose condition stays true."""
    body = _graph([_node("Identity", ["c"], "c2"), _node("Add", ["v", "zero"], "v2")],
                  [_value("n", _INT64, []), _value("c", _BOOL, []), _value("v", _FLOAT, SHAPE)],
                  [_value("c2", _BOOL, []), _value("v2", _FLOAT, SHAPE)], [_float("zero", 0)])
    return _model([_node("Loop", ["most", "true", "x"], "output", _attribute("body", 6, body, 5))],
                  [_whole("most", 2**63 - 1, shape=[]), _tensor("true", _BOOL, [], b"\1")])


def greedy(floats):
    """Writes so many floats when it runs."""
    return _model([_node("ReduceSum", ["x", "axes"], "sum", _attribute("keepdims", 3, 0, 2)),
                   _node("Reshape", ["sum", "one"], "seed"), _node("Tile", ["seed", "count"], "many"),
                   _node("ReduceMax", ["many"], "most"), _node("Add", ["x", "most"], "output")],
                  [_whole("axes", 0, 1, 2), _whole("one", 1), _whole("count", floats)])


def deadly():
    """Divides whole numbers by zero when it runs, which is a signal."""
    return _model([_node("Cast", ["x"], "whole", _attribute("to", 3, _INT64, 2)), _node("Div", ["whole", "zero"], "none"),
                   _node("Cast", ["none"], "output", _attribute("to", 3, _FLOAT, 2))], [_whole("zero", 0)])


def slow_to_load(side, products):
    """So many products of matrices, which are computed when it is loaded."""
    chain = [_node("MatMul", [f"m{i}", f"m{i}"], f"m{i + 1}") for i in range(products)]
    return _model([_node("ConstantOfShape", ["sides"], "m0"), *chain, _node("ReduceMax", [f"m{products}"], "most"),
                   _node("Reshape", ["most", "one"], "m"), _node("Add", ["x", "m"], "output")],
                  [_whole("sides", side, side), _whole("one", 1)])


def answers(shape, outputs):
    """These arrays by their names, as float32, whatever the picture of that shape is."""
    constants = [_tensor(f"{name}/values", _FLOAT, array.shape, array.astype("<f4").tobytes())
                 for name, array in outputs.items()]
    graph = _graph([_node("Identity", [f"{name}/values"], name) for name in outputs], [_value("input", _UINT8, shape)],
                   [_value(name, _FLOAT, array.shape) for name, array in outputs.items()], constants)
    return _number(1, 8) + _field(8, _field(1, "") + _number(2, 13)) + _field(7, graph)


def write(path, content):
    path = pathlib.Path(path)
    path.write_bytes(content)
    return path
