"""Pictures with true boxes, masks and key points, drawn from a number. NumPy and Pillow only.

    from drawn import things, people, figures
    scene = things.render(seed)     # a canvas.Scene of twelve kinds of things
    scene = people.render(seed)     # of figures with 17 key points each
    scene = figures.render(seed)    # of one figure that a caption describes

The same seed and size give the same picture, with the same versions of NumPy and Pillow.
Training draws seeds from FIRST_TRAINING_SEED up: tests and measurements stay below.
"""

FIRST_TRAINING_SEED = 1_000_000
