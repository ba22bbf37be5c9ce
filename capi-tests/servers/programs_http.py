"""The server of the HTTP programs of programs/: programs_http.py LOG [CERTIFICATE KEY]. The first line on stdout is its port and its proxy's.

Plain HTTP/1.1 by the standard library, on TCP and on the unix socket LOG.sock, and a proxy for CONNECT on a port of its own.
What it was asked goes to LOG at SIGTERM, sorted: in which order requests of one client arrive is not the same in
every run.
"""

import hashlib
import hmac
import json
import signal
import socket
import socketserver
import ssl
import sys
import threading
from http.server import BaseHTTPRequestHandler

KEY = b"a secret that both know"


def noise(size, seed):
    """Bytes that do not compress, the same in every run."""
    out = bytearray()
    block = str(seed).encode()
    while len(out) < size:
        block = hashlib.sha256(block).digest()
        out += block
    return bytes(out[:size])


class Log:
    def __init__(self):
        self.lines = []
        self.lock = threading.Lock()
        self.counts = {}

    def say(self, line):
        with self.lock:
            self.lines.append(line)

    def count(self, what):
        """How often it was asked for, this time included."""
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1
            return self.counts[what]


LOG = Log()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def version_string(self):
        return "programs"

    def answer(self, status, body=b"", chunks=0, **headers):
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if chunks:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for i in range(0, len(body), chunks):
                piece = body[i : i + chunks]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def told(self, *names, body=b""):
        """A line of the log: the request, the headers of these names, and what the body was."""
        seen = [f"{name}: {self.headers.get(name)}" for name in names]
        LOG.say(" | ".join([f"{self.command} {self.path}", f"Host {self.headers.get('Host', '').partition(':')[0]}", *seen,
                            f"{len(body)} {hashlib.sha256(body).hexdigest()[:16]}"]))

    def do_GET(self):
        self.told("User-Agent", "Accept")
        kind, _, rest = self.path.strip("/").partition("/")
        SCRIPTS.get(kind, not_found)(self, rest)

    do_HEAD = do_GET

    def do_POST(self):
        body = self.body()
        date = self.headers.get("X-Date", "")
        expected = hmac.new(KEY, date.encode() + b"\n" + hashlib.sha256(body).hexdigest().encode(), "sha256").hexdigest()
        signed = self.headers.get("Authorization") == f"SIMPLE-HMAC Credential=me, Signature={expected}"
        self.told("Content-Type", "X-Date", body=body)
        answer = {"accepted": signed, "bytes": len(body)}
        self.answer(200 if signed else 403, json.dumps(answer).encode(), Content_Type="application/json")


class LocalHandler(Handler):
    disable_nagle_algorithm = False  # not TCP


def not_found(handler, rest):
    handler.answer(404, b"no such thing\n")


def file(handler, rest):
    body = noise(int(rest), rest)
    handler.answer(200, body, ETag=f'"{hashlib.sha256(body).hexdigest()[:20]}"', X_Sha256=hashlib.sha256(body).hexdigest())


def many(handler, rest):
    n = int(rest)
    body = noise(n * 331 % 9000, n)
    handler.answer(200, body, chunks=1000 if n % 2 else 0)


def poll(handler, rest):
    """Busy twice, then something new; the fourth is the last."""
    turn = LOG.count(handler.path)
    if turn <= 2:
        handler.answer(503, b"busy\n", Retry_After="1")
    else:
        handler.answer(200, json.dumps({"turn": turn, "more": turn < 6}).encode(), Content_Type="application/json")


def hop(handler, rest):
    """/hop/301/3: three redirects of that status, then a page."""
    status, _, left = rest.partition("/")
    if left == "0":
        return handler.answer(200, f"arrived by {status}\n".encode())
    handler.answer(int(status), b"", Location=f"/hop/{status}/{int(left) - 1}")


def away(handler, rest):
    """To an absolute place on this same server, or to itself."""
    where = {"absolute": f"{scheme()}://localhost:{PORTS[0]}/hop/302/0", "loop": "/away/loop"}
    handler.answer(302, b"go away\n", Location=where[rest])


def hello(handler, rest):
    handler.answer(200, f"hello {rest}\n".encode(), Content_Type="text/plain")


SCRIPTS = {"file": file, "many": many, "poll": poll, "hop": hop, "away": away, "hello": hello}
PORTS = []


def scheme():
    return "https" if len(sys.argv) > 2 else "http"


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 200
    context = None

    def finish_request(self, request, address):
        if self.context:
            request = self.context.wrap_socket(request, server_side=True)
        self.RequestHandlerClass(request, address, self)

    def handle_error(self, request, address):
        pass  # a client that went


class UnixServer(Server):
    address_family = socket.AF_UNIX


class Proxy(socketserver.BaseRequestHandler):
    """CONNECT with a name and a password; whatever the name is, it leads to this server."""

    def handle(self):
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.request.recv(4096)
        lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
        LOG.say(f"proxy: {lines[0].rpartition(':')[0]} | {headers.get('proxy-authorization')}")
        with socket.create_connection(("127.0.0.1", PORTS[0])) as onward:
            self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=copy, args=(onward, self.request), daemon=True)
            back.start()
            copy(self.request, onward)
            back.join()


def copy(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def main():
    log, *tls = sys.argv[1:]
    signal.alarm(200)  # if whoever started it is no more
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.context.load_cert_chain(*tls)
    here = UnixServer(f"{log}.sock", LocalHandler)
    here.context = server.context
    proxy = Server(("127.0.0.1", 0), Proxy)
    PORTS[:] = [server.server_address[1], proxy.server_address[1]]
    for each in (server, here, proxy):
        threading.Thread(target=each.serve_forever, daemon=True).start()
    print(*PORTS, flush=True)
    signal.sigwait([signal.SIGTERM])
    with open(log, "w") as f:
        print(*sorted(LOG.lines), sep="\n", file=f)


main()
