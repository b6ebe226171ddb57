"""An installation of the Python project below a root, as its installers leave one.

Units, users, folders and configuration are those of the project as of May 2026; models and people are
made up. Beside it lie the units of our packages, from packaging/debian.
"""

import json
import os
import pathlib
import shutil
import sqlite3

from . import fake_hef
from .manager_process import SOURCE

SERVICES = ("hailo-clip", "hailo-depth", "hailo-face", "hailo-ocr", "hailo-pose", "hailo-scrfd", "hailo-vision",
            "hailo-whisper", "hailo-piper", "hailo-ollama", "hailo-florence", "hailo-web-portal")
READ_JSON = ("hailo-depth", "hailo-ocr", "hailo-pose", "hailo-vision", "hailo-whisper", "hailo-florence")
PROGRAMS = {"hailo-clip": "hailo_clip_service.py", "hailo-face": "hailo_face_service.py",
            "hailo-scrfd": "hailo_scrfd_service.py", "hailo-pose": "hailo_pose_service.py"}
MANAGER_ENV = """HAILO_DEVICE_SOCKET=/run/hailo/device.sock
HAILO_DEVICE_SOCKET_MODE=0660
HAILO_DEVICE_SOCKET_GROUP=hailo
HAILO_DEVICE_MAX_MESSAGE_BYTES=8388608
"""
UNIT = """[Unit]
Description={name} (Hailo-10H)
After=network-online.target
Wants=network-online.target

[Service]
Type=simple
User={name}
Group={name}
WorkingDirectory=/var/lib/{name}
StateDirectory={name}
Environment=XDG_CONFIG_HOME=/etc/xdg
Environment=PYTHONUNBUFFERED=1
ExecStart={command}
Restart=always
RestartSec=5
TimeoutStopSec=30
MemoryMax=3G
CPUQuota=80%

[Install]
WantedBy=multi-user.target
"""
LIMITS = {"memory_max": "3G", "cpu_quota": "80%"}
PERFORMANCE = {"worker_threads": 2, "max_queue_size": 10, "request_timeout": 30, "warmup_enabled": False,
               "warmup_iterations": 3}
LOGGING = {"level": "INFO", "format": "json"}


def _server(port, **more):
    return {"host": "0.0.0.0", "port": port, **more}


