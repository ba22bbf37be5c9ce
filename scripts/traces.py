#!/usr/bin/env python3
"""traces.py: the scenarios of ../shared/traces again, with our library, and what a program saw compared with what was recorded.

usage: traces.py [--bless] [--quick] [NAME...]

A scenario is a run of the client trace.c against a scripted server, recorded of up to three builds: "-v5" of 5.0 (also without SOCKS5,
without POLL_FD callbacks, or under valgrind) and "-v41" of 4.1.6. Compared are each request's callbacks with what they carried, and the
connections and requests that the server counted; not the times, and not how the callbacks of two requests interleave. What the contract
has otherwise for every request is left out of both (RULES) and asserted of ours (`broken_promise`). What then is not the same has to be in
capi-tests/traces/NAME.diff, whose first lines say why ("# contract 2.5: ..."); a build that differs as 5.0 does has no file of its own.
--bless rewrites the rest of those files. --quick leaves out those in which the client does something at a time of its own.
"""
import concurrent.futures
import difflib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TRACES = Path(os.environ.get("TRACES", ROOT.parent / "shared" / "traces"))
KNOWN = ROOT / "capi-tests" / "traces"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
AT_ONCE = 10

EVENT = re.compile(r"^(?:\d+:)?\[ *[\d.]+\] wsi#\d+ conn(#\d+|\?0) user=(\w+) (\w+) *(.*)$")
CALL = re.compile(r"^(?:\d+:)?\[ *[\d.]+\] (?:---- )?(connect conn#\d+ returned .*|cancel .*| +conn#\d+ lws_http_client_read.*)$")
SERVED = re.compile(r"^SRV \[[\d.]+\] (conn \d+ (?:accepted|req .*))$")


class Scenario:
    def __init__(self, path):
        self.name = path.name.removesuffix(".txt")
        self.recorded = path.read_text(errors="replace")
        head = self.recorded.splitlines()
        if under_valgrind := re.match(r"vg-h1-tls-.*-(\w+)-v5$", self.name):
            self.server, self.nghttpd = ("h1srv.py", under_valgrind[1], True), None
            # There it stayed for as long as valgrind needs.
            args = next(re.search(r"trace5 (.*) -D", line)[1] for line in head if "Command:" in line)
        else:
            found = re.search(r"server (?:(\w+\.py) )?mode '(\w+)'( tls)?", head[0])
            self.server = (found[1] or "h1srv.py", found[2], bool(found[3])) if found else None
            self.nghttpd = re.search(r"nghttpd ?(-\S+)?;", head[0]) or re.search(r"nghttpd ;", head[0])
            args = next((line.split("args:")[1] for line in head if line.startswith("# lws ")), None)
        self.args = args.split() if args else None
        # The one that shows what a program is told of descriptors; 4.1.6 was built without that.
        self.polls = self.name == "h1-get-verbose-pollfd-v5"
        self.key = (self.server, bool(self.nghttpd), tuple(self.args or []), self.polls)
        self.timed = any(flag in (self.args or []) for flag in ("-T", "-C", "-e", "-d", "-w"))

    def option(self, flag, otherwise):
        return next((value for name, value in zip(self.args, self.args[1:]) if name == flag), otherwise)

    def on(self, port):
        """The client's arguments; it stays a second longer, so that the end does not meet another moment, and a slow machine is done."""
        stay = str(int(self.option("-D", 3000)) + 1000)
        given = [*self.args] if "-D" in self.args else [*self.args, "-D", ""]
        replaced = {"-p": str(port), "-D": stay}
        return [replaced.get(before, arg) for before, arg in zip(["", *given], given)]


