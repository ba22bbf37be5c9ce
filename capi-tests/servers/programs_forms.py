"""The server of the programs of programs/ that post forms and read events: programs_forms.py LOG [CERTIFICATE KEY]. The port is the first line on stdout.

Strict where a request says how long it is. What it saw goes to LOG when it is told to end (SIGTERM): request by request, a form
taken apart by email.parser, and nothing in it that two equal clients could do differently.
"""

import asyncio
import email.policy
import signal
import ssl
import sys
import zlib
from email.parser import BytesParser
from urllib.parse import parse_qsl

PATIENCE = 20  # seconds
pages = []


async def chunked(reader):
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return body


async def body_of(reader, fields):
    """What the head says that it is; without that, a form as far as its own end: some clients say nothing."""
    if "chunked" in fields.get("transfer-encoding", ""):
        return await chunked(reader)
    if "content-length" in fields:
        return await reader.readexactly(int(fields["content-length"]))
    if (kind := fields.get("content-type", "")).startswith("multipart"):
        boundary = kind.partition("boundary=")[2].strip('"')
        return await reader.readuntil(f"--{boundary}--\r\n".encode())
    return b""


def form_of(kind, body):
    """A line a part."""
    if kind == "application/x-www-form-urlencoded":
        return [f"{name}={value}" for name, value in parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True)]
    message = BytesParser(policy=email.policy.HTTP).parsebytes(f"content-type: {kind}\r\n\r\n".encode() + body)
    if message.defects or not message.is_multipart():
        return [f"FAILED: {message.defects}"]
    lines = []
    for part in message.iter_parts():
        data = part.get_payload(decode=True)
        name = part.get_param("name", header="content-disposition")
        lines.append(f"{name}|{part.get_filename('')}|{part.get_content_type()}|{len(data)}|{zlib.crc32(data):08x}")
    return lines


# Pieces of a stream of events, which have nothing to do with where the events are; a number is a pause in seconds.
EVENTS = [
    "retry: 50\n\n:\n\n", "event: tick\nid: 1\ndata: {\"n\"", 0.05, ": 1}\n\n", ":\n\n", "id: 2\ndata: a", 0.05, "\ndata: b\n", "\n",
]  # fmt: skip


async def events(writer, last):
    pieces = EVENTS if last < 2 else ["id: 3\ndata: resumed\n\n", "event: end\ndata: -\n\n"]
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    for piece in pieces:
        if isinstance(piece, float):
            await asyncio.sleep(piece)
            continue
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece.encode()))
        await writer.drain()
    if last < 2:
        writer.close()  # in the middle of it: the client comes back
    else:
        writer.write(b"0\r\n\r\n")


async def one_request(reader, writer):
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    line, *lines = head.rstrip().split("\r\n")
    fields = {}
    for field in lines:
        name, _, value = field.partition(":")
        fields.setdefault(name.lower(), value.strip())
    method, path, _ = line.split()
    page = [line]
    pages.append(page)
    told = ("content-type", "accept", "last-event-id", "host", "cache-control")
    page += [f"{name}: {fields[name].partition(';')[0]}" for name in told if name in fields]
    if path == "/events":
        await events(writer, int(fields.get("last-event-id", 0)))
        return
    body = await body_of(reader, fields)
    page += form_of(fields.get("content-type", ""), body) if method == "POST" else []
    answer = "\n".join(page[-8:]).encode()
    keep = b"close" if fields.get("connection", "").lower() == "close" else b"keep-alive"
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: %s\r\nContent-Length: %d\r\n\r\n%s" % (keep, len(answer), answer))
    if keep == b"close":
        await writer.drain()
        writer.close()


async def connection(reader, writer):
    try:
        while not writer.is_closing():
            await asyncio.wait_for(one_request(reader, writer), PATIENCE)
    except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
        pass
    except Exception as e:
        pages.append([f"FAILED: {e!r}"])
    writer.close()


async def main():
    log, *tls = sys.argv[1:]
    signal.alarm(200)  # if whoever started it is no more
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
    server = await asyncio.start_server(connection, "127.0.0.1", 0, ssl=context, limit=1 << 24)
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    print(server.sockets[0].getsockname()[1], flush=True)
    await end.wait()
    with open(log, "w") as f:
        for number, page in enumerate(pages, 1):
            for line in page:
                print(f"{number}: {line}", file=f)


asyncio.run(main())
