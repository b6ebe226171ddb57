"""The clients of the soak: each keeps asking, and accounts for every request that it has sent."""

import random
import threading

from support.wire import Memory, Wire, tensor

# What may come of a request beside its answer while devices and workers fail.
TYPED = {"device_lost", "unavailable", "busy", "does_not_fit", "cancelled", "deadline_exceeded", "overloaded"}


class Broken(AssertionError):
    """The manager has broken a promise."""


class Ledger:
    """Counts of all clients, and the first promise that was broken."""

    def __init__(self):
        self._lock = threading.Lock()
        self._counts = {}
        self.broken = []

    def count(self, client, what):
        with self._lock:
            self._counts[client, what] = self._counts.get((client, what), 0) + 1

    def counts(self):
        with self._lock:
            return dict(self._counts)

    def break_off(self, client, error):
        with self._lock:
            self.broken.append(f"{client}: {type(error).__name__}: {error}")


class Client(threading.Thread):
    """Asks until it is stopped. world: the Soak, for the manager, the time and the ledger."""

    features = ["pipeline", "stream", "cancel", "shm"]

    def __init__(self, world, name, seed):
        super().__init__(name=name)
        self.world = world
        self.dice = random.Random(f"{seed}-{name}")
        self.paused = threading.Event()  # set while it waits for resume()
        self._ids = 0
        self._wire = None

    def run(self):
        try:
            with Wire(self.world.manager.socket_path, self.features, self.name) as self._wire:
                self._wire.socket.settimeout(self.world.patience)
                while not self.world.stopping.is_set() and not self.world.ledger.broken:
                    self.turn()
        except Exception as error:  # pylint: disable=broad-except; whatever it is, the soak has failed
            self.world.ledger.break_off(self.name, error)

    def turn(self):
        raise NotImplementedError

    def pause(self, seconds):
        """Of simulated time, more or less."""
        self.world.stopping.wait(seconds * self.world.scale * self.dice.uniform(0.5, 1.5))

    def model(self, name):
        return self.world.manager.model(name)

    def next_id(self):
        self._ids += 1
        return self._ids

    def send(self, message):
        request_id = self.next_id()
        self._wire.send({**message, "request_id": request_id})
        self.world.ledger.count(self.name, "sent")
        return request_id

    def collect(self, waiting):
        """Receives until every request of the set is answered; returns the replies by id."""
        replies = {}
        streams = set(waiting)
        while waiting - replies.keys():
            reply = self._wire.receive()
            if reply is None:
                raise Broken("the manager has closed the connection")
            request_id = reply.get("request_id")
            if request_id not in streams:
                raise Broken(f"an answer to nothing: {reply}")
            if "event" in reply:
                continue
            streams.discard(request_id)
            replies[request_id] = reply
            self.account(reply)
        return replies

    def account(self, reply):
        code = "ok" if reply.get("status") == "ok" else reply.get("code")
        if code != "ok" and code not in TYPED:
            raise Broken(f"an error that nobody can act on: {reply}")
        self.world.ledger.count(self.name, code)
        if code != "ok":
            self.world.note_error(self.name, reply)

    def ask(self, message):
        request_id = self.send(message)
        return self.collect({request_id})[request_id]


class Camera(Client):
    """Frames in shared memory, a few at a time, the results beside them."""

    def __init__(self, world, name, seed, model, family, size, priority, period):
        super().__init__(world, name, seed)
        self._model, self._family, self._size = model, family, size
        self._priority, self._period = priority, period
        self._region = None

    def run(self):
        frame = self._size * self._size * 3
        self._room = 1 << 18
        with Memory(4 * (frame + self._room)) as self._memory:
            self._frame = frame
            super().run()

    def turn(self):
        if self._region is None:
            reply = self._wire.call({"action": "shm_register", "size": len(self._memory.map), "request_id": 0},
                                    fds=[self._memory.fd])
            self._region = reply["region"]
        self.collect({self.send(self.frame(slot)) for slot in range(self.dice.randint(1, 4))})
        self.pause(self._period)

    def frame(self, slot):
        begin = slot * (self._frame + self._room)
        picture = {"dtype": "uint8", "shape": [self._size, self._size, 3], "region": self._region, "offset": begin}
        return {"action": "infer", "model_type": self._family, "model_path": self.model(self._model),
                "priority": self._priority, "input_data": {"input": picture, "image": picture},
                "output": {"region": self._region, "offset": begin + self._frame, "size": self._room}}


