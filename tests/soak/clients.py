"""The clients of the soak: each keeps asking, and accounts for every request that it has sent."""

import math
import random
import threading

from support.wire import Memory, Wire, tensor, tensor_bytes

# What may come of a request beside its answer while devices and workers fail.
TYPED = {"device_lost", "unavailable", "busy", "does_not_fit", "cancelled", "deadline_exceeded", "overloaded"}


def content(value, memory=None):
    """A result with its tensors as bytes."""
    if isinstance(value, list):
        return [content(item, memory) for item in value]
    if not isinstance(value, dict):
        return value
    if "dtype" not in value:
        return {key: content(item, memory) for key, item in value.items()}
    if "region" not in value:
        return tensor_bytes(value)
    return bytes(memory[value["offset"]:value["offset"] + tensor_size(value)])


def tensor_size(value):
    return math.prod(value["shape"]) * {"uint8": 1, "uint16": 2, "float32": 4}[value["dtype"]]


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
        self._known = {}  # what was asked -> its result

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

    def check(self, question, reply, memory=None):
        """The same question has the same answer, and no other question has it."""
        if reply.get("status") != "ok":
            return
        result = content(reply["result"], memory)
        if question not in self._known:
            if result in self._known.values():
                raise Broken(f"the answer to another question: {question}")
            self._known[question] = result
        if self._known[question] != result:
            raise Broken(f"not the answer to {question}")


class Camera(Client):
    """Frames in shared memory, a few at a time, the results beside them."""

    def __init__(self, world, name, seed, model, family, size, priority, period):
        super().__init__(world, name, seed)
        self._model, self._family, self._size = model, family, size
        self._priority, self._period = priority, period
        self._region = None
        self._pictures = [self.dice.randbytes(size * size * 3) for _ in range(6)]

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
            for number in range(len(self._pictures)):  # alone, so that each has its own
                self.look([number])
        self.look(self.dice.sample(range(len(self._pictures)), self.dice.randint(1, 4)))
        self.pause(self._period)

    def look(self, numbers):
        asked = {self.send(self.frame(slot, number)): number for slot, number in enumerate(numbers)}
        for request_id, reply in self.collect(set(asked)).items():
            self.check(asked[request_id], reply, self._memory.map)

    def frame(self, slot, number):
        begin = slot * (self._frame + self._room)
        self._memory.map[begin:begin + self._frame] = self._pictures[number]
        picture = {"dtype": "uint8", "shape": [self._size, self._size, 3], "region": self._region, "offset": begin}
        return {"action": "infer", "model_type": self._family, "model_path": self.model(self._model),
                "priority": self._priority, "input_data": {"input": picture, "image": picture},
                "output": {"region": self._region, "offset": begin + self._frame, "size": self._room}}


class Folder(Client):
    """Pictures inside the message, one after the other, as batch work."""

    def turn(self):
        shade = self.dice.randrange(8)
        picture = tensor(bytes([shade]) * (32 * 32 * 3), (32, 32, 3))
        self.check(shade, self.ask({"action": "infer", "model_type": "depth", "model_path": self.model("sorter"),
                                    "priority": "batch", "input_data": {"input": picture}}))
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
            self.check("guest", self.ask(infer))
        self.pause(3)


class Chatter(Client):
    """Answers in pieces; now and then it has heard enough."""

    def __init__(self, world, name, seed, models):
        super().__init__(world, name, seed)
        self._models = models

    def turn(self):
        model = self.dice.choice(self._models)
        for _ in range(self.dice.randint(3, 8)):
            # The simulated model says again what it is told.
            topic, most = self.dice.randrange(10**6), self.dice.choice([5, 60])
            words = [f"{self.name}-{topic}-{number}" for number in range(20)]
            data = {"prompt": " ".join(words), "max_generated_tokens": most}
            if model == "looker":
                content = [{"type": "image"}, {"type": "text", "text": data["prompt"]}]
                data["prompt"] = [{"role": "user", "content": content}]
                data["frames"] = [tensor(bytes(28 * 28 * 3), (28, 28, 3))]
            request_id = self.send({"action": "infer", "model_type": "vlm_chat", "model_path": self.model(model),
                                    "stream": self.dice.random() < 0.7, "input_data": data})
            waiting = {request_id}
            if self.dice.random() < 0.2:
                self.pause(1)
                waiting.add(self.send({"action": "cancel", "request_id_to_cancel": request_id}))
            reply = self.collect(waiting)[request_id]
            if reply.get("status") == "ok" and reply["result"].split() != words[:most]:
                raise Broken(f"not the answer to {data['prompt']}: {reply}")
            self.pause(4)


class Speaker(Client):
    """Some seconds of audio."""

    def turn(self):
        reply = self.ask({"action": "infer", "model_type": "whisper", "model_path": self.model("listener"),
                          "input_data": {"audio": tensor(bytes(4 * 16000), (16000,), "float32")}})
        if reply.get("status") == "ok" and [row["text"] for row in reply["result"]["segments"]] != ["what time is it"]:
            raise Broken(f"not what was said: {reply}")
        self.pause(6)


class Watcher(Client):
    """Looks at the status, which waits for no work, whatever happens."""

    def turn(self):
        work = self.send({"action": "infer", "model_type": "whisper", "model_path": self.model("listener"),
                          "input_data": {"audio": tensor(bytes(4 * 16000), (16000,), "float32")}})
        looks = {self.send({"action": action}): action for action in ("status", "device_status", "ping")}
        replies = self.collect({work, *looks})
        order = list(replies)
        if replies[work].get("status") == "ok":
            if order[-1] != work:
                raise Broken(f"the status has waited for work: {[looks.get(one, 'work') for one in order]}")
            for request_id, action in looks.items():
                if action == "status" and replies[request_id]["queue_depth"] < 2:
                    raise Broken(f"the status does not count who asks and who waits: {replies[request_id]}")
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
