#!/usr/bin/python3
"""Writes the tiny ONNX models of this folder. They have the tensors of real models and do next to
nothing, so that a test can say what comes out.

    tests/data/models/make_models.py        needs python3-onnx

Every input is uint8 (H, W, C) with a batch of 1 in front, unless the list below says otherwise.

  depth_mean        256x320x3 -> 256x320x1: mean of the channels
  null_640          640x640x3 -> 640x640x1: zeros
  pose_many         64x64x3 -> boxes 8x8x64, scores 8x8x1, keypoints 8x8x51: 1, 2 and 3 + first byte
  pose_planes       64x64x3 -> 56x84: two people of tests/integration/pose/scenes.py, as YOLOv8-pose has them in ONNX;
                    the first found twice
  pose_rows         64x64x3 -> 84x56: the same transposed
  pose_suppressed   64x64x3 -> 2x57: the same two people, suppression inside
  clip_image        32x32x3 -> 16: mean of the picture in every element
  clip_text         float32 (1, 7, 16) -> (1, 7, 16): the input doubled
  ocr_det           64x96x3 -> 64x96x1: first channel / 255
  ocr_rec           batch x 48x320x3 -> 40x97: mean of the crop in every element; free batch
  dynamic_width     1 x 48 x width x 3: what the device refuses
  two_inputs        two inputs: what every family refuses
  echo_*            4x6 pictures as they arrive: _nchw and _nhwc float32, _half float16 NCHW to float16, _bytes uint8 NCHW
  echo_free         the same of any size, float32 NCHW: not even the output says its size
  int8_weights      a ConvInteger with int8 weights, which ONNX Runtime's CPU provider does not have
  one_step          84 places of 4 and 80 values, quantised together in steps of 2.5
  fruit             an export of Ultralytics by its metadata, 64x64: always the same apple and pear
  fruit_free        the same with free sides, 64x64 in the metadata
  face_scrfd        32x32x3 -> SCRFD's nine outputs: always the same two faces, the first found twice; none where the first byte
                    is 0
  face_colours      112x112x3 -> 147: mean of the colours in 7x7 parts, less 127.5: an embedding
  tensorflow        a detector of TensorFlow by the names of its outputs, any size: always the same two boxes
"""

import pathlib
import sys

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper

HERE = pathlib.Path(__file__).resolve().parent
U8, F16, F32 = TensorProto.UINT8, TensorProto.FLOAT16, TensorProto.FLOAT
sys.path.insert(0, str(HERE.parents[1] / "integration" / "pose"))
from scenes import SMALL  # noqa: E402



def constant(name, values, dtype):
    return numpy_helper.from_array(np.array(values, dtype=dtype), name)


def ints(name, values):
    return constant(name, values, np.int64)


def tensor(name, dtype, shape):
    return helper.make_tensor_value_info(name, dtype, shape)


def write(name, inputs, outputs, nodes, constants=(), metadata=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(constants))
    # Old enough for every ONNX Runtime that the project builds against.
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="tests")
    model.ir_version = 7
    helper.set_model_props(model, dict(metadata))
    checker.check_model(model, full_check=True)
    data = model.SerializeToString()
    assert len(data) < 5000, (name, len(data))
    (HERE / f"{name}.onnx").write_bytes(data)
    print(f"{name}.onnx: {len(data)} bytes")


def node(op, inputs, outputs, **attributes):
    return helper.make_node(op, inputs, outputs, **attributes)


CAST = node("Cast", ["input"], ["pixels"], to=F32)


def first_byte(output="first"):
    return [node("Reshape", ["pixels", "flat"], ["line"]),
            node("Slice", ["line", "zero", "one"], [output])]


FIRST_BYTE_CONSTANTS = [ints("flat", [-1]), ints("zero", [0]), ints("one", [1])]


def pose_values(person, side=64):
    """x_min, y_min, x_max, y_max, score and the key points in pixels."""
    left, top, right, bottom, score = person["box"]
    points = np.array(person["points"]) * [side, side, 1]
    return np.concatenate([np.array([left, top, right, bottom]) * side, [score], points.ravel()])


def write_pose():
    """Outputs of which all but a few columns are zeros."""
    columns = []
    for anchor, person in ((20, SMALL[0]), (21, SMALL[0]), (70, SMALL[1])):
        values = pose_values(person)
        left, top, right, bottom = values[:4]
        values[:4] = (left + right) / 2, (top + bottom) / 2, right - left, bottom - top
        values[4] -= 0.05 * (anchor == 21)
        columns.append((anchor, values))
    indices = [[plane, anchor] for anchor, _ in columns for plane in range(56)]
    planes = [node("ConstantOfShape", ["sides"], ["none"], value=helper.make_tensor("value", F32, [1], [0.0])),
              node("ScatterND", ["none", "where", "what"], ["planes"])]
    constants = [ints("sides", [56, 84]), ints("where", indices), ints("batch", [0]),
                 constant("what", np.concatenate([values for _, values in columns]), np.float32)]
    picture = [tensor("images", U8, [1, 64, 64, 3])]
    write("pose_planes", picture, [tensor("output0", F32, [1, 56, 84])],
          [*planes, node("Unsqueeze", ["planes", "batch"], ["output0"])], constants)
    write("pose_rows", picture, [tensor("output0", F32, [1, 84, 56])],
          [*planes, node("Transpose", ["planes"], ["rows"]), node("Unsqueeze", ["rows", "batch"], ["output0"])], constants)
    rows = [np.insert(pose_values(person), 5, 0) for person in SMALL]
    write("pose_suppressed", picture, [tensor("output0", F32, [1, 2, 57])], [node("Identity", ["rows"], ["output0"])],
          [constant("rows", [rows], np.float32)])