# Where the contract has another place for a callback than upstream, or always one where upstream has it at times.
RULES = [
    r"WSI_CREATE$",  # 1.4: inside the connect call, after BIND
    r"CONNECTING ",  # 1.6: from the loop
    r"SERVER_NEW_CLIENT_INSTANTIATED$",  # 1.6: inside the call
    r"(UN)?LOCK_POLL$|(ADD|DEL|CHANGE_MODE)_POLL_FD ",  # 5.6: not without asking, and of the connection's own handle
    r"CLIENT_HTTP_WRITEABLE$",  # semantics 8.2: not without a body to write
]
LEFT_TO_RULES = re.compile("|".join(RULES))
ENDING = ["CLIENT_HTTP_DROP_PROTOCOL", "CLOSED_CLIENT_HTTP", "WSI_DESTROY"]


def events_of(text):
    """{request: [what happened to it]}, [what the server counted]"""
    by_request, served = {}, []
    for line in text.splitlines():
        if found := EVENT.match(line):
            who, user, what, more = found.groups()
            if who == "?0":
                continue
            more = re.sub(r"space=\d+", "space", more).replace(" NUL-terminated", "")
            if what == "CLIENT_RECEIVE":
                more = whole_frame(by_request[who], more)
            if what.endswith("_DROP_PROTOCOL"):
                more = ""  # semantics 8.2: any text
            elif what == "RAW_RX":
                more = ""  # how a stream of bytes is cut is the kernel's doing
                if by_request[who][-1] == what:
                    continue
            by_request.setdefault(who, []).append(f"{what} {more}".rstrip() + ("" if user == "ud" else f" user={user}"))
        elif found := CALL.match(line):
            who = re.search(r"conn(#\d+)", line)[1]
            by_request.setdefault(who, []).append("-- " + re.sub(r"\(wsi#\d+\)", "", found[1]).strip())
        elif found := SERVED.match(line):
            served.append(found[1])
    return by_request, served


def polls_of(text):
    """What the program is told of descriptors, whoever it is told of."""
    events = [found for line in text.splitlines() if (found := EVENT.match(line))]
    return [f"{what} {more}".rstrip() for _, _, what, more in (found.groups() for found in events) if re.search(r"_POLL(_FD)?$", what)]


FRAME = re.compile(r"len=(\d+) (.*) first=(\d) final=(\d) (bin=\d) remain=(\d+)$")


def whole_frame(events, piece):
    """How a frame is cut is the kernel's doing: the pieces of it that came before are taken back, and all is one."""
    before = next((e for e in reversed(events) if word(e) == "CLIENT_RECEIVE"), "")
    now, unfinished = FRAME.match(piece), FRAME.search(before)
    if not now or not unfinished or unfinished[6] == "0":
        return piece
    events.remove(before)
    return f"len={int(unfinished[1]) + int(now[1])} {unfinished[2]} first={unfinished[3]} final={now[4]} {now[5]} remain={now[6]}"


def word(event):
    return event.split()[0]


def after_completed(events):
    """1.3: what follows COMPLETED is the same for all, and is asserted."""
    done = next((i for i, e in enumerate(events) if word(e) == "COMPLETED_CLIENT_HTTP"), None)
    return events if done is None else events[: done + 1]


def writes_first(events):
    """Whether a server's first words or the socket's room come first is the kernel's doing: WRITEABLE goes to the front of what was read."""
    reads = [i for i, e in enumerate(events) if word(e) in ("CLIENT_RECEIVE", "RAW_RX")]
    early = [e for i, e in enumerate(events) if reads and i > reads[0] and word(e) in ("CLIENT_WRITEABLE", "RAW_WRITEABLE")]
    if not early:
        return events
    rest = [e for e in events[reads[0] :] if e not in early]
    return events[: reads[0]] + early + rest


def normal(text, server_too, polls):
    """What is compared: by request, then of descriptors where that is wanted, then what the server counted, if it was recorded."""
    by_request, served = events_of(text)
    out = []
    for who in sorted(by_request, key=lambda w: int(w[1:])):
        kept = [e for e in writes_first(after_completed(by_request[who])) if not LEFT_TO_RULES.match(e)]
        out += [f"{who}:"] + [f"  {event}" for event in kept]
    if polls:
        out += ["descriptors:"] + [f"  {event}" for event in polls_of(text)]
    return out + (["server:"] + sorted(f"  {line}" for line in served) if server_too else [])


