"""Lets the host die, stall and be lied to, again and again, and checks after each time that nothing is
lost and nothing is there twice. See tools/chaos --help.
"""

import argparse
import json
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import chaos_plant
from chaos_iteration import Iteration, Violation
from chaos_schedule import draw
from chaos_world import Host, Sandbox, Trouble

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROVE_WITHIN = 50


class Runner:
    """Iterations against one host program; the sandbox lives as long."""

    def __init__(self, build, program, options, folder, kept):
        self.seed = options.seed
        self.verbose = options.verbose
        self.folder = folder
        self.kept = kept
        self.vfs = build / "tests/powercut/libpowercut.so"
        self.sandbox = Sandbox(build, folder / "sandbox.log")
        self.host = Host(program, build, folder)
        # Of one currency; one order without a total has a line without a product, which is held.
        orders = [order for order in self.sandbox.orders()
                  if order["currency"] == "USD" and order["total"] != "0.00"]
        customers = Counter(order["email"] for order in orders)
        self.orders = [order["id"] for order in orders]
        self.sharing = [order["id"] for order in orders
                        if customers[order["email"]] > 1 and order["status"] not in ("cancelled", "failed")]
        self.tally = Counter()
        self.documents = 0
        self.done = 0

    def close(self):
        self.host.kill()
        self.sandbox.stop()

    def one(self, number):
        """Whether iteration `number` holds."""
        schedule = draw(self.seed, number, self.orders, self.sharing)
        work = self.folder / f"iteration-{number}"
        iteration = Iteration(schedule, self.sandbox, self.host, self.vfs, work)
        problem = None
        try:
            self.documents += iteration.run()
        except Violation as violation:
            problem = str(violation)
        except Exception:  # of the harness: as worth knowing, with all that led there
            problem = traceback.format_exc()
        finally:
            self.tally += iteration.tally
            self.done += 1
        if self.verbose:
            print("\n".join(iteration.story))
        if problem is None:
            shutil.rmtree(work, ignore_errors=True)
            return True
        self.host.kill()
        self.report(iteration, schedule, work, problem)
        return False

    def report(self, iteration, schedule, work, problem):
        place = self.kept / f"violation-{schedule.seed}-{schedule.iteration}"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.host.home, place)
        if work.exists():
            shutil.copytree(work, place / "snapshots")
        (place / "schedule.json").write_text(json.dumps(schedule.as_json(), indent=1))
        (place / "story.txt").write_text("\n".join(iteration.story) + "\n")
        for name, path in (("requests", "/requests?limit=5000"), ("ledger", "/quickbooks/ledger"),
                           ("orders", "/woocommerce/orders"), ("faults", "/faults")):
            (place / f"{name}.json").write_text(json.dumps(self.sandbox.control("GET", path), indent=1))
        print(f"\nVIOLATION in iteration {schedule.iteration} of seed {schedule.seed}\n{problem}\n\n"
              + "\n".join(line[:300] for line in iteration.story)
              + f"\n\neverything of it: {place}\nagain: tools/chaos --seed {schedule.seed} "
              f"--first {schedule.iteration} --iterations 1", flush=True)


def summary(options, runners, violations, seconds):
    tally = sum((runner.tally for runner in runners), Counter())
    print(f"\nseed {options.seed}: {sum(runner.done for runner in runners)} iterations in {seconds:.0f} s, "
          f"{sum(runner.documents for runner in runners)} documents checked, {violations} violations")
    for title, prefix in (("kills", "kill: "), ("faults injected", "fault: ")):
        rows = {name[len(prefix):]: count for name, count in tally.items() if name.startswith(prefix)}
        print(f"{title}: {sum(rows.values())}")
        for name, count in sorted(rows.items()):
            print(f"  {name:28}{count:6}")
    if options.verbose:
        print("not reached: " + ", ".join(f"{count} {name[13:]}" for name, count in sorted(tally.items())
                                          if name.startswith("not reached: ")))
    rest = {name: count for name, count in tally.items() if ": " not in name}
    print("besides: " + ", ".join(f"{count} {name}" for name, count in sorted(rest.items())), flush=True)


class Queue:
    """The numbers of the iterations still to run, for several runners; empty after a violation."""

    def __init__(self, options):
        self.lock = threading.Lock()
        self.numbers = iter(range(options.first, options.first + options.iterations))
        self.began = time.monotonic()
        self.seconds = options.seconds
        self.violations = 0
        self.done = 0

    def next(self):
        with self.lock:
            if self.violations or (self.seconds and time.monotonic() - self.began > self.seconds):
                return None
            return next(self.numbers, None)

    def ended(self, holds):
        with self.lock:
            self.done += 1
            self.violations += 0 if holds else 1
            if self.done % 25 == 0:
                print(f"{self.done} iterations, {time.monotonic() - self.began:.0f} s", flush=True)


def work(runner, queue):
    while (number := queue.next()) is not None:
        queue.ended(runner.one(number))


def run(build, program, options, kept):
    """Runs iterations, `options.jobs` at a time; answers (how many ran, whether one failed)."""
    with tempfile.TemporaryDirectory(prefix="syncline-chaos-", ignore_cleanup_errors=True) as folder:
        queue = Queue(options)
        runners = []
        try:
            for number in range(options.jobs):
                place = pathlib.Path(folder) / str(number)
                place.mkdir()
                runners.append(Runner(build, program, options, place, kept))
            with ThreadPoolExecutor(options.jobs) as pool:
                for ended in [pool.submit(work, runner, queue) for runner in runners]:
                    ended.result()
        finally:
            for runner in runners:
                runner.close()
        summary(options, runners, queue.violations, time.monotonic() - queue.began)
        return queue.done, queue.violations > 0


def prove(build, options, kept):
    """Every planted fault is found; exit code."""
    options.iterations = PROVE_WITHIN
    missed = []
    found = {}
    for plant in chaos_plant.names():
        print(f"\n--- {plant}: {chaos_plant.meaning(plant)}", flush=True)
        done, failed = run(build, chaos_plant.build(build, plant), options, kept / plant)
        (found.__setitem__(plant, done) if failed else missed.append(plant))
    print()
    for plant, done in found.items():
        print(f"{plant:24} found within {done} iterations")
    for plant in missed:
        print(f"{plant:24} NOT FOUND within {PROVE_WITHIN}")
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(prog="tools/chaos")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/dev", help="a build with failpoints")
    parser.add_argument("--iterations", type=int, default=15)
    parser.add_argument("--jobs", type=int, default=1, help="so many iterations at a time, each in a world of its own")
    parser.add_argument("--seconds", type=int, default=0, help="begin no iteration after so many")
    parser.add_argument("--seed", type=int, default=None, help="what is drawn depends on it alone")
    parser.add_argument("--first", type=int, default=1, help="the first iteration's number")
    parser.add_argument("--plant", choices=chaos_plant.names(), help="with this fault in the host; it must be found")
    parser.add_argument("--prove", action="store_true", help="every planted fault must be found")
    parser.add_argument("--verbose", action="store_true", help="tell what happened in each iteration")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(1_000_000_000)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    build = options.build.resolve()
    kept = build / "chaos"
    try:
        if options.prove:
            return prove(build, options, kept)
        program = build / "host/main/syncline"
        if options.plant:
            program = chaos_plant.build(build, options.plant)
        _, failed = run(build, program, options, kept)
        return 1 if failed else 0
    except Trouble as trouble:
        print(f"error: {trouble}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
