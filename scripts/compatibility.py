#!/usr/bin/env python3
"""compatibility.py: docs/compatibility.md, each function and constant of upstream's headers and what becomes of it here.

usage: compatibility.py [--bless]          compares, or rewrites, docs/compatibility.md
       compatibility.py --list KIND        prints the names that are `exported`, `inline` or `absent`
       compatibility.py --probe HAS        prints a line of C for each type, macro and constant that is `there`, or `absent`
       compatibility.py --names FILE       makes abi/upstream.txt of api/functions.json

abi/upstream.txt has the names (tab-separated: name, header, versions, programs that use it), abi/exports.txt what the library exports,
include/ what is inline, and abi/differences.txt ("name: text") where a function does less, or something else. abi/names.txt has what
is no function.
"""
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UPSTREAM = ROOT / "abi" / "upstream.txt"
PAGE = ROOT / "docs" / "compatibility.md"

HEAD = """\
# Compatibility

Made by `scripts/compatibility.py --bless`; do not edit. `make test` compares it with the library.

Each function that libwebsockets 4.1.6, 4.3.5 or 5.0.0 declares for programs, by header: what becomes of it here.

* **yes**: provided.
* **differs**: provided, with the difference that is named.
* **no**: absent. The header does not declare it and the library does not export it: a program that calls it does not build.

Types, macros and constants are further down.

`inline` is a function or macro of the header, which the library does not export. Where no version is given a function is in 4.3.5
and 5.0.0 both.

"""


def names_of(functions):
    """The lines of abi/upstream.txt."""
    for f in sorted(json.loads(Path(functions).read_text()), key=lambda f: (f["header"], f["name"])):
        versions = ",".join(f["versions"])
        yield f"{f['name']}\t{f['header'].removeprefix('libwebsockets/')}\t{versions}\t{f['client_programs'] or 0}"


class Function:
    def __init__(self, line):
        self.name, self.header, versions, programs = line.split("\t")
        self.versions = versions.split(",")
        self.programs = int(programs)

    def only_in(self):
        """Which versions have it, when those are not 4.3.5 and 5.0.0."""
        if {"4.3.5", "5.0.0"} <= set(self.versions):
            return ""
        return " (" + ", ".join(self.versions) + " only)"


def lines(path):
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def functions():
    return [Function(line) for line in lines(UPSTREAM)]


