"""proxy.py haproxy|nghttpx DIRECTORY PORT: a proxy from WebSockets over h2 and TLS to 127.0.0.1:PORT; prints its own port.

The listening socket is made here and handed on, so that nobody else takes the port in between.
"""

import os
import pathlib
import socket
import sys

HAPROXY = """\
global
    maxconn 200
    ssl-default-bind-options ssl-min-ver TLSv1.2
defaults
    mode http
    timeout connect 10s
    timeout client 60m
    timeout server 60m
    timeout tunnel 60m
frontend h2
    bind fd@{fd} ssl crt {directory}/both.pem alpn h2
    default_backend suite
backend suite
    server suite 127.0.0.1:{port}
"""

NGHTTPX = """\
frontend=127.0.0.1,{own}
backend=127.0.0.1,{port};;proto=http/1.1
private-key-file={directory}/key.pem
certificate-file={directory}/cert.pem
frontend-http2-read-timeout=60m
frontend-read-timeout=60m
backend-read-timeout=60m
backend-write-timeout=60m
stream-read-timeout=60m
stream-write-timeout=60m
workers=1
single-process=yes
errorlog-file={directory}/error
"""


def main(kind, directory, port):
    directory = pathlib.Path(directory)
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    listener.set_inheritable(True)
    facts = {"fd": listener.fileno(), "own": listener.getsockname()[1], "port": port, "directory": directory}
    config = directory / "conf"
    if kind == "haproxy":
        config.write_text(HAPROXY.format(**facts))
        command = ["haproxy", "-db", "-f", str(config)]
    else:
        config.write_text(NGHTTPX.format(**facts))
        listener.setblocking(False)
        os.environ["NGHTTPX_ACCEPT_1"] = f"tcp,{facts['fd']}"
        command = ["nghttpx", f"--conf={config}"]
    print(f"port={facts['own']}", flush=True)
    os.dup2(2, 1)
    os.execvp(command[0], command)


main(*sys.argv[1:])
