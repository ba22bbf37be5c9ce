"""A site that wants a login, or sets cookies: site.py ADDRESS PORT [DIRECTORY-OF-CERTIFICATES]. HTTP/1.1.

/login?scheme=digest&algorithm=SHA-256&qop=auth   wants USER (with nobody=1 an empty one, by Basic) and PASSWORD; with stale=N the first N answers are to stale nonces
/login?scheme=cookie                              wants any cookie
/any?c=COOKIE&c=...&to=URL                        Set-Cookie, each; with `to` a redirect
/any                                              what was asked, with its Cookie and Authorization

With "Upgrade: websocket" the answer to a good login is a WebSocket that closes at once.
"""

import base64
import hashlib
import http.server
import re
import socketserver
import ssl
import sys
import threading
import urllib.parse

REALM = 'the "site", its realm'
USER, PASSWORD = "me", "sécret: ok"
OPAQUE = "a\\b"
WS_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

lock = threading.Lock()
nonces = {}
connections = 0


def hashed(algorithm, *parts):
    name = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}[algorithm.removesuffix("-sess")]
    return hashlib.new(name, ":".join(parts).encode()).hexdigest()


def quoted(text):
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def parameters(text):
    pairs = re.findall(r'([\w*]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))', text)
    return {name: re.sub(r"\\(.)", r"\1", long) or short for name, long, short in pairs}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        global connections
        super().setup()
        with lock:
            connections += 1
            self.nth = connections
        self.requests = 0

    def log_message(self, format, *args):
        pass

    def answer(self, status, text, fields=()):
        body = text.encode()
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.headers.get("Connection", "").lower() == "close":
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body if self.command != "HEAD" else b"")

    def challenge(self, query, stale=False):
        fields = []
        for scheme in query.get("scheme", ["digest"]):
            if scheme == "basic":
                fields.append(f"Basic realm={quoted(REALM)}, charset=UTF-8")
            if scheme == "digest":
                for algorithm in query.get("algorithm", ["MD5"]):
                    nonce = base64.b64encode(hashlib.sha256(str(len(nonces)).encode()).digest()).decode()
                    with lock:
                        nonces[nonce] = 0
                    text = f"Digest realm={quoted(REALM)}, nonce={quoted(nonce)}, opaque={quoted(OPAQUE)}, algorithm={algorithm}"
                    if "qop" in query:
                        text += f", qop={quoted(query['qop'][0])}"
                    fields.append(text + (", stale=true" if stale else "") + (", userhash=true" if "userhash" in query else ""))
            if scheme == "bearer":
                fields.append('Bearer realm="x", error="invalid_token"')
        if "together" in query:
            fields = [", ".join(fields)]
        self.answer(401, "who are you?", [("WWW-Authenticate", field) for field in fields])

    def digest_is_good(self, said, query, body):
        algorithm = said.get("algorithm", "MD5")
        user = hashed(algorithm, USER, REALM) if "userhash" in query else USER
        if said["username"] != user or said["realm"] != REALM or said["uri"] != self.path or said["opaque"] != OPAQUE:
            return False
        a1 = hashed(algorithm, USER, REALM, PASSWORD)
        if algorithm.endswith("-sess"):
            a1 = hashed(algorithm, a1, said["nonce"], said["cnonce"])
        a2 = [self.command, self.path]
        if said.get("qop") == "auth-int":
            a2.append(hashlib.new("md5" if algorithm.startswith("MD5") else "sha256", body.encode()).hexdigest())
        middle = [said["nonce"], said["nc"], said["cnonce"], said["qop"]] if "qop" in said else [said["nonce"]]
        return said["response"] == hashed(algorithm, a1, *middle, hashed(algorithm, *a2))

    def login(self, query, body):
        kind, _, rest = self.headers.get("Authorization", "").partition(" ")
        if query.get("scheme") == ["cookie"]:
            return self.welcome("cookie", body) if "Cookie" in self.headers else self.answer(403, "no cookie")
        if not rest:
            return self.challenge(query)
        if kind == "Basic":
            user = "" if "nobody" in query else USER
            good = base64.b64decode(rest).decode() == f"{user}:{PASSWORD}" and "basic" in query["scheme"]
            return self.welcome("basic", body) if good else self.challenge(query)
        said = parameters(rest)
        if said["nonce"] not in nonces or not self.digest_is_good(said, query, body):
            return self.challenge(query)
        with lock:
            nonces[said["nonce"]] += 1
            uses = nonces[said["nonce"]]
        if "nc" in said and int(said["nc"], 16) != uses:
            return self.answer(400, f"nc is {said['nc']}, not {uses}")
        if "stale" in query and len([n for n in nonces.values() if n]) <= int(query["stale"][0]):
            return self.challenge(query, stale=True)
        return self.welcome(f"digest {said.get('algorithm')} {said.get('qop', '-')} {said.get('nc', '-')}", body)

    def welcome(self, how, body):
        if self.headers.get("Upgrade") != "websocket":
            return self.answer(200, f"{how} on {self.nth}.{self.requests}: {body}")
        accept = hashlib.sha1((self.headers["Sec-WebSocket-Key"] + WS_GUID).encode()).digest()
        self.send_response(101)
        for name, value in ("Upgrade", "websocket"), ("Connection", "Upgrade"):
            self.send_header(name, value)
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(accept).decode())
        self.end_headers()
        self.wfile.write(b"\x88\x02\x03\xe8")
        self.rfile.read(8)
        self.close_connection = True

    def do_GET(self):
        self.requests += 1
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        if url.path.startswith("/login"):
            return self.login(query, body)
        fields = [("Set-Cookie", cookie) for cookie in query.get("c", [])]
        if "to" in query:
            return self.answer(302, "elsewhere", fields + [("Location", query["to"][0])])
        said = [f"{name}: {self.headers[name]}\n" for name in ("Authorization", "Cookie") if name in self.headers]
        return self.answer(200, f"{self.command} {url.path} on {self.nth}.{self.requests}\n" + "".join(said), fields)

    do_POST = do_PUT = do_HEAD = do_GET


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def get_request(self):
        # Each handshake in its connection's own thread.
        sock, address = self.socket.accept()
        return (self.tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False) if self.tls else sock), address

    def handle_error(self, request, address):
        pass


def main():
    server = Server((sys.argv[1], int(sys.argv[2])), Handler)
    server.tls = None
    if len(sys.argv) > 3:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(f"{sys.argv[3]}/good.pem", f"{sys.argv[3]}/good.key")
    server.serve_forever()


main()
