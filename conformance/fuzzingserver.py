"""fuzzingserver.py SPEC [PATIENCE]: autobahntestsuite's fuzzing server on a free port of 127.0.0.1, which it prints.

The converted suite (convert.py) keeps octets in str, autobahn wants and gives bytes: here they meet. PATIENCE stretches the time
after which a case gives up on its peer: for an instrumented one.
"""

import json
import pathlib
import sys
import warnings

warnings.simplefilter("ignore")

from twisted.internet import reactor  # noqa: E402
from autobahn.twisted.websocket import WebSocketServerProtocol  # noqa: E402
from autobahntestsuite import fuzzing  # noqa: E402
from autobahntestsuite.case import Case12_X_X, Case13_X_X  # noqa: E402
from autobahntestsuite.case.case import Case  # noqa: E402

patience = 1.0


def octets(data):
    return data.encode("latin-1") if isinstance(data, str) else data


def text(data):
    return data.decode("latin-1") if isinstance(data, bytes) else data


def ascii_log(data, maxlen=64, replace=False):
    shown = octets(data[:maxlen])
    try:
        return shown.decode("utf-8", "replace" if replace else "strict") + (" ..." if len(data) > maxlen - 4 else "")
    except UnicodeDecodeError:
        return "0x" + fuzzing.binLogData(data, maxlen)


class Protocol(fuzzing.FuzzingServerProtocol):
    """The suite's, with bytes on autobahn's side and str on the suite's."""

    def sendFrame(self, opcode, payload=b"", payload_len=None, **more):
        payload = octets(payload)
        if payload_len is not None:  # repeated up to there; autobahn's own division is Python 2's
            payload = (payload * (payload_len // len(payload) + 1))[:payload_len]
        super().sendFrame(opcode, payload=payload, **more)

    def sendMessage(self, payload, isBinary=False, **more):
        super().sendMessage(octets(payload), isBinary, **more)

    def sendMessageFrameData(self, payload, sync=False):
        return super().sendMessageFrameData(octets(payload), sync)

    def sendCloseFrame(self, code=None, reasonUtf8=None, isReply=False):
        # a reply has autobahn's own text in it
        if isinstance(reasonUtf8, str):
            reasonUtf8 = reasonUtf8.encode("utf-8" if isReply else "latin-1")
        super().sendCloseFrame(code, reasonUtf8, isReply)

    def onMessage(self, payload, isBinary):
        super().onMessage(text(payload), isBinary)

    def onPing(self, payload):
        WebSocketServerProtocol.onPing(self, payload)

    def onPong(self, payload):
        super().onPong(text(payload))

    def logRxFrame(self, frameHeader, payload):
        super().logRxFrame(frameHeader, [text(piece) for piece in payload] if self.createWirelog else [])

    def logTxFrame(self, frameHeader, payload, repeatLength, chopsize, sync):
        super().logTxFrame(frameHeader, text(payload) if self.createWirelog else "", repeatLength, chopsize, sync)

    def killAfter(self, delay):
        super().killAfter(delay * patience)

    def connectionLost(self, reason):
        for name in ("localCloseReason", "remoteCloseReason", "http_request_data", "http_response_data"):
            setattr(self, name, text(getattr(self, name, None)))
        super().connectionLost(reason)


def adapt():
    fuzzing.asciiLogData = ascii_log
    # pickles of equal values differ in Python 3 by what is the same object
    Case.compare = lambda self, one, other: one == other
    for case in Case12_X_X + Case13_X_X:
        case.onMessage = lambda self, msg, binary, given=case.onMessage: given(self, octets(msg), binary)


def main(spec, *more):
    global patience
    # what the suite prints goes where nobody has to read it
    answer, sys.stdout = sys.stdout, sys.stderr
    patience = float(more[0]) if more else 1.0
    adapt()
    factory = fuzzing.FuzzingServerFactory(json.loads(pathlib.Path(spec).read_text()))
    factory.protocol = Protocol
    factory.externalPort = None  # the Host of a request may be a proxy's
    everything = factory.createReports
    factory.createReports = lambda: everything(produceHtml=False)
    pathlib.Path(factory.outdir, "cases.json").write_text(json.dumps(factory.specCases))
    port = reactor.listenTCP(0, factory, interface="127.0.0.1").getHost().port
    print(f"port={port}", file=answer, flush=True)
    reactor.run()


main(*sys.argv[1:])
