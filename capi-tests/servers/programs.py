"""The server of programs/: programs.py LOG [CERTIFICATE KEY]. One script a path; the port is the first line on stdout.

It is a WebSocket implementation other than ours and upstream's, and strict. What it saw goes to LOG when it is told to
end (SIGTERM): connection by connection in the order of arrival, nothing in it that two equal clients could do differently.
"""

import asyncio
import http
import json
import logging
import signal
import socket
import ssl
import struct
import sys
import zlib

try:
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed
except ImportError:
    sys.exit(127)  # not installed

import programs_feed
import programs_mqtt

PATIENCE = 20  # seconds; a script that waits longer has lost its client


def noise(size, seed=1):
    """Bytes that do not compress, the same in every run."""
    out = bytearray()
    state = seed
    while len(out) < size:
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        out += struct.pack(">I", state >> 32)
    return bytes(out[:size])


class Connection(ServerConnection):
    """A connection with its own page of the log, which tells of control frames too."""

    pages = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.page = []
        self.wire_bytes = 0
        self.frames = []
        self.ping_seen = asyncio.Event()
        Connection.pages.append(self.page)

    def say(self, text):
        self.page.append(text)

    def data_received(self, data):
        self.wire_bytes += len(data)
        super().data_received(data)

    def process_event(self, event):
        if (opcode := getattr(event, "opcode", None)) is not None:
            self.frames.append(f"{opcode.name}{'' if event.fin else '+'}{len(event.data)}")
            if opcode == 9:
                self.ping_seen.set()
        super().process_event(event)

    async def hear(self):
        """The next message, which has to come."""
        return await asyncio.wait_for(self.recv(), PATIENCE)

    def cut(self):
        """Ends the TCP connection with a reset."""
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def told(self, message):
        kind = "text" if isinstance(message, str) else "binary"
        raw = message.encode() if isinstance(message, str) else message
        self.say(f"got {kind} {len(raw)} {zlib.crc32(raw):08x}")


# ---- scripts: each is a coroutine of a connection ----


async def classic(ws):
    """Every message comes back, in fragments of 300 and an empty one at the end, behind a ping."""
    async for message in ws:
        ws.told(message)
        await ws.ping(b"are you there")
        pieces = [message[i : i + 300] for i in range(0, len(message), 300)]
        await ws.send(pieces + [message[:0]])


async def session(ws):
    """Every message comes back. Which of the client's threads wrote first is not said."""
    count = total = mixed = 0
    try:
        while True:
            message = await ws.hear()
            raw = message.encode() if isinstance(message, str) else message
            count, total, mixed = count + 1, total + len(raw), mixed ^ zlib.crc32(raw)
            await ws.send(message)
    except ConnectionClosed:
        ws.say(f"got {count} messages, {total} bytes, {mixed:08x}")
        raise


async def hub(ws):
    """Counts what is posted and acknowledges each; "last" is answered with a farewell from here."""
    ws.say("greeting")
    await ws.send("welcome")
    number = 0
    async for message in ws:
        number += 1
        ws.told(message)
        await ws.send(f"ack {number} {zlib.crc32(message.encode()):08x}")
        if message == "last":
            await ws.close(1001, "hub closes")


async def run_command(ws, line):
    """One line of the shell: answers on stdout (1) or stderr (2). Returns the exit status, or None to go on."""
    word, _, rest = line.partition(" ")
    if word == "echo":
        await ws.send(b"\x01" + rest.encode() + b"\n")
    elif word == "cat":
        data = noise(int(rest))
        for i in range(0, len(data), 32768):
            await ws.send(b"\x01" + data[i : i + 32768])
    elif word == "ls":
        await ws.send(b"\x02ls: cannot access '" + rest.encode() + b"'\n")
    elif word == "exit":
        return int(rest)
    elif word == "evict":
        await ws.close(1001, "pod evicted")
    elif word == "crash":
        await ws.close(4999, "")
    elif word == "vanish":
        ws.cut()
        await ws.wait_closed()
    return None


def exit_status(code):
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    causes = {"causes": [{"reason": "ExitCode", "message": str(code)}]}
    return {"metadata": {}, "status": "Failure", "reason": "NonZeroExitCode", "details": causes}


