"""What a process holds."""

import os
import pathlib
import re


class Footprint:
    """Of the process at this moment; resident and anonymous in bytes. resident counts pages of its files too, which
    processes share; anonymous is what only it has."""

    def __init__(self, pid):
        self.pid = pid
        self.descriptors = len(os.listdir(f"/proc/{pid}/fd"))
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        self.threads, self.resident, self.anonymous = (int(re.search(rf"^{field}:\s+(\d+)", status, re.MULTILINE)[1])
                                                       for field in ("Threads", "VmRSS", "RssAnon"))
        self.resident <<= 10
        self.anonymous <<= 10

    def __str__(self):
        return (f"{self.resident / 1e6:.1f} MB resident, {self.anonymous / 1e6:.2f} MB of its own, "
                f"{self.descriptors} descriptors, {self.threads} threads")