# left, top, right, bottom and five points, in pixels of 32x32
FACES = (((4, 4, 20, 20), ((9, 9), (15, 9), (12, 12), (9.5, 16), (14.5, 16))),
         ((20, 18, 30, 30), ((23, 22), (27, 22), (25, 24), (23.5, 27), (26.5, 27))))


def write_face():
    shapes = {stride: 2 * (32 // stride) ** 2 for stride in (8, 16, 32)}
    outputs = {f"{name}_{stride}": np.zeros((1, rows, columns), np.float32)
               for name, columns in (("score", 1), ("bbox", 4), ("kps", 10)) for stride, rows in shapes.items()}

    def found(face, stride, anchor, score, moved=0):
        (left, top, right, bottom), points = FACES[face]
        cell = anchor // 2
        corner = np.array([cell % (32 // stride), cell // (32 // stride)]) * stride
        outputs[f"score_{stride}"][0, anchor] = score
        outputs[f"bbox_{stride}"][0, anchor] = np.concatenate(
            [corner - [left + moved, top], np.array([right + moved, bottom]) - corner]) / stride
        outputs[f"kps_{stride}"][0, anchor] = ((np.array(points) - corner) / stride).ravel()

    found(0, 8, 10, 0.9)  # row 1, column 1
    found(0, 8, 11, 0.8, moved=1)
    found(1, 16, 6, 0.7)
    nodes, constants = [CAST, *first_byte(), node("Min", ["first", "full"], ["there"])], [constant("full", [1], np.float32)]
    for name, values in outputs.items():
        constants.append(constant(f"{name}_always", values, np.float32))
        nodes.append(node("Mul", [f"{name}_always", "there"], [name]) if name.startswith("score")
                     else node("Identity", [f"{name}_always"], [name]))
    write("face_scrfd", [tensor("input", U8, [1, 32, 32, 3])],
          [tensor(name, F32, list(values.shape)) for name, values in outputs.items()], nodes,
          [*constants, *FIRST_BYTE_CONSTANTS])
    write("face_colours", [tensor("input", U8, [1, 112, 112, 3])], [tensor("fc1", F32, [1, 147])],
          [CAST, node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2]),
           node("AveragePool", ["planes"], ["parts"], kernel_shape=[16, 16], strides=[16, 16]),
           node("Flatten", ["parts"], ["row"], axis=1), node("Sub", ["row", "middle"], ["fc1"])],
          [constant("middle", 127.5, np.float32)])


def main():
    write_face()
    write("depth_mean", [tensor("input", U8, [1, 256, 320, 3])], [tensor("depth", F32, [1, 256, 320, 1])],
          [CAST, node("ReduceMean", ["pixels"], ["depth"], axes=[3], keepdims=1)])

    write("null_640", [tensor("input", U8, [1, 640, 640, 3])], [tensor("output", F32, [1, 640, 640, 1])],
          [node("ConstantOfShape", ["shape"], ["output"],
                value=helper.make_tensor("value", F32, [1], [0.0]))],
          [ints("shape", [1, 640, 640, 1])])

    heads = [("boxes", 64, 1.0), ("scores", 1, 2.0), ("keypoints", 51, 3.0)]
    nodes = [CAST, *first_byte()]
    constants = list(FIRST_BYTE_CONSTANTS)
    for name, channels, plus in heads:
        nodes += [node("Add", ["first", f"{name}_plus"], [f"{name}_value"]),
                  node("Expand", [f"{name}_value", f"{name}_shape"], [name])]
        constants += [constant(f"{name}_plus", [plus], np.float32),
                      ints(f"{name}_shape", [1, 8, 8, channels])]
    write("pose_many", [tensor("input", U8, [1, 64, 64, 3])],
          [tensor(name, F32, [1, 8, 8, channels]) for name, channels, _ in heads], nodes, constants)

    write_pose()

    write("clip_image", [tensor("input", U8, [1, 32, 32, 3])], [tensor("embedding", F32, [1, 16])],
          [CAST, node("ReduceMean", ["pixels"], ["mean"], axes=[1, 2, 3], keepdims=0),
           node("Expand", ["mean", "shape"], ["embedding"])],
          [ints("shape", [1, 16])])

    write("clip_text", [tensor("input", F32, [1, 7, 16])], [tensor("features", F32, [1, 7, 16])],
          [node("Add", ["input", "input"], ["features"])])

    write("ocr_det", [tensor("input", U8, [1, 64, 96, 3])], [tensor("heat", F32, [1, 64, 96, 1])],
          [CAST, node("Slice", ["pixels", "zero", "one", "axis"], ["red"]),
           node("Div", ["red", "scale"], ["heat"])],
          [ints("zero", [0]), ints("one", [1]), ints("axis", [3]), constant("scale", 255.0, np.float32)])

    write("ocr_rec", [tensor("input", U8, ["batch", 48, 320, 3])],
          [tensor("steps", F32, ["batch", 40, 97])],
          [CAST, node("ReduceMean", ["pixels"], ["mean"], axes=[1, 2, 3], keepdims=1),
           node("Squeeze", ["mean", "axis"], ["value"]),
           node("Expand", ["value", "shape"], ["steps"])],
          [ints("axis", [3]), ints("shape", [1, 40, 97])])

    write("dynamic_width", [tensor("input", U8, [1, 48, "width", 3])],
          [tensor("output", F32, [1, 48, "width", 3])], [node("Cast", ["input"], ["output"], to=F32)])

    write("two_inputs", [tensor("left", U8, [1, 4, 4, 3]), tensor("right", U8, [1, 4, 4, 3])],
          [tensor("sum", F32, [1, 4, 4, 3])],
          [node("Cast", ["left"], ["left_f"], to=F32), node("Cast", ["right"], ["right_f"], to=F32),
           node("Add", ["left_f", "right_f"], ["sum"])])

    echoes()
    detectors()


def echoes():
    for name, dtype, shape in (("echo_nchw", F32, [1, 3, 4, 6]), ("echo_nhwc", F32, [1, 4, 6, 3]),
                               ("echo_half", F16, [1, 3, 4, 6])):
        write(name, [tensor("input", dtype, shape)], [tensor("output", dtype, shape)],
              [node("Identity", ["input"], ["output"])])
    write("echo_bytes", [tensor("input", U8, [1, 3, 4, 6])], [tensor("output", F32, [1, 3, 4, 6])],
          [node("Cast", ["input"], ["output"], to=F32)])
    # ONNX' own inference of shapes would give the output the input's symbols: it goes through a shape that is computed.
    write("echo_free", [tensor("input", F32, ["batch", 3, "height", "width"])],
          [tensor("output", F32, ["batch", "a", "b", "c"])],
          [node("Shape", ["input"], ["shape"]), node("Reshape", ["input", "shape"], ["output"])])


def detectors():
    write("int8_weights", [tensor("input", U8, [1, 3, 4, 6])], [tensor("output", F32, [1, 1, 4, 6])],
          [node("ConvInteger", ["input", "weights"], ["sums"]), node("Cast", ["sums"], ["output"], to=F32)],
          [constant("weights", np.ones((1, 3, 1, 1)), np.int8)])

    write("one_step", [tensor("images", F32, [1, 3, 64, 64])], [tensor("output0", F32, [1, 84, 84])],
          [node("ConstantOfShape", ["shape"], ["zeros"]),
           node("QuantizeLinear", ["zeros", "step", "zero"], ["whole"]),
           node("DequantizeLinear", ["whole", "step", "zero"], ["output0"])],
          [ints("shape", [1, 84, 84]), constant("step", 2.5, np.float32), constant("zero", 0, np.uint8)])

    # Rows: centre, size, two classes. Columns: the cells of the strides 8, 16 and 32.
    fruit = np.zeros((1, 6, 84), np.float32)
    fruit[0, :, 10] = 16, 24, 16, 8, 0.9, 0.1  # an apple
    fruit[0, :, 70] = 48, 40, 8, 16, 0.2, 0.7  # a pear
    metadata = {"stride": "32", "task": "detect", "names": "{0: 'apple', 1: 'pear'}", "imgsz": "[64, 64]",
                "args": "{'nms': False}", "description": "tests"}
    nodes = [node("Identity", ["found"], ["output0"])]
    write("fruit", [tensor("images", F32, [1, 3, 64, 64])], [tensor("output0", F32, [1, 6, 84])], nodes,
          [constant("found", fruit, np.float32)], metadata)
    write("fruit_free", [tensor("images", F32, ["batch", 3, "height", "width"])],
          [tensor("output0", F32, ["batch", 6, "anchors"])], nodes, [constant("found", fruit, np.float32)], metadata)

    # Edges as y_min, x_min, y_max, x_max in shares; classes counted from 1: a cat (17) and a person.
    boxes = [[[0.1, 0.2, 0.5, 0.4], [0.5, 0.5, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]]
    found = {"detection_boxes": boxes, "detection_classes": [[17, 1, 3]], "detection_scores": [[0.9, 0.6, 0.8]],
             "num_detections": [2]}
    write("tensorflow", [tensor("input_tensor", U8, [1, "height", "width", 3])],
          [tensor(name, F32, list(np.shape(values))) for name, values in found.items()],
          [node("Identity", [f"{name}_always"], [name]) for name in found],
          [constant(f"{name}_always", values, np.float32) for name, values in found.items()])


if __name__ == "__main__":
    main()
