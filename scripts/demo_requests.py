"""The requests of scripts/demo: a picture for each service, then eight clients at once."""

import argparse
import base64
import io
import json
import pathlib
import statistics
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "clients" / "python"))
from device_client import SyncHailoDeviceClient  # noqa: E402

CLIENTS = 8
REQUESTS_EACH = 5


def post(url, picture, **fields):
    """The picture as multipart/form-data; (the reply's bytes, seconds)."""
    border = uuid.uuid4().hex
    body = io.BytesIO()
    for name, value in fields.items():
        body.write(f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
    body.write(
        f'--{border}\r\nContent-Disposition: form-data; name="image"; filename="{picture.name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
    )
    body.write(picture.read_bytes())
    body.write(f"\r\n--{border}--\r\n".encode())
    request = urllib.request.Request(
        url, data=body.getvalue(), headers={"Content-Type": f"multipart/form-data; boundary={border}"}
    )
    begin = time.perf_counter()
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            reply = response.read()
    except urllib.error.HTTPError as error:
        raise SystemExit(f"demo: {url} answered {error.code}: {error.read().decode(errors='replace')}")
    return reply, time.perf_counter() - begin


def estimate(url, picture, **fields):
    reply, seconds = post(url + "/v1/depth/estimate", picture, **fields)
    return json.loads(reply), seconds


def network_ms(model):
    """The same model asked directly, over the device socket: (round trip, on the device)."""
    frame = {"dtype": "uint8", "shape": [256, 320, 3], "data": bytes(256 * 320 * 3)}
    times = []
    with SyncHailoDeviceClient(tensors="bytes") as client:
        for _ in range(5):
            begin = time.perf_counter()
            reply = client.infer(model, {"input": frame}, model_type="depth")
            times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times), reply["inference_time_ms"]


def show_one(url, picture, out, model):
    estimate(url, picture)  # the first run of a network takes longer
    reply, seconds = estimate(url, picture, output_format="both", colormap="magma")
    path = out / f"{picture.stem}-depth.png"
    path.write_bytes(base64.b64decode(reply.pop("depth_image")))
    archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(reply.pop("depth_map"))))
    print(json.dumps(reply, indent=2))
    print(f"also in the reply: the depth map as {archive.namelist()[0]}, and as a picture, saved as\n  {path}")
    round_trip, device = network_ms(model)
    whole = seconds * 1000
    estimated = reply["inference_time_ms"]
    print()
    print(f"{'what':<46}{'where':<34}{'ms':>7}")
    for what, where, ms in (
        ("network", "hailo-device-worker (ONNX Runtime)", device),
        ("asked over the device socket, from Python", "device_client.py", round_trip),
        ("decode, resize, network, resize, normalise", "hailo-depth", estimated),
        ("colour map, PNG, npz, JSON, HTTP", "hailo-depth", whole - estimated),
        ("whole request", "this client", whole),
    ):
        print(f"{what:<46}{where:<34}{ms:>7.1f}")


def found_by(url, path, picture, out, what):
    """One request for the numbers, one for the picture with what was found drawn on it."""
    post(url + path, picture)
    reply, seconds = post(url + path, picture)
    annotated, _ = post(url + path, picture, annotated="true")
    file = out / f"{picture.stem}-{what}.jpg"
    file.write_bytes(annotated)
    print(f"\n{path}  {seconds * 1000:.0f} ms, drawn in\n  {file}")
    return json.loads(reply)


def show_objects(url, path, picture, out, what):
    for one in found_by(url, path, picture, out, what):
        x, y, width, height = one["bbox"]
        print(f"  {one['label']:<12}{one['confidence']:>6.0%}   at {x:.0f}, {y:.0f}, {width:.0f} x {height:.0f}")


def show_people(url, picture, out):
    for number, one in enumerate(found_by(url, "/v1/pose/detect", picture, out, "pose")["poses"], 1):
        seen = [point for point in one["keypoints"] if point["confidence"] >= 0.5]
        print(f"  person {number:<5}{one['bbox_confidence']:>6.0%}   {len(seen)} of {len(one['keypoints'])} key points seen")


def show_captions(url, picture):
    sizes, colours, shapes = ("small", "large"), ("red", "blue", "orange", "black"), ("circle", "square", "star", "house")
    prompts = [f"a {size} {colour} {shape}" for size in sizes for colour in colours for shape in shapes]
    fields = {"prompts": json.dumps(prompts), "score_mode": "cosine"}
    post(url + "/v1/classify", picture, **fields)
    reply, seconds = post(url + "/v1/classify", picture, **fields)
    print(f"\n/v1/classify  {seconds * 1000:.0f} ms, the best of {len(prompts)} captions of {picture.name}")
    for one in json.loads(reply)["classifications"]:
        print(f"  {one['text']:<24}{one['score']:>6.2f}")


def show_faces(scrfd, face, picture, ada, out):
    for number, one in enumerate(found_by(scrfd, "/v1/detect", picture, out, "faces")["faces"], 1):
        x, y, width, height = one["bbox"]
        print(f"  face {number:<7}{one['confidence']:>6.0%}   at {x}, {y}, {width} x {height}")
    added, _ = post(face + "/v1/database/add", ada, name="Ada")
    print(f"\n/v1/database/add  {json.loads(added)['message']}, from another picture of her")
    for one in json.loads(post(face + "/v1/recognize", picture)[0])["faces"]:
        print(f"  {one['identity']:<12}{one['match_score']:>6.2f}   at {one['bbox'][0]}, {one['bbox'][1]}")


def show_text(url, picture, out):
    found_by(url, "/v1/ocr/extract", picture, out, "text")
    text, _ = post(url + "/v1/ocr/extract", picture, format="text")
    print("  " + text.decode().rstrip().replace("\n", "\n  "))


def show_many(url, picture):
    times = []
    lock = threading.Lock()

    def client():
        for _ in range(REQUESTS_EACH):
            _, seconds = estimate(url, picture, output_format="image")
            with lock:
                times.append(seconds)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    begin = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = time.perf_counter() - begin
    expected = CLIENTS * REQUESTS_EACH
    if len(times) != expected:
        raise SystemExit(f"demo: {expected - len(times)} of {expected} requests failed")
    print()
    print(
        f"{CLIENTS} clients at once: {expected} pictures in {total:.1f} s, {expected / total:.1f} a second, "
        f"median {statistics.median(times) * 1000:.0f} ms, slowest {max(times) * 1000:.0f} ms"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for service in ("depth", "detect", "segment", "pose", "clip", "scrfd", "face", "ocr"):
        parser.add_argument(f"--{service}", required=True, help=f"address of hailo-{service}")
    parser.add_argument("--picture", type=pathlib.Path, required=True, help="for hailo-depth")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--model", required=True, help="path of the depth model, as the manager knows it")
    options = parser.parse_args()
    things, people, figure, faces, ada, page = (
        ROOT / "docs" / "pictures" / f"{name}.jpg" for name in ("things", "people", "figure", "faces", "ada", "page"))
    show_one(options.depth, options.picture, options.out, options.model)
    show_objects(options.detect, "/v1/detect", things, options.out, "objects")
    show_objects(options.segment, "/v1/segment", things, options.out, "masks")
    show_people(options.pose, people, options.out)
    show_captions(options.clip, figure)
    show_faces(options.scrfd, options.face, faces, ada, options.out)
    show_text(options.ocr, page, options.out)
    show_many(options.depth, options.picture)


if __name__ == "__main__":
    main()
