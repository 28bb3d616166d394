"""Prints gcovr's figures folder by folder; exit code 1 when the rules of the host are covered too little."""

import collections
import json
import pathlib
import sys

AIM = 80.0
JUDGED = ("host/core", "host/storage", "host/engine")


def folder_of(name):
    return "/".join(name.split("/")[:2])


def missing(build):
    """Uncovered lines of the judged folders, as ranges."""
    for file in json.loads((build / "lines.json").read_text())["files"]:
        if folder_of(file["file"]) not in JUDGED:
            continue
        lines = sorted({line["line_number"] for line in file["lines"]
                        if line["count"] == 0 and not line.get("gcovr/noncode")})
        ranges = []
        for line in lines:
            if ranges and line == ranges[-1][1] + 1:
                ranges[-1][1] = line
            else:
                ranges.append([line, line])
        if ranges:
            print(f"{file['file']}: {', '.join(str(a) if a == b else f'{a}-{b}' for a, b in ranges)}")


def main():
    build = pathlib.Path(sys.argv[1])
    folders = collections.defaultdict(lambda: [0, 0])
    for file in json.loads((build / "summary.json").read_text())["files"]:
        folder = folders[folder_of(file["filename"])]
        folder[0] += file["line_covered"]
        folder[1] += file["line_total"]
    print(f"{'folder':20}{'lines':>8}{'covered':>9}{'%':>8}")
    for name in sorted(folders, key=lambda one: (one not in JUDGED, one)):
        covered, total = folders[name]
        print(f"{name:20}{total:>8}{covered:>9}{100 * covered / total:>8.1f}")
    absent = [name for name in JUDGED if name not in folders]
    if absent:
        print(f"no figures of {', '.join(absent)}", file=sys.stderr)
        return 1
    covered, total = (sum(folders[name][i] for name in JUDGED) for i in (0, 1))
    percent = 100 * covered / total
    print(f"{'core+storage+engine':20}{total:>8}{covered:>9}{percent:>8.1f}   aim >= {AIM:.0f}: "
          f"{'met' if percent >= AIM else 'MISSED'}")
    if "--missing" in sys.argv[2:]:
        missing(build)
    return 0 if percent >= AIM else 1


if __name__ == "__main__":
    sys.exit(main())