def inline_names():
    """What the header defines itself: macros with arguments, and functions."""
    text = "\n".join(p.read_text() for p in [*(ROOT / "include").rglob("*.h")])
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    macros = re.findall(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", text, flags=re.M)
    bodies = re.findall(r"^(?:static|LWS_INLINE)[^;{}]*?\b(\w+)\s*\([^;{}]*\)\s*\{", text, flags=re.M)
    return set(macros) | set(bodies)


def differences():
    found = {}
    for line in lines(ROOT / "abi" / "differences.txt"):
        name, _, text = line.partition(": ")
        found[name] = text
    return found


class Library:
    def __init__(self):
        self.exported = set(lines(ROOT / "abi" / "exports.txt"))
        self.inline = inline_names() - self.exported
        self.differences = differences()

    def has(self, name):
        return name in self.exported or name in self.inline

    def row(self, f):
        if not self.has(f.name):
            return f"| `{f.name}`{f.only_in()} | no | |"
        note = self.differences.get(f.name, "")
        inline = "inline" if f.name in self.inline else ""
        return f"| `{f.name}`{f.only_in()} | {'differs' if note else 'yes'} | {'; '.join(filter(None, [inline, note]))} |"


class Name:
    """A type, a macro or a constant."""

    def __init__(self, line):
        self.name, self.kind, self.header, self.enum, self.programs = line.split("\t")

    def is_in(self, words):
        if self.kind in ("struct", "union"):
            return f"{self.kind} {self.name}{' {' if self.enum == 'members' else ''}" in words
        if self.enum == "members":
            return self.name in words and f"struct {self.name.removesuffix('_t')} {{" in words
        return self.name in words

    def probe(self):
        """C that does not compile where it is not there; nothing where that cannot be told."""
        if self.enum == "members":
            tag = "" if self.kind == "typedef" else self.kind + " "
            return f"_Static_assert(sizeof({tag}{self.name}) > 0, \"{self.name}\");"
        match self.kind:
            case "macro":
                return f"#ifndef {self.name}\n#error {self.name}\n#endif"
            case "constant":
                return f"_Static_assert((int){self.name} || 1, \"{self.name}\");"
            case "typedef":
                return f"_Static_assert((void *)({self.name} *)0 == (void *)0, \"{self.name}\");"
        return ""


def header_words():
    """Every word of the header, and every tag: "struct lws", and "struct lws_protocols {" where its members are there too."""
    text = "\n".join(p.read_text() for p in [*(ROOT / "include").rglob("*.h")])
    text = re.sub(r"/\*.*?\*/|//[^\n]*|\"[^\"\n]*\"", " ", text, flags=re.S)
    tags = re.findall(r"\b(?:struct|union)\s+\w+(?:\s*\{)?", text)
    tags = {" ".join(tag.replace("{", " {").split()) for tag in tags}
    return set(re.findall(r"\w+", text)) | tags | {tag.removesuffix(" {") for tag in tags}


def names():
    return [Name(line) for line in lines(ROOT / "abi" / "names.txt")]


def types_and_constants():
    words = header_words()
    known = [n for n in names() if n.kind != "constant"]
    absent = [n for n in known if not n.is_in(words)]
    yield (
        f"## Types and macros\n\nOf the {len(known)} that the client programs use all but these {len(absent)} are there: they belong to"
        " functions or features that are absent.\n\n| name | | header |\n|---|---|---|\n"
    )
    yield from (f"| `{n.name}` | {n.kind} | {n.header} |\n" for n in absent)
    enums = {}
    for n in names():
        if n.kind == "constant":
            enums.setdefault((n.header, n.enum), []).append(n)
    some = {key: found for key, found in enums.items() if any(n.is_in(words) for n in found)}
    yield "\n## Constants of enums\n\nEnums of which some constants are absent, those of a later version or another feature:\n\n"
    yield "| enum | header | absent |\n|---|---|---|\n"
    for (header, enum), found in some.items():
        missing = [f"`{n.name}`" for n in found if not n.is_in(words)]
        if missing:
            yield f"| {enum if enum != '-' else ''} | {header} | {', '.join(missing)} |\n"
    yield "\nEnums that are absent:\n\n| header | enums |\n|---|---|\n"
    wholly = {}
    for (header, enum), found in enums.items():
        if (header, enum) not in some:
            wholly.setdefault(header, []).append(f"`{enum}`" if enum != "-" else f"that of `{found[0].name}`")
    for header, found in wholly.items():
        yield f"| {header} | {', '.join(found)} |\n"
    yield "\n"


def probes(there):
    words = header_words()
    return [n for n in names() if n.is_in(words) == there and n.probe()]


def page():
    library = Library()
    by_header = {}
    for f in functions():
        by_header.setdefault(f.header, []).append(f)
    known = {f.name for f in functions()}
    unknown = sorted(set(library.differences) - known - library.exported)
    if unknown:
        sys.exit(f"abi/differences.txt names what is nowhere: {', '.join(unknown)}")
    mute = sorted(name for name in library.differences if not library.has(name))
    if mute:
        sys.exit(f"abi/differences.txt names what is absent anyway: {', '.join(mute)}")
    out, absent = [HEAD], []
    total = len(known)
    provided = sum(library.has(name) for name in known)
    differ = sum(name in library.differences for name in known)
    used = [f for f in functions() if f.programs]
    out.append(
        f"{provided} of {total} are provided, {differ} of them with a difference. Of the {len(used)} that the 74 client programs we"
        f" looked at use, {sum(library.has(f.name) for f in used)} are provided.\n\n"
    )
    for header, found in sorted(by_header.items(), key=lambda item: item[0]):
        if not any(library.has(f.name) for f in found):
            absent.append((header, found))
            continue
        out.append(f"## {header}\n\n| function | provided | |\n|---|---|---|\n")
        out += [library.row(f) + "\n" for f in found]
        out.append("\n")
    more = sorted(library.exported - known)
    if more:
        out.append("## Exported besides\n\n" + ", ".join(f"`{n}`" for n in more) + "\n\n")
    out += types_and_constants()
    out.append("## Headers of which nothing is provided\n\n| header | absent |\n|---|---|\n")
    for header, found in absent:
        out.append(f"| {header} | {', '.join(f'`{f.name}`' for f in found)} |\n")
    return "".join(out)


def listed(kind):
    library = Library()
    if kind == "exported":
        return sorted(library.exported)
    if kind == "inline":
        return sorted(f.name for f in functions() if f.name in library.inline)
    return sorted(f.name for f in functions() if not library.has(f.name))


def main(arguments):
    match arguments:
        case ["--names", path]:
            about = "# name, header, versions, and how many of 74 client programs use it; made by scripts/compatibility.py --names\n"
            UPSTREAM.write_text(about + "\n".join(names_of(path)) + "\n")
        case ["--list", kind] if kind in ("exported", "inline", "absent"):
            print("\n".join(listed(kind)))
        case ["--probe", has] if has in ("there", "absent"):
            print("\n".join(n.probe() for n in probes(has == "there")))
        case ["--bless"]:
            PAGE.write_text(page())
        case []:
            if page() != PAGE.read_text():
                sys.exit("docs/compatibility.md is not what the library is; see the change with scripts/compatibility.py --bless")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