CONFIGS = {
    "hailo-clip": {
        "server": _server(5000, debug=False),
        "clip": {"model": "clip-vit-b-32", "embedding_dimension": 512, "device": 0, "batch_size": 1, "image_size": 224,
                 "device_timeout_ms": 5000, "apply_softmax": True, "logit_scale": 100.0},
        "text_embedding": {"mode": "ondemand", "cache_enabled": True, "cache_max_entries": 1000},
        "performance": PERFORMANCE, "resource_limits": LIMITS, "logging": LOGGING},
    "hailo-depth": {
        "server": _server(11439),
        "model": {"name": "scdepthv3", "type": "monocular", "keep_alive": -1},
        "output": {"format": "image", "colormap": "turbo", "normalize": True, "depth_png_16": False,
                   "include_stats": True},
        "input": {"allow_local_paths": False, "allow_image_url": True, "max_image_mb": 20},
        "resources": {"model_dir": "/var/lib/hailo-depth/resources/models",
                      "postprocess_dir": "/var/lib/hailo-depth/resources/postprocess"},
        "resource_limits": LIMITS},
    "hailo-face": {
        "server": _server(5002, debug=False),
        "face_recognition": {"device": 0, "detection_model": "scrfd_10g", "recognition_model": "arcface_mobilefacenet",
                             "embedding_dimension": 512, "detection_threshold": 0.6, "recognition_threshold": 0.55,
                             "max_faces": 4, "database_path": "/var/lib/hailo-face/database", "batch_size": 1,
                             "device_timeout_ms": 5000},
        "database": {"enabled": True, "db_file": "/var/lib/hailo-face/faces.db", "backup_enabled": True,
                     "backup_path": "/var/lib/hailo-face/backups", "max_embeddings_per_identity": 10},
        "performance": PERFORMANCE, "resource_limits": LIMITS, "logging": LOGGING},
    "hailo-ocr": {
        "server": _server(11436),
        "ocr": {"languages": ["en"], "enable_recognition": True, "det_threshold": 0.3, "rec_threshold": 0.5,
                "use_corrector": False, "dictionary_path": "frequency_dictionary_en_82_765.txt"},
        "hailo_models": {"detection_hef": "ocr_det.hef",
                         "recognition_hefs": {"en": "ocr.hef", "zh": "ocr_chinese.hef"},
                         "batch_size_det": 1, "batch_size_rec": 8, "priority": 0, "device": "/dev/hailo0"},
        "processing": {"max_image_size": 4096, "jpeg_quality": 90, "enable_caching": True, "cache_ttl_seconds": 3600,
                       "max_cache_size_mb": 500},
        "resource_limits": LIMITS},
    "hailo-pose": {
        "server": _server(12440),
        "model": {"name": "yolov8s_pose", "keep_alive": -1},
        "inference": {"confidence_threshold": 0.4, "iou_threshold": 0.45, "max_detections": 10,
                      "input_size": [640, 640]},
        "pose": {"keypoint_threshold": 0.3, "skeleton_connections": False},
        "resource_limits": LIMITS},
    "hailo-scrfd": {
        "server": _server(5001, debug=False),
        "scrfd": {"model": "scrfd_2.5g_bnkps", "device": 0, "input_size": 640, "conf_threshold": 0.5,
                  "nms_threshold": 0.4, "batch_size": 1, "device_timeout_ms": 5000},
        "detection": {"return_landmarks": True, "scale_factor": 1.0, "max_faces": 10},
        "alignment": {"output_size": 112, "padding": 0.0},
        "performance": PERFORMANCE, "resource_limits": LIMITS, "logging": LOGGING},
    "hailo-vision": {"server": _server(11435), "model": {"name": "qwen2-vl-2b-instruct", "hef_path": None},
                     "generation": {"temperature": 0.7, "max_tokens": 200}},
    "hailo-whisper": {"server": _server(11437), "model": {"name": "Whisper-Base"},
                      "storage": {"cache_dir": "/var/lib/hailo-whisper/cache"}},
    "hailo-piper": {"server": _server(5003, debug=False),
                    "piper": {"model_path": "/var/lib/hailo-piper/models/en_US-lessac-medium.onnx"}},
    "hailo-ollama": {"server": _server(11434), "library": {"host": "dev-public.hailo.ai", "port": 443}},
    "hailo-florence": {"server": _server(11438), "model": {"name": "florence-2"}},
}
MODELS = {
    "var/lib/hailo-depth/resources/models/scdepthv3.hef": "depth",
    "var/lib/hailo-ocr/resources/models/hailo10h/ocr_det.hef": "ocr detector",
    "var/lib/hailo-ocr/resources/models/hailo10h/ocr.hef": "ocr recogniser",
    "var/lib/hailo-pose/resources/models/hailo10h/yolov8s_pose.hef": "pose",
    "var/lib/hailo-vision/resources/models/hailo10h/Qwen2-VL-2B-Instruct.hef": "vlm",
    "var/lib/hailo-whisper/resources/models/hailo10h/Whisper-Base.hef": "speech",
    "usr/local/hailo/resources/models/hailo10h/clip_vit_b_32_image_encoder.hef": "clip pictures",
    "usr/local/hailo/resources/models/hailo10h/clip_vit_b_32_text_encoder.hef": "clip texts",
}
# That of hailo-face, word for word.
SCHEMA = """
CREATE TABLE identities (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE embeddings (
    id INTEGER PRIMARY KEY AUTOINCREMENT, identity_id INTEGER NOT NULL, embedding BLOB NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    FOREIGN KEY (identity_id) REFERENCES identities (id) ON DELETE CASCADE);
CREATE INDEX idx_embeddings_identity ON embeddings (identity_id);
"""