async def shell(ws):
    """kubectl exec: channel 0 in, 1 and 2 out, 3 the status, 4 the terminal's size."""
    for channel in (b"\x01", b"\x02", b"\x03"):
        await ws.send(channel)
    await ws.send(b"\x01$ ")
    typed = b""
    while True:
        frame = await ws.hear()
        ws.told(frame)
        if frame[:1] == b"\x04":
            size = json.loads(frame[1:])
            await ws.send(b"\x01" + f"{size['Width']}x{size['Height']}\n$ ".encode())
            continue
        typed += frame[1:]
        while b"\n" in typed:
            line, _, typed = typed.partition(b"\n")
            code = await run_command(ws, line.decode())
            if code is not None:
                await ws.send(b"\x03" + json.dumps(exit_status(code)).encode())
                return
            await ws.send(b"\x01$ ")


async def voice(ws):
    """A transcriber: a partial after every fifth frame of sound; after "eof" its large results and a farewell."""
    ws.told(await ws.hear())
    crc = frames = sound = 0
    before = ws.wire_bytes
    while True:
        message = await ws.hear()
        if isinstance(message, str):
            break
        frames, crc, sound = frames + 1, zlib.crc32(message, crc), sound + len(message)
        if frames % 5 == 0:
            text = json.dumps({"partial": frames // 5, "frames": frames, "crc": f"{crc:08x}"})
            await ws.send([text[:10], text[10:20], text[20:]])
    ws.say(f"got {frames} frames, {crc:08x}, then {message}")
    ws.say("it came compressed" if ws.wire_bytes - before < sound * 4 / 5 else "it did not come compressed")
    await ws.send("{" + ",".join(f'"word {i % 97}": {i}' for i in range(12000)) + "}")
    await ws.send(noise(50000))
    await ws.send("")
    await ws.close(1000, "transcript complete")


async def burst(ws):
    """As many messages as fit, large and small, text and binary, and pings between them."""
    for number in range(300):
        text = f"{number}:" + "x" * (number * 997 % 1700 if number % 50 else 15000)
        await ws.send(text if number % 3 else text.encode())
        if number % 7 == 0:
            await ws.ping()
    while (said := await ws.hear()) != "done 300":
        ws.say(f"got {said}")
    ws.say("frames: " + " ".join(ws.frames[-1:]))
    await ws.close(1000, "enough")


# ---- the handshake ----

SCRIPTS = {
    "/classic": classic,
    "/session": session,
    "/hub": hub,
    "/exec": shell,
    "/burst": burst,
    "/voice": voice,
    "/feed": programs_feed.feed,
    "/mqtt": programs_mqtt.broker,
}


def path_of(ws):
    return ws.request.path.partition("?")[0]


async def on_request(ws, request):
    ws.say(f"GET {request.path}")
    for name, value in request.headers.raw_items():
        ws.say(f"{name}: {'...' if name.lower() == 'sec-websocket-key' else value}")
    if path_of(ws) == "/forbidden":
        return ws.respond(http.HTTPStatus.FORBIDDEN, "no exec for you\n")
    if path_of(ws) == "/feed":
        return await programs_feed.before_handshake(ws)
    return None


def on_subprotocol(ws, offered):
    if "subprotocol=other" in ws.request.path:
        return "v9.other.example"
    return offered[0] if offered else None


async def on_connection(ws):
    try:
        await SCRIPTS[path_of(ws)](ws)
    except ConnectionClosed:
        pass
    except Exception as e:
        ws.say(f"FAILED: {e!r}")
    await ws.close()
    got = ws.protocol.close_rcvd
    ws.say(f"closed with {got.code} '{got.reason}'" if got else "ended without a close frame")


async def main():
    log, *tls = sys.argv[1:]
    signal.alarm(200)  # if whoever started it is no more
    logging.getLogger("websockets").addHandler(logging.NullHandler())
    logging.getLogger("websockets").propagate = False
    context = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
    server = await serve(
        on_connection, "127.0.0.1", 0, ssl=context, create_connection=Connection, process_request=on_request,
        select_subprotocol=on_subprotocol, ping_interval=None, server_header=None, open_timeout=PATIENCE, max_size=None,
    )
    end = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end.set)
    print(server.sockets[0].getsockname()[1], flush=True)
    await end.wait()
    server.close()  # waits for the handlers
    await server.wait_closed()
    with open(log, "w") as f:
        for number, page in enumerate(Connection.pages, 1):
            for line in page:
                print(f"{number}: {line}", file=f)


asyncio.run(main())
