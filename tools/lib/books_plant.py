"""Connectors with one fault each, to see that tools/books finds it.

    books_plant.py --prove [--build FOLDER]          every fault; exit 1 when one is not found
    books_plant.py --plant NAME [--build FOLDER]     one of them

A fault is a patch of one source in tests/books/faults. It is found when 2,000 carts, or else the orders of the recorded
shops, show it.
"""

import argparse
import pathlib
import re
import subprocess
import sys

from planting import ROOT, Faults

FAULTS = Faults(ROOT / "tests/books/faults", SystemExit)
CARTS = ["--carts", "2000", "--seed", "5", "--until-broken", "1"]


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
    unit = FAULTS.compile(build, name, build / "books/plants" / name)
    carts = subprocess.run([FAULTS.link(build, unit, "bin/books_check"), *CARTS], capture_output=True, text=True)
    if carts.returncode != 0:
        return "carts: " + first_proof(carts.stdout)
    orders = subprocess.run(
        [FAULTS.link(build, unit, "tests/books/books_tests"), "--gtest_filter=RecordedShops.*"],
        capture_output=True, text=True)
    return "recorded orders: " + first_proof(orders.stdout) if orders.returncode != 0 else ""


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--prove", action="store_true", help="plant every fault")
    options.add_argument("--plant", choices=FAULTS.names(), help="plant this one")
    options.add_argument("--build", type=pathlib.Path, default=ROOT / "build/dev")
    chosen = options.parse_args()
    missed = []
    planted = FAULTS.names() if chosen.prove else [chosen.plant]
    for name in planted:
        found = find(chosen.build.resolve(), name)
        print(f"{name:28} {found[:150] or 'NOT FOUND: ' + FAULTS.meaning(name)}", flush=True)
        missed += [] if found else [name]
    print(f"{len(planted) - len(missed)} of {len(planted)} planted faults were found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
