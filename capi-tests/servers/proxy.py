"""A scripted proxy for the stories, HTTP and SOCKS 5 on one port; see servers.h. proxy.py DIRECTORY ADDRESS PORT

The host that it is asked for says what it does. NAME.test is 127.0.0.1, whatever the name, but for those whose name is of ANSWERS or
a number: that is the status, or SOCKS's code, of a refusal. Each tunnel is a line of `access`: KIND HOST:PORT USER:PASSWORD.
"""

import asyncio
import base64
import os
import sys

directory, address, port = sys.argv[1:4]
access = open(os.path.join(directory, "access"), "w", buffering=1)
KNOWN = "me:secret"


async def drip(to, answer):
    for n in range(len(answer)):
        to.write(answer[n : n + 1])
        await to.drain()
        await asyncio.sleep(0)


async def silent(to, answer):
    await asyncio.Event().wait()


async def garbage(to, answer):
    to.write(b"SSH-2.0-nothing of the kind\r\n")


async def cut(to, answer):
    to.write(answer[: len(answer) // 2])


async def close(to, answer):
    pass


async def surplus(to, answer):
    to.write(answer + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfake")


async def endless(to, answer):
    to.write(answer[:-2])
    while True:
        to.write(b"A: " + b"b" * 1000 + b"\r\n")
        await to.drain()


async def whole(to, answer):
    to.write(answer)


# Those after which there is no tunnel have False.
ANSWERS = {
    "drip": (drip, True),
    "interim": (whole, True),
    "silent": (silent, False),
    "garbage": (garbage, False),
    "cut": (cut, False),
    "close": (close, False),
    "surplus": (surplus, False),
    "endless": (endless, False),
}


async def pump(come, go):
    try:
        while data := await come.read(65536):
            go.write(data)
            await go.drain()
        go.write_eof()
    except OSError:
        go.close()


class Asked:
    """One that asks for a tunnel."""

    def __init__(self, come, go):
        self.come, self.go, self.user = come, go, "-"

    async def serve(self):
        first = await self.come.readexactly(1)
        await (self.socks() if first == b"\x05" else self.http(first))

    async def http(self, first):
        head = (first + await self.come.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        method, target, _ = lines[0].split(" ")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
        given = [line.split(" ", 2)[2] for line in lines if line.lower().startswith("proxy-authorization: basic ")]
        if given:
            self.user = base64.b64decode(given[0]).decode()
        host, to_port = target.rsplit(":", 1)
        if method != "CONNECT" or fields["host"] != target.lower():
            return self.go.write(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
        if self.user != KNOWN and (host == "auth.test" or given):
            refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\n\r\n"
            return self.go.write(refusal)
        yes = b"HTTP/1.1 200 Connection established\r\nContent-Length: 7\r\n\r\n"
        if host == "interim.test":
            yes = b"HTTP/1.1 100 Continue\r\n\r\n" + yes
        no = "HTTP/1.1 %s no\r\nContent-Length: 2\r\n\r\nno"
        await self.tunnel("http", host.strip("[]"), int(to_port), yes, lambda code: (no % code).encode())

    async def socks(self):
        methods = await self.come.readexactly((await self.come.readexactly(1))[0])
        if 2 in methods:
            self.go.write(b"\x05\x02")
            _, length = await self.come.readexactly(2)
            user = await self.come.readexactly(length)
            password = await self.come.readexactly((await self.come.readexactly(1))[0])
            self.user = (user + b":" + password).decode()
            if self.user != KNOWN:
                return self.go.write(b"\x01\x01")
            self.go.write(b"\x01\0")
        else:
            self.go.write(b"\x05\0")
        _, _, _, kind = await self.come.readexactly(4)
        if kind == 3:
            host = (await self.come.readexactly((await self.come.readexactly(1))[0])).decode()
        else:
            host = ".".join(map(str, await self.come.readexactly(4 if kind == 1 else 16)))
        to_port = int.from_bytes(await self.come.readexactly(2), "big")
        no = lambda code: bytes([5, int(code), 0, 1, 0, 0, 0, 0, 0, 0])
        await self.tunnel("socks", host, to_port, b"\x05\0\0\x03\x0borigin.test\x1f\x90", no)

    async def tunnel(self, kind, host, to_port, yes, no):
        name = host.removesuffix(".test")
        if name.isdigit():
            return self.go.write(no(name))
        answer, goes_on = ANSWERS.get(name, (whole, True))
        if not goes_on:
            return await answer(self.go, yes)
        try:
            where = "127.0.0.1" if host.endswith(".test") else host
            come, go = await asyncio.open_connection(where, to_port)
        except OSError:
            return self.go.write(no("502" if kind == "http" else "5"))
        access.write(f"{kind} {host}:{to_port} {self.user}\n")
        await answer(self.go, yes)
        await asyncio.gather(pump(self.come, go), pump(come, self.go))
        go.close()


async def serve(come, go):
    try:
        await Asked(come, go).serve()
        await go.drain()
    except (OSError, EOFError, ValueError):
        pass
    finally:
        go.close()


async def main():
    server = await asyncio.start_server(serve, address, int(port), limit=1 << 20)
    await server.serve_forever()


asyncio.run(main())
