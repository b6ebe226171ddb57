#!/usr/bin/env python3
"""The rival of faces_bench: the nearest embedding with numpy, one thread.

    faces_rival.py FILE ROWS ROUNDS    the rows of FILE behind the first ROWS are the queries; prints milliseconds of one query that a
                                       quarter of the rounds do not exceed, and the nearest row of each query
"""

import json
import os
import sys
import time

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
import numpy  # noqa: E402

DIMENSION = 512


def main():
    file, rows, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    numbers = numpy.fromfile(file, numpy.float32).reshape(-1, DIMENSION)
    stored, queries = numbers[:rows], numbers[rows:]
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        int(numpy.argmax(stored @ queries[0]))
        times.append((time.perf_counter() - begin) * 1000)
    nearest = [int(numpy.argmax(stored @ query)) for query in queries]
    print(json.dumps({"ms": sorted(times)[len(times) // 4], "nearest": nearest}))


if __name__ == "__main__":
    main()