def broken_promise(text):
    """What each request of ours has to be like, in words, or None."""
    for who, events in events_of(text)[0].items():
        words = [word(e) for e in events if not e.startswith("--")]
        if not words:
            continue
        begin = ["CLIENT_HTTP_BIND_PROTOCOL", "WSI_CREATE", "SERVER_NEW_CLIENT_INSTANTIATED"]
        if words[0] == "RAW_SKT_BIND_PROTOCOL":
            begin = ["RAW_SKT_BIND_PROTOCOL", "WSI_CREATE"]
        if words[: len(begin)] != begin:
            return f"{who} begins {' '.join(words[:3])}"
        if words.count("WSI_DESTROY") != 1 or words[-1] != "WSI_DESTROY":
            return f"{who}: WSI_DESTROY is not the last, once"
        binds, drops = (sum(w.endswith(suffix) for w in words) for suffix in ("_BIND_PROTOCOL", "_DROP_PROTOCOL"))
        if binds != drops:
            return f"{who}: {binds} BIND, {drops} DROP"
        if "COMPLETED_CLIENT_HTTP" in words and words[words.index("COMPLETED_CLIENT_HTTP") + 1 :] != ENDING:
            return f"{who}: after COMPLETED {' '.join(words[words.index('COMPLETED_CLIENT_HTTP') + 1 :])}"
        if words.count("COMPLETED_CLIENT_HTTP") + words.count("CLIENT_CONNECTION_ERROR") > 1:
            return f"{who} ends twice"
    return None


def listening(port):
    needle = f":{port:04X} "
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if f"{fields[1]} ".endswith(needle) and fields[3] == "0A":
                return True
    return False


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def serve(scenario, work, port):
    if scenario.server:
        script, mode, tls = scenario.server
        command = [sys.executable, str(work / script), str(port), mode] + (["tls"] if tls else [])
    elif scenario.nghttpd:
        command = ["nghttpd", "-d", "htdocs", str(port), "key.pem", "cert.pem"]
    else:
        return None
    log = open(work / f"{scenario.name}.srv", "w")
    server = subprocess.Popen(command, cwd=work, stdout=log, stderr=subprocess.STDOUT)
    while not listening(port):
        if server.poll() is not None:
            sys.exit(f"{scenario.name}: the server ended: {' '.join(command)}")
        time.sleep(0.02)
    return server


def run(scenario, work):
    port = free_port()
    server = serve(scenario, work, port)
    try:
        program = "trace-poll" if scenario.polls else "trace"
        client = subprocess.run([work / program, *scenario.on(port)], cwd=work, capture_output=True, text=True, errors="replace", timeout=60)
    finally:
        if server:
            server.kill()
            server.wait()
    log = work / f"{scenario.name}.srv"
    said = client.stdout + client.stderr + (log.read_text(errors="replace") if log.exists() else "")
    (work / f"{scenario.name}.ours").write_text(said)
    if client.returncode:
        sys.exit(f"{scenario.name}: the client ended with {client.returncode}:\n{said}")
    return said


def difference(scenario, said):
    server_too = "### server side" in scenario.recorded
    ours, recorded = ([re.sub(r":\d{5}\b", ":PORT", line) for line in normal(text, server_too, scenario.polls)] for text in (said, scenario.recorded))
    ours = shorten(ours, recorded)
    found = difflib.unified_diff(recorded, ours, "recorded", "ours", n=2, lineterm="")
    return [line for line in found if not line.startswith(("@@", "---", "+++"))]


def shorten(ours, recorded):
    """1.7: a reason text begins as upstream's does. And our pieces of a ws message have a NUL behind, whatever was there."""
    short = {}
    for line in recorded:
        if "CLIENT_CONNECTION_ERROR" in line:
            short[line.rstrip('"')] = line
    out = []
    for line in ours:
        begins = [s for s in short if line.startswith(s)]
        out.append(short[max(begins, key=len)] if begins else line)
    return out


