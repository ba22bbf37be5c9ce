"""convert.py SOURCE TARGET: the part of autobahntestsuite that the fuzzing server needs, from Python 2 to Python 3.

The suite keeps octets in Python 2's str. Here they stay in str too, a character an octet: a source file is read as latin-1, so
that what a literal held as octets it now holds as characters, and fuzzingserver.py turns str into bytes where the suite meets
autobahn. What is left for this file are syntax, by fissix, and the few places of `edits`.
"""

import pathlib
import re
import shutil
import sys

from fissix import refactor

wanted = ["_version.py", "caseset.py", "fuzzing.py", "interfaces.py", "case/*.py"]

# Where Python 3 means something else by the same text: (files, pattern, replacement, how often it has to be there)
edits = [
    ("case/*.py", r"\(object, Case, \)", "(Case, )", 6),
    ("case/*.py", r"\bbinascii\.(b2a_hex|hexlify)\(", "hexed(", 25),
    ("fuzzing.py", r"\bbinascii\.b2a_hex\(", "hexed(", 5),
    ("case/case10_1_1.py", r"len\(self\.payload\) / ", "len(self.payload) // ", 1),
    ("case/case6_x_x.py", r"v\.validate\(vss\[:i\]\)", 'v.validate(vss[:i].encode("latin-1"))', 1),
    # not among the cases, and of an older zope.interface
    ("case/__init__.py", r"from case9_9_1 import \*\n", "", 1),
    # no TLS in it, and no HTML written
    ("fuzzing.py", "import reactor, ssl\n", "import reactor\n", 1),
    ("fuzzing.py", r"from report import (.*\\\n)*.*\n", "", 1),
]

heading = "from autobahntestsuite.octets import hexed\n"
octets = '''"""Octets kept in str."""

import binascii


def hexed(data):
    return binascii.hexlify(data.encode("latin-1") if isinstance(data, str) else data).decode()
'''


def edited(texts):
    for files, pattern, replacement, want in edits:
        found = 0
        for name in texts:
            if pathlib.PurePath(name).match(files):
                texts[name], n = re.subn(pattern, replacement, texts[name])
                found += n
        if found != want:
            sys.exit(f"convert.py: {pattern} is {found} times in {files}, not {want}: is this the pinned version?")


def modern(tool, name, text):
    text = re.sub(r"^#.*coding[:=].*\n", "", text, count=1, flags=re.MULTILINE)
    text = str(tool.refactor_string(text if text.endswith("\n") else text + "\n", name))
    return heading + text if "hexed(" in text else text


def main(source, target):
    source, target = pathlib.Path(source), pathlib.Path(target)
    shutil.rmtree(target, ignore_errors=True)
    texts = {str(path.relative_to(source)): path.read_bytes().decode("latin-1").replace("\r\n", "\n")
             for pattern in wanted for path in sorted(source.glob(pattern))}
    edited(texts)
    tool = refactor.RefactoringTool(set(refactor.get_fixers_from_package("fissix.fixes")) - {"fissix.fixes.fix_import"})
    for name, text in texts.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = re.sub(r"^from (case\w*|caseset|interfaces) import", r"from .\1 import", text, flags=re.MULTILINE)
        path.write_text(modern(tool, name, text), encoding="utf-8")
    (target / "__init__.py").write_text("from ._version import __version__ as version\n")
    (target / "octets.py").write_text(octets)
    shutil.copytree(source / "testdata", target / "testdata")


main(*sys.argv[1:])
