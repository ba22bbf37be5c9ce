"""check_h2.py PORT CA-FILE: whether a proxy passes a WebSocket in a stream (RFC 8441): asks the fuzzing server for its number of cases."""

import socket
import ssl
import sys

import h2.config
import h2.connection
import h2.events
import h2.settings


def connected(port, ca):
    context = ssl.create_default_context(cafile=ca)
    context.set_alpn_protocols(["h2"])
    link = context.wrap_socket(socket.create_connection(("127.0.0.1", int(port)), timeout=20), server_hostname="localhost")
    if link.selected_alpn_protocol() != "h2":
        sys.exit("the proxy does not choose h2")
    return link


def events(link, h2c):
    """What comes, until the peer closes."""
    while True:
        link.sendall(h2c.data_to_send())
        data = link.recv(65536)
        if not data:
            return
        yield from h2c.receive_data(data)


def ask(h2c, port):
    stream = h2c.get_next_available_stream_id()
    h2c.send_headers(stream, [
        (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":authority", f"localhost:{port}"),
        (":path", "/getCaseCount"), ("sec-websocket-version", "13"),
    ])
    return stream


def main(port, ca):
    link = connected(port, ca)
    h2c = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
    h2c.initiate_connection()
    stream, data = None, b""
    for event in events(link, h2c):
        if isinstance(event, h2.events.RemoteSettingsChanged) and stream is None:
            allowed = event.changed_settings.get(h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL)
            if not allowed or allowed.new_value != 1:
                sys.exit("the proxy does not say SETTINGS_ENABLE_CONNECT_PROTOCOL = 1")
            stream = ask(h2c, port)
        elif isinstance(event, h2.events.ResponseReceived):
            status = dict(event.headers)[":status"]
            if status != "200":
                sys.exit(f"the answer to CONNECT is {status}")
        elif isinstance(event, h2.events.DataReceived):
            data += event.data
            if len(data) >= 2 and len(data) >= 2 + data[1]:
                print(f"{data[2:2 + data[1]].decode()} cases, over h2")
                return
        elif isinstance(event, (h2.events.StreamReset, h2.events.StreamEnded, h2.events.ConnectionTerminated)):
            sys.exit(f"ended by {event}")
    sys.exit("the proxy closed the connection")


main(*sys.argv[1:])