def known(name):
    """(the reasons, the difference) that are checked in."""
    path = KNOWN / f"{name}.diff"
    if not path.exists():
        return [], []
    lines = path.read_text().splitlines()
    return [l for l in lines if l.startswith("#")], [l for l in lines if not l.startswith("#")]


def of_5_0(name):
    return re.sub(r"-v\w+$", "-v5", name.removeprefix("vg-"))


def bless(scenario, found):
    path = KNOWN / f"{scenario.name}.diff"
    reasons_5_0, difference_5_0 = known(of_5_0(scenario.name))
    if found and (scenario.name == of_5_0(scenario.name) or found != difference_5_0):
        path.write_text("\n".join((known(scenario.name)[0] or reasons_5_0 or ["# ?"]) + found) + "\n")
    else:
        path.unlink(missing_ok=True)


# The servers print from many threads: a line in one piece each.
WHOLE_LINES = "import os as _os\ndef print(*a, **k): _os.write(1, (' '.join(map(str, a)) + '\\n').encode())\n"


def build(work):
    for file in (TRACES / "src").iterdir():
        text = file.read_text()
        (work / file.name).write_text(WHOLE_LINES + text if file.suffix == ".py" else text)
    (work / "htdocs").mkdir()
    for i in range(10):
        (work / "htdocs" / str(i)).write_text("content\n")
    new_certificate = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "30"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(new_certificate + names, cwd=work, check=True, capture_output=True)
    library = TARGET / "release"
    compile = ["cc", "-g", "trace.c", f"-I{ROOT / 'include'}", f"-L{library}", f"-Wl,-rpath,{library}", "-lwebsockets", "-lssl", "-lcrypto"]
    for options in (["-o", "trace"], ["-o", "trace-poll", "-DLWS_WITH_EXTERNAL_POLL"]):
        subprocess.run(compile + options, cwd=work, check=True)


def scenarios(names, quick):
    for path in sorted(TRACES.glob("*-v*.txt")):
        scenario = Scenario(path)
        wanted = not names or scenario.name in names
        if wanted and scenario.args and not (quick and scenario.timed):
            yield scenario


def judge(scenario, said, blessing):
    """None, or what is wrong."""
    found = difference(scenario, said)
    if broken := broken_promise(said):
        return f"{scenario.name}: {broken}"
    if blessing:
        bless(scenario, found)
        return None
    reasons, expected = known(scenario.name)
    if not expected and found == known(of_5_0(scenario.name))[1]:
        return None
    if found != expected:
        return "\n".join([f"{scenario.name}: not what is expected:"] + found)
    if found and (not reasons or "# ?" in reasons):
        return f"{scenario.name}: capi-tests/traces/{scenario.name}.diff gives no reason"
    return None


def main(arguments):
    blessing = "--bless" in arguments
    names = [a for a in arguments if not a.startswith("--")]
    if not TRACES.is_dir():
        print(f"traces.py: skipped: no {TRACES}")
        return
    work = Path(tempfile.mkdtemp(prefix="broadside-traces."))
    try:
        build(work)
        todo = list(scenarios(names, "--quick" in arguments))
        # What was recorded of several versions is run once. Those that wait longest first.
        once = list({s.key: s for s in todo}.values())
        once.sort(key=lambda s: -int(s.option("-D", 3000)))
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            said = dict(zip((s.key for s in once), pool.map(lambda s: run(s, work), once)))
        wrong = [w for s in todo if (w := judge(s, said[s.key], blessing))]
    finally:
        shutil.rmtree(work)
    if wrong:
        sys.exit("\n\n".join(wrong) + f"\n\n{len(wrong)} of {len(todo)} traces differ unexpectedly")
    different = sum(bool(difference(s, said[s.key])) for s in todo)
    print(f"{len(todo)} traces: {len(todo) - different} the same, {different} differ as capi-tests/traces says")


if __name__ == "__main__":
    main(sys.argv[1:])
