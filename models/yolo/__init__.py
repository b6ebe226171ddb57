"""What the small YOLO-like networks share: decoding and scores in NumPy, training in PyTorch.

decode.py and precision.py need NumPy only. Layers and formulas are those of YOLOv8 as it is
published for the chip; see docs in models/detect-segment-tiny and models/pose-tiny.
"""
