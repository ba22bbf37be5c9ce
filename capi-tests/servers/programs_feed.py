"""The exchange feed of programs.py: one stream of numbers over connections that end in every way.

Each connection gets the numbers after the one that it names (?after=N). Before it ends, the client has said that it saw the
last one, so that both know where the next begins.
"""

import asyncio
import http

LAST = 70
visits = 0
returned = asyncio.Event()


async def before_handshake(ws):
    """The second visit is refused, the third cut before it is answered."""
    global visits
    visits += 1
    ws.visit = visits
    returned.set()
    if ws.visit == 2:
        return ws.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "maintenance\n")
    if ws.visit == 3:
        ws.cut()
        return ws.respond(http.HTTPStatus.SERVICE_UNAVAILABLE, "")
    return None


async def send_until(ws, last):
    """Numbers up to `last`, in one burst, and waits until the client saw them."""
    first = int(ws.request.path.partition("after=")[2]) + 1
    for number in range(max(first, ws.sent + 1), last + 1):
        await ws.send(f'{{"seq":{number},"price":"{number * 7919 % 1000}.{number % 100:02}"}}')
    ws.sent = last
    while await ws.hear() != f"seen {last}":
        pass  # how many of its checkpoints the client gets to tell is a matter of time
    ws.say(f"seen {last}")


async def reset(ws):
    await send_until(ws, 10)
    ws.cut()


async def half_a_frame(ws):
    """FIN in the middle of a message: what was there of it is not a number."""
    await send_until(ws, 20)
    ws.transport.write(b'\x81\x7e\x01\x00{"seq":999,')
    ws.transport.close()


async def restart(ws):
    await send_until(ws, 30)
    await ws.close(1011, "service restart")


async def silence(ws):
    """Says nothing until the client asks whether anyone is there."""
    await send_until(ws, 40)
    await ws.ping_seen.wait()
    ws.say("ping")
    await send_until(ws, 50)
    pong = await ws.ping(b"and you?")
    await pong
    ws.say("pong")
    await send_until(ws, 55)
    await ws.close(1001, "")


async def deaf(ws):
    """Does not even hear the question: the client has to give up by itself."""
    await send_until(ws, 60)
    returned.clear()
    ws.transport.pause_reading()
    await returned.wait()
    ws.transport.abort()


async def the_end(ws):
    await send_until(ws, LAST)
    await ws.close(1000, "end of session")


async def feed(ws):
    ws.sent = 0
    await {1: reset, 4: half_a_frame, 5: restart, 6: silence, 7: deaf}.get(ws.visit, the_end)(ws)
