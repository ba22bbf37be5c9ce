"""The MQTT 3.1.1 broker of programs.py: what is said over its one connection, in WebSocket frames cut where it hurts."""

import zlib

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = 1, 2, 3, 4, 8, 9, 12, 13, 14


def packet(kind, flags, body):
    out = bytes([kind << 4 | flags])
    rest = len(body)
    while True:
        rest, digit = rest >> 7, rest & 127
        out += bytes([digit | (128 if rest else 0)])
        if not rest:
            return out + body


def text(value):
    return len(value).to_bytes(2, "big") + value.encode()


def publish(topic, ident, payload):
    return packet(PUBLISH, 2, text(topic) + ident.to_bytes(2, "big") + payload)


class Stream:
    """Packets out of messages: their borders have nothing to do with each other."""

    def __init__(self, ws):
        self.ws = ws
        self.bytes = b""

    def cut(self):
        """One packet of what is there, or None."""
        length = at = 0
        while True:
            at += 1
            if at >= len(self.bytes):
                return None
            length |= (self.bytes[at] & 127) << 7 * (at - 1)
            if not self.bytes[at] & 128:
                break
        end = at + 1 + length
        if len(self.bytes) < end:
            return None
        first, body, self.bytes = self.bytes[0], self.bytes[at + 1 : end], self.bytes[end:]
        return first >> 4, first & 15, body

    async def next(self):
        while (found := self.cut()) is None:
            self.bytes += await self.ws.hear()
        kind, flags, body = found
        self.ws.say(f"packet {kind} flags {flags} {len(body)} {zlib.crc32(body):08x}")
        return found


def cut_up(data, *sizes):
    """Fragments of these sizes, the last repeated until all is cut; 0 is an empty one."""
    sizes = list(sizes)
    while data:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        yield data[:size]
        data = data[size:]


async def send(ws, *pieces):
    await ws.send(list(pieces))


async def relay(ws, stream, payload, ident):
    """Gives one publication back, and waits until it is acknowledged."""
    await send(ws, *cut_up(publish("room/1", ident, payload), 1, 1, 0, 2, 1000))
    kind, _, body = await stream.next()
    ws.say(f"{'acknowledged' if (kind, body) == (PUBACK, ident.to_bytes(2, 'big')) else 'NOT acknowledged'} {ident}")


async def publications(ws, stream):
    """Takes PUBLISH, answers PUBACK and PINGRESP, until the client asks twice whether anyone is there."""
    pings, ident = 0, 100
    while pings < 2:
        kind, _, body = await stream.next()
        if kind == PINGREQ:
            pings += 1
            await ws.send(packet(PINGRESP, 0, b""))
        elif kind == PUBLISH:
            topic = 2 + int.from_bytes(body[:2], "big")
            await ws.send(packet(PUBACK, 0, body[topic : topic + 2]))
            ident += 1
            await relay(ws, stream, body[topic + 2 :], ident)


async def broker(ws):
    stream = Stream(ws)
    await stream.next()  # CONNECT
    await send(ws, *cut_up(packet(CONNACK, 0, b"\0\0"), 1))
    _, _, body = await stream.next()  # SUBSCRIBE
    # Two packets in one message, in fragments that end inside both.
    both = packet(SUBACK, 0, body[:2] + b"\1") + publish("room/1", 99, b"retained")
    await send(ws, *cut_up(both, 3, 4, 1000))
    await stream.next()  # PUBACK
    await publications(ws, stream)
    # And a packet over two messages.
    last = publish("room/1", 7, b"good night")
    await ws.send(last[:5])
    await ws.send(last[5:])
    await stream.next()  # PUBACK
    await stream.next()  # DISCONNECT
    async for _ in ws:
        ws.say("something after DISCONNECT")
    ws.say("frames: " + " ".join(ws.frames))
