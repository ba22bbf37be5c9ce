"""Python's websockets as a server for the stories; see servers_ws.h. ws_python.py ADDRESS PORT CERTIFICATES|- plain|deflate"""

import asyncio
import os
import signal
import ssl
import sys

try:
    import websockets
    from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
except ImportError:
    sys.exit(127)  # not installed

address, port, certs, deflate = sys.argv[1:5]
closed = asyncio.Queue()


def piece(total, at):
    """Octet `at` of a message that the story can compute too."""
    return bytes(ord("a") + (i * 7 + total) % 26 for i in at)


async def pieces(count, size):
    step = -(-size // count)
    for start in range(0, count * step, step):
        yield piece(size, range(min(start, size), min(start + step, size))).decode()


async def command(link, line):
    word, *rest = line.split(" ")
    if word == "!ping":
        await (await link.ping(rest[0]))
        await link.send("!pong " + rest[0])
    elif word == "!close":
        await link.close(int(rest[0]), " ".join(rest[1:]))
    elif word == "!closed":
        await link.send("!closed " + await closed.get())
    elif word == "!fragments":
        await link.send(pieces(int(rest[0]), int(rest[1])))
    elif word == "!drop":
        link.transport.abort()
    elif word == "!subprotocol":
        await link.send("!subprotocol " + (link.subprotocol or "none"))
    elif word == "!extensions":
        await link.send("!extensions " + (", ".join(e.name for e in link.extensions) or "none"))


async def serve(link):
    try:
        async for message in link:
            if isinstance(message, str) and message.startswith("!"):
                await command(link, message)
            else:
                await link.send(message)
    except websockets.ConnectionClosedError:
        pass
    closed.put_nowait(f"{link.close_code} {link.close_reason}".strip())


def tls():
    if certs == "-":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(certs, "good.pem"), os.path.join(certs, "good.key"))
    return context


async def main():
    stop = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set_result, None)
    extensions = [ServerPerMessageDeflateFactory()] if deflate == "deflate" else []
    async with websockets.serve(serve, address, int(port), ssl=tls(), compression=None, extensions=extensions,
                                subprotocols=["chat.v2", "chat.v1"], max_size=1 << 26, ping_interval=None):
        await stop


asyncio.run(main())
