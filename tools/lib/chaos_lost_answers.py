"""QuickBooks commits and the connection breaks, for every request that must not happen twice.

First the documents cannot be searched: the stored request, sent again, answers with the same documents. Then
the request ids are forgotten: the search by marker finds them. Each lost answer of a document is a try.
"""

import argparse
import json
import pathlib
import sqlite3
import sys
import tempfile
import time

import chaos_checks
from chaos_iteration import Iteration, Violation
from chaos_schedule import WRITES, Life, Schedule
from chaos_world import Host, Sandbox

ORDERS = 400
TRIES = 500
REST_SECONDS = 120

LOST = {**WRITES, "times": None, "once_per": "requestid", "action": {"drop": "after"}}
# The searches by number and by marker find nothing.
BLIND = {"platform": "quickbooks", "method": "GET", "path": "CreateTime|DocNumber", "times": None,
         "action": {"status": 200, "body": {"QueryResponse": {}, "time": "2026-01-01T00:00:00.000Z"}}}


class LostAnswers(Iteration):
    """A whole sync of which every first answer is lost. `forgotten`: the ids of requests too."""

    def __init__(self, forgotten, *world):
        orders = [order["id"] for order in world[0].orders() if order["currency"] == "USD" and order["total"] != "0.00"]
        schedule = Schedule(0, 0, orders, [], False, False, False, 100, False, not forgotten, {"warn_duplicate_numbers": False}, [], [])
        super().__init__(schedule, *world)
        self.forgotten = forgotten

    def config(self):
        """Without the limits of QuickBooks, which this is not about: it would only take longer. Nothing is late
        here, so that a slow machine's answers do not count as lost."""
        config = super().config()
        config["http"]["read_timeout_ms"] = 20_000
        config["connections"][1]["limits"] = {"requests_per_minute": 60_000, "batches_per_minute": 6_000}
        return config

    def run(self):
        self.began = time.monotonic()
        self.prepare()
        self.sandbox.control("POST", "/faults", LOST)
        if not self.forgotten:
            self.sandbox.control("POST", "/faults", BLIND)
        self.host.start(self.environment(Life("last")))
        self.start_sync()
        until = time.monotonic() + REST_SECONDS
        while not self.at_rest():
            if self.forgotten:
                self.sandbox.control("POST", "/quickbooks/forget-requests", {})
            if time.monotonic() > until:
                raise Violation("rest: the host does not come to rest: " + self.last_status)
            time.sleep(0.01)
        self.settle_intents(until)
        self.host.stop()
        self.check()
        return self.figures()

    def figures(self):
        writes = [request for request in self.sandbox.control("GET", "/requests?limit=5000")["requests"]
                  if "requestid=" in request["query"]]
        tries = sum(request["body"].count("[syncline ") for request in writes if request["status"] == 0)
        replays = self.sandbox.control("GET", "/quickbooks/counters")["replays"]
        ledger = self.sandbox.control("GET", "/quickbooks/ledger")
        database = sqlite3.connect(self.host.database)
        known = {row[0] for row in database.execute(
            "SELECT target_id FROM id_mappings WHERE entity = 'order'")}
        # Payments are found by what they pay for, in both ways.
        adopted = database.execute(
            "SELECT count(*) FROM sync_logs WHERE event = 'adopted' AND entity = 'order' "
            "AND message NOT LIKE 'payment %'").fetchone()[0]
        database.close()
        there = {document["id"] for document in ledger["documents"] if document["marker"]}
        if known != there:
            raise Violation(f"the books hold {sorted(there - known)}, which the host does not know, "
                            f"and lack {sorted(known - there)}")
        sales = sum(1 for document in ledger["documents"] if document["entity"] in chaos_checks.SALES)
        return tries, replays, adopted, sales


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    build = parser.parse_args().build.resolve()
    with tempfile.TemporaryDirectory(prefix="syncline-chaos-", ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        sandbox = Sandbox(build, folder / "sandbox.log", ["--orders", str(ORDERS)])
        host = Host(build / "host/main/syncline", build, folder)
        total = 0
        try:
            for forgotten in (False, True):
                run = LostAnswers(forgotten, sandbox, host, None, folder)
                tries, replays, adopted, sales = run.run()
                total += tries
                print(f"{'ids forgotten' if forgotten else 'documents not searchable'}: {tries} lost answers, "
                      f"{replays} requests answered again, {adopted} of {sales} sales adopted, 0 twice")
                if not forgotten and (replays == 0 or adopted > 0):
                    raise Violation("the stored requests were not what brought the documents back")
                if forgotten and adopted < sales:
                    raise Violation(f"only {adopted} of {sales} were adopted")
            if total < TRIES:
                raise Violation(f"only {total} answers were lost, {TRIES} are wanted")
        except Violation as violation:
            print(f"VIOLATION: {violation}\n{host.tail()}", file=sys.stderr)
            return 1
        finally:
            host.kill()
            sandbox.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
