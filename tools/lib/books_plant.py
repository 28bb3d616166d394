"""Connectors with one fault each, to see that tools/books finds it.

    books_plant.py --prove [--build FOLDER]          every fault; exit 1 when one is not found
    books_plant.py --plant NAME [--build FOLDER]     one of them

A fault is a patch of one source in tests/books/faults; its first lines say what is wrong. The patched source is compiled
as the build compiles it and linked before the libraries. It is found when 2,000 carts, or else the orders of the
recorded shops, show it.
"""

import argparse
import json
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FAULTS = ROOT / "tests/books/faults"
CARTS = ["--carts", "2000", "--seed", "5", "--until-broken", "1"]


def names():
    return sorted(patch.stem for patch in FAULTS.glob("*.patch"))


def meaning(name):
    return " ".join((FAULTS / f"{name}.patch").read_text().split("\n--- ")[0].split())


def patched_source(name):
    """The file the patch changes, below the root."""
    found = re.findall(r"^\+\+\+ b/(\S+)", (FAULTS / f"{name}.patch").read_text(), re.MULTILINE)
    if len(found) != 1:
        raise SystemExit(f"{name}.patch must change exactly one source, not {found}")
    return found[0]


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{shlex.join(command)[:200]} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def compile_planted(build, name):
    """The object of the patched source."""
    source = patched_source(name)
    folder = build / "books/plants" / name
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / pathlib.Path(source).name
    copy.write_text((ROOT / source).read_text())
    run(["patch", "--no-backup-if-mismatch", "--fuzz=0", str(copy), str(FAULTS / f"{name}.patch")], folder)
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if entry["file"] == str(ROOT / source):
            command = shlex.split(entry["command"])
            unit = folder / "planted.o"
            command[command.index("-o") + 1] = str(unit)
            command[command.index(str(ROOT / source))] = str(copy)
            run(command, entry["directory"])
            return unit
    raise SystemExit(f"{build} does not compile {source}")


def link(build, unit, target):
    """The program `target` of the build with `unit` in place of the archive's member of that name."""
    lines = run(["ninja", "-t", "commands", "-s", target], build).strip().split("\n")
    words = shlex.split(re.split(r" && ", re.sub(r"^: && ", "", lines[-1]))[0])
    program = unit.parent / pathlib.Path(target).name
    words[words.index("-o") + 1] = str(program)
    words.insert(words.index("-o"), str(unit))
    run(words, build)
    return program


def first_proof(output):
    for line in output.split("\n"):
        if line.startswith("BROKEN"):
            return re.sub(r"^BROKEN seed \d+ ", "", line)
    for line in output.split("\n"):
        if "ordinary carts held" in line or "Failure" in line:
            return line
    return output.strip().split("\n")[-1]


def find(build, name):
    """How the fault was found; empty if it was not."""
    unit = compile_planted(build, name)
    carts = subprocess.run([link(build, unit, "bin/books_check"), *CARTS], capture_output=True, text=True)
    if carts.returncode != 0:
        return "carts: " + first_proof(carts.stdout)
    orders = subprocess.run(
        [link(build, unit, "tests/books/books_tests"), "--gtest_filter=RecordedShops.*"], capture_output=True, text=True)
    return "recorded orders: " + first_proof(orders.stdout) if orders.returncode != 0 else ""


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--prove", action="store_true", help="plant every fault")
    options.add_argument("--plant", choices=names(), help="plant this one")
    options.add_argument("--build", type=pathlib.Path, default=ROOT / "build/dev")
    chosen = options.parse_args()
    missed = []
    planted = names() if chosen.prove else [chosen.plant]
    for name in planted:
        found = find(chosen.build.resolve(), name)
        print(f"{name:28} {found[:150] or 'NOT FOUND: ' + meaning(name)}", flush=True)
        missed += [] if found else [name]
    print(f"{len(planted) - len(missed)} of {len(planted)} planted faults were found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
