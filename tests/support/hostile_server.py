"""An HTTP server on a free port that serves files as badly as it is told to.

    with HostileServer() as server:
        server.at("/a.hef", breaks_off(content, 1000), whole(content))   # the first request, all later ones
        ... server.url("/a.hef") ...
        server.requests("/a.hef")     # the headers of each request that came
"""

import http.server
import re
import ssl
import threading

ETAG = '"first"'


class HostileServer:
    """certificate: a PEM file with its key: then by TLS."""

    def __init__(self, certificate=None):
        self._certificate = certificate
        self._routes = {}
        self._requests = {}
        self.stopping = threading.Event()  # what stalls waits for it

    def __enter__(self):
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        if self._certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path):
        return "%s://127.0.0.1:%d%s" % ("https" if self._certificate else "http", self._server.server_address[1], path)

    def at(self, path, *behaviours):
        """One for each request that comes; the last for all later ones."""
        self._routes[path] = list(behaviours)
        self._requests[path] = []

    def requests(self, path):
        return self._requests[path]

    def behaviour_of(self, path, headers):
        self._requests[path].append(headers)
        left = self._routes[path]
        return left.pop(0) if len(left) > 1 else left[0]


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass  # the client has hung up


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802
        self.close_connection = True
        owner = self.server.owner
        owner.behaviour_of(self.path, self.headers)(self, owner)

    def head(self, status, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *_):
        pass


def _wanted_from(request, etag):
    """Where the range begins that is asked for, if it is still this file; else 0."""
    found = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
    if found is None or request.headers.get("If-Range", etag) != etag:
        return 0
    return int(found[1])


def whole(content, etag=ETAG, modified=None, sent=None, stalls=False, **more):
    """As a good server does it. sent: it breaks off, or stalls, after so many bytes of each body."""

    def serve(request, owner):
        validator = etag or modified
        begin = _wanted_from(request, validator)
        headers = dict(more)
        if etag:
            headers["ETag"] = etag
        if modified:
            headers["Last_Modified"] = modified
        if begin >= len(content) > 0 and begin:
            request.head(416, Content_Range="bytes */%d" % len(content), Content_Length=0)
            return
        if begin:
            headers["Content_Range"] = "bytes %d-%d/%d" % (begin, len(content) - 1, len(content))
        headers.setdefault("Content_Length", len(content) - begin)
        request.head(206 if begin else 200, **headers)
        rest = content[begin:]
        request.wfile.write(rest if sent is None else rest[:sent])
        request.wfile.flush()
        if stalls:
            owner.stopping.wait(60)

    return serve


def breaks_off(content, sent, **how):
    return whole(content, sent=sent, **how)


def stalls_after(content, sent, **how):
    return whole(content, sent=sent, stalls=True, **how)


def drips(content, pause):
    """A byte now and then."""

    def serve(request, owner):
        begin = _wanted_from(request, ETAG)
        more = {"Content_Range": "bytes %d-%d/%d" % (begin, len(content) - 1, len(content))} if begin else {}
        request.head(206 if begin else 200, Content_Length=len(content) - begin, ETag=ETAG, **more)
        for at in range(begin, len(content)):
            request.wfile.write(content[at:at + 1])
            request.wfile.flush()
            if owner.stopping.wait(pause):
                return

    return serve


def without_ranges(content, sent=None):
    """All of it, whatever is asked for."""

    def serve(request, _):
        request.head(200, Content_Length=len(content), ETag=ETAG)
        request.wfile.write(content if sent is None else content[:sent])

    return serve


def without_length(content, chunked=False):
    """Until the connection ends, or in chunks."""

    def serve(request, _):
        if chunked:
            request.head(200, Transfer_Encoding="chunked", ETag=ETAG)
            request.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content))
        else:
            request.head(200, ETag=ETAG)
            request.wfile.write(content)

    return serve


def answers(status, body=b"<html>no</html>", **headers):
    def serve(request, _):
        request.head(status, Content_Length=len(body), **headers)
        request.wfile.write(body)

    return serve


def sends_on(to, status=302):
    return answers(status, Location=to)
