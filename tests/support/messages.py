"""Requests that many tests send."""

from support.wire import tensor

PICTURE = tensor(bytes(48), (4, 4, 3))


def infer(path, request_id=None, data=None, **more):
    message = {"action": "infer", "model_type": "depth", "model_path": path,
               "input_data": {"input": PICTURE} if data is None else data, **more}
    return message if request_id is None else {**message, "request_id": request_id}
