"""A real gateway on loopback, which answers as it is told and keeps what it got."""

import json
import ssl
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Received:
    """What was posted, and what is answered, one after the other; the last one from then on."""

    def __init__(self):
        self.posts = []
        self.answers = [(202, "taken", {})]
        self.wait = 0

    @property
    def bodies(self):
        return [json.loads(body) for _path, _headers, body in self.posts]


@contextmanager
def gateway(certificate=None):
    """A gateway and its address."""
    received = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.posts.append((self.path, dict(self.headers), body))
            time.sleep(received.wait)
            answers = received.answers
            status, said, headers = answers.pop(0) if len(answers) > 1 else answers[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.encode())))
            self.end_headers()
            self.wfile.write(said.encode())

        do_GET = do_POST  # noqa: N815 whoever followed a redirect would come here

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield received, f"{scheme}://localhost:{server.server_port}/alarms?token=t0k3n"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