class Folder(Client):
    """Pictures inside the message, one after the other, as batch work."""

    def turn(self):
        picture = tensor(self.dice.randbytes(32 * 32 * 3), (32, 32, 3))
        self.ask({"action": "infer", "model_type": "depth", "model_path": self.model("sorter"), "priority": "batch",
                  "input_data": {"input": picture}})
        self.pause(0.5)


class Guest(Client):
    """Comes and goes: loads, uses, unloads, cancels, and leaves in the middle."""

    def turn(self):
        model = {"model_type": "depth", "model_path": self.model("guest")}
        infer = {"action": "infer", **model, "input_data": {"input": tensor(bytes(32 * 32 * 3), (32, 32, 3))}}
        what = self.dice.randrange(4)
        if what == 0:
            self.ask({"action": "load_model", **model})
            self.ask({"action": "unload_model", **model})
        elif what == 1:
            first = self.send({**infer, "timeout_ms": self.dice.choice([1, 50, 60000])})
            cancel = self.send({"action": "cancel", "request_id_to_cancel": first})
            self.collect({first, cancel})
        elif what == 2:
            with Wire(self.world.manager.socket_path, self.features, "leaver") as wire:
                for request_id in range(5):
                    wire.send({**infer, "request_id": request_id})
        else:
            self.ask(infer)
        self.pause(3)


class Chatter(Client):
    """Answers in pieces; now and then it has heard enough."""

    def __init__(self, world, name, seed, models):
        super().__init__(world, name, seed)
        self._models = models

    def turn(self):
        model = self.dice.choice(self._models)
        data = {"prompt": f"question {self.dice.randrange(10**6)}", "max_generated_tokens": self.dice.choice([5, 60])}
        if model == "looker":
            data["frames"] = [tensor(bytes(28 * 28 * 3), (28, 28, 3))]
        for _ in range(self.dice.randint(3, 8)):
            request_id = self.send({"action": "infer", "model_type": "vlm_chat", "model_path": self.model(model),
                                    "stream": self.dice.random() < 0.7, "input_data": data})
            waiting = {request_id}
            if self.dice.random() < 0.2:
                self.pause(1)
                waiting.add(self.send({"action": "cancel", "request_id_to_cancel": request_id}))
            self.collect(waiting)
            self.pause(4)


class Speaker(Client):
    """Some seconds of audio."""

    def turn(self):
        self.ask({"action": "infer", "model_type": "whisper", "model_path": self.model("listener"),
                  "input_data": {"audio": tensor(bytes(4 * 16000), (16000,), "float32")}})
        self.pause(6)


class Watcher(Client):
    """Looks at the status, which has to come at once whatever happens."""

    def turn(self):
        for action in ("status", "device_status"):
            reply = self.ask({"action": action})
            if action == "status" and reply["queue_depth"] < 1:
                raise Broken(f"the status does not count who asks: {reply}")
        self.pause(1)


def all_clients(world, seed):
    return [
        Camera(world, "camera", seed, "detector", "depth", 64, "realtime", 0.1),
        Camera(world, "poser", seed, "poser", "pose", 64, "interactive", 0.3),
        Folder(world, "folder", seed),
        Guest(world, "guest", seed),
        Chatter(world, "chatter", seed, ["talker"]),
        Chatter(world, "looker", seed, ["looker", "talker", "talker"]),
        Speaker(world, "speaker", seed),
        Watcher(world, "watcher", seed),
    ]