def put(root, path, text, mode=0o644):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(mode)
    return file


def enrol(database, *names):
    """People as the Python service enrols them: with embeddings that it makes up."""
    with sqlite3.connect(database) as db:
        if not db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            db.executescript(SCHEMA)
        for name in names:
            person = db.execute("INSERT INTO identities (name) VALUES (?)", (name,)).lastrowid
            db.execute("INSERT INTO embeddings (identity_id, embedding) VALUES (?, ?)", (person, os.urandom(2048)))
    return db


def people(database):
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        return [name for (name,) in db.execute("SELECT name FROM identities ORDER BY name")]


def enable(root, unit):
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True, exist_ok=True)
    (wants / unit).symlink_to(f"/etc/systemd/system/{unit}")


def install(root, services=SERVICES, packages=None):
    """The device manager and these services; packages: of ours, all of them where nothing is said."""
    for name in ("hailo-device-manager", *services):
        _install_service(root, name)
    put(root, "etc/hailo/device-manager.env", MANAGER_ENV)
    put(root, "etc/passwd", "root:x:0:0::/root:/bin/sh\n" + "".join(
        f"{name}:x:{990 + at}:{980 + at}::/var/lib/{name}:/usr/sbin/nologin\n" for at, name in enumerate(services)))
    put(root, "etc/group", "root:x:0:\nhailo:x:970:\nhailo-device-mgr:x:971:\n")
    for path, text in MODELS.items():
        if path.split("/")[2] in services or path.startswith("usr/"):
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            fake_hef.write(file, text)
            file.chmod(0o640)
    if "hailo-face" in services:
        (root / "var/lib/hailo-face/database").mkdir(parents=True)
        enrol(root / "var/lib/hailo-face/faces.db", "Ada Lovelace", "Grace Hopper")
    units = root / "usr/lib/systemd/system"
    units.mkdir(parents=True, exist_ok=True)
    for unit in (SOURCE / "packaging/debian").glob("hailo-*.service"):
        if packages is None or unit.stem in packages:
            shutil.copy(unit, units)


def _install_service(root, name):
    command = f"/opt/{name}/venv/bin/python3 /opt/{name}/{PROGRAMS.get(name, name.replace('-', '_') + '_server.py')}"
    if name == "hailo-ollama":
        command = "/usr/bin/env hailo-ollama"
        put(root, "etc/systemd/system/hailo-ollama.service.d/monitor.conf",
            "[Service]\nEnvironment=HAILO_MONITOR_TIME_INTERVAL=500\n")
    put(root, f"etc/systemd/system/{name}.service", UNIT.format(name=name, command=command))
    enable(root, f"{name}.service")
    put(root, f"opt/{name}/device_client.py", "# of the Python project\n")
    (root / f"var/lib/{name}").mkdir(parents=True, exist_ok=True)
    if name in CONFIGS:  # as YAML, of which JSON is a part
        text = json.dumps(CONFIGS[name], indent=2) + "\n"
        put(root, f"etc/hailo/{name}.yaml", "# " + name + "\n" + text)
        if name in READ_JSON:
            put(root, f"etc/xdg/{name}/{name}.json", text)


def snapshot(root, leave_out=()):
    """Everything below the root: kind, permissions, owner, content."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            path = pathlib.Path(folder) / name
            inside = str(path.relative_to(root))
            if inside in leave_out:
                continue
            status = path.lstat()
            if path.is_symlink():
                content = os.readlink(path)
            else:
                content = path.read_bytes() if path.is_file() else None
            found[inside] = (oct(status.st_mode), status.st_uid, status.st_gid, content)
    return found
