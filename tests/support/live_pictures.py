"""A client of live pictures: frames go in, what was found comes out.

    with LivePictures(service.port, "/v1/detect/live?annotated=true") as live:
        live.send(jpeg)
        found = live.answer()["result"]
        drawn = live.picture()
"""

import io
import json

import numpy
from PIL import Image

from .websocket import BINARY, TEXT, WebSocket


class LivePictures(WebSocket):
    def answer(self):
        """The next message, which is a text of JSON."""
        opcode, data = self.receive()
        assert opcode == TEXT, opcode
        return json.loads(data)

    def picture(self):
        """The next message, which is a picture: (height, width, 3), as whole numbers that can be subtracted."""
        opcode, data = self.receive()
        assert opcode == BINARY, opcode
        return numpy.asarray(Image.open(io.BytesIO(data))).astype(int)
