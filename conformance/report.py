"""report.py DIRECTORY AGENT: a table of what the fuzzing server wrote there; the exit status is 1 when a case failed or is missing."""

import collections
import json
import pathlib
import sys

COLUMNS = ["cases", "OK", "NON-STRICT", "INFORMATIONAL", "UNIMPLEMENTED", "FAILED", "missing"]
TITLES = {
    "1": "framing", "2": "pings and pongs", "3": "reserved bits", "4": "opcodes", "5": "fragmentation", "6": "UTF-8",
    "7": "close", "9": "limits", "10": "auto-fragmentation", "12": "compression: payloads", "13": "compression: parameters",
}


def verdict(result):
    """The worse of what a case says of the messages and of the closing."""
    if result is None:
        return "missing"
    if result["behaviorClose"] in ("FAILED", "UNCLEAN"):
        return "FAILED"
    if result["behavior"] not in COLUMNS:
        return "FAILED"
    if result["behavior"] == "OK" and result["behaviorClose"] != "OK":
        return "NON-STRICT"
    return result["behavior"]


def line(name, counts):
    print(f"{name:<28}" + "".join(f"{counts[column]:>{max(len(column), 5) + 2}}" for column in COLUMNS))


def why(directory, result):
    detail = json.loads((directory / result["reportfile"]).read_text())
    return f"{detail['result']} {detail['resultClose']}".strip()


def main(directory, agent):
    directory = pathlib.Path(directory)
    asked = json.loads((directory / "cases.json").read_text())
    index = directory / "index.json"
    results = json.loads(index.read_text()).get(agent, {}) if index.exists() else {}
    sections = collections.defaultdict(collections.Counter)
    bad = []
    for case in asked:
        is_ = verdict(results.get(case))
        sections[case.split(".")[0]].update(["cases", is_])
        if is_ in ("FAILED", "UNIMPLEMENTED", "missing"):
            bad.append((case, is_))
    print(f"{'section':<28}" + "".join(f"{column:>{max(len(column), 5) + 2}}" for column in COLUMNS))
    for section in sorted(sections, key=int):
        line(f"{section} {TITLES.get(section, '')}", sections[section])
    line("all", sum(sections.values(), collections.Counter()))
    skipped = [f"{section} {title}" for section, title in TITLES.items() if section not in sections]
    if skipped:
        print(f"skipped, not asked for: {', '.join(skipped)}")
    for case, is_ in bad:
        print(f"{case} {is_}: {why(directory, results[case]) if case in results else 'never ran to its end'}")
    return 1 if bad or not asked else 0


sys.exit(main(*sys.argv[1:]))
