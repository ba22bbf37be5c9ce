"""hypercorn as a server for the stories; see servers.h. asgi.py DIRECTORY ADDRESS PORT STREAMS CERTIFICATES|- [h1]"""

import asyncio
import email.policy
import os
import sys
from email.parser import BytesParser
from urllib.parse import parse_qsl

try:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
except ImportError:
    sys.exit(127)  # not installed

directory, address, port, streams, certs = sys.argv[1:6]
access = open(os.path.join(directory, "access"), "w", buffering=1)
open_now = {}
most = 0


async def body_of(receive):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def answer(send, status, body):
    headers = [] if status == 204 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def file(path):
    try:
        with open(os.path.join(directory, os.path.basename(path)), "rb") as f:
            return f.read()
    except OSError:
        return None


def fnv(data):
    total = 0x811C9DC5
    for byte in data:
        total = (total ^ byte) * 0x01000193 & 0xFFFFFFFF
    return total


def form(headers, body):
    """What email.parser, or urllib, finds in a form: a line a part, `name|filename|type|length|sum`; at the end what was said of its length."""
    kind = headers[b"content-type"]
    lines = []
    if kind == b"application/x-www-form-urlencoded":
        for name, value in parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True):
            lines.append((name, "", "text/plain", value.encode()))
    else:
        message = BytesParser(policy=email.policy.HTTP).parsebytes(b"content-type: " + kind + b"\r\n\r\n" + body)
        if message.defects or not message.is_multipart():
            return f"no form: {message.defects}\n".encode()
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            lines.append((name, part.get_filename(""), part.get_content_type(), part.get_payload(decode=True)))
    said = headers.get(b"content-length") or headers.get(b"transfer-encoding") or b"nothing"
    lines = [f"{name}|{filename}|{type_}|{len(data)}|{fnv(data)}\n" for name, filename, type_, data in lines]
    return "".join(lines).encode() + said + b"\n"


async def request(scope, receive, send):
    path = scope["path"]
    sent = await body_of(receive)
    if path == "/echo":
        await answer(send, 200, sent)
    elif path == "/form":
        await answer(send, 200, form(dict(scope["headers"]), sent))
    elif path == "/204":
        await answer(send, 204, b"")
    elif (found := file(path)) is not None:
        await answer(send, 200, found)
    else:
        await answer(send, 404, b"none")


async def app(scope, receive, send):
    global most
    if scope["type"] != "http":
        return
    connection = scope["client"][1]
    print(connection, scope["path"], file=access)
    open_now[connection] = open_now.get(connection, 0) + 1
    if open_now[connection] > most:
        most = open_now[connection]
        with open(os.path.join(directory, "most"), "w") as f:
            print(most, file=f)
    try:
        await request(scope, receive, send)
    finally:
        open_now[connection] -= 1


config = Config()
config.bind = [f"{address}:{port}"]
config.errorlog = "-"
config.loglevel = "WARNING"
config.graceful_timeout = 0.2  # nobody is connected when it is to end
if int(streams):
    config.h2_max_concurrent_streams = int(streams)
if "h1" in sys.argv[6:]:
    config.alpn_protocols = ["http/1.1"]
if certs != "-":
    config.certfile = os.path.join(certs, "good.pem")
    config.keyfile = os.path.join(certs, "good.key")
asyncio.run(serve(app, config))
