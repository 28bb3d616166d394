"""Drives the demo: sandbox, host, two order flows, and the comparison of the money.

Everything it knows of the platforms it asks from the sandbox's control API, so that the figures are the
simulated platforms' own. Any failure ends with a sentence and exit code 1.
"""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from decimal import Decimal


class DemoError(Exception):
    """What went wrong and what to do."""


def call(method, url, token=None, body=None, timeout=120):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, method=method)
    request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", "Bearer " + token)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            text = answer.read().decode()
            return json.loads(text) if text else {}
    except urllib.error.HTTPError as error:
        raise DemoError(f"{method} {url} answered {error.code}: {error.read().decode()[:500]}") from error
    except urllib.error.URLError as error:
        raise DemoError(f"{method} {url}: {error.reason}") from error


class Process:
    """A program of the demo, its log in a file, ended with the demo."""

    def __init__(self, name, arguments, folder, environment=None):
        self.name = name
        self.log = folder / (name + ".log")
        self.process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, stderr=open(self.log, "wb"),
            env={**os.environ, **(environment or {})}, start_new_session=True)

    def first_line(self):
        line = self.process.stdout.readline().decode()
        if not line:
            self.process.wait()
            raise DemoError(f"{self.name} did not start:\n{self.log.read_text()[-2000:]}")
        return line

    def stop(self, seconds=35):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise DemoError(f"{self.name} did not stop within {seconds} s; log: {self.log}") from None
        return self.process.returncode


class Progress:
    """A bar on a terminal, plain lines otherwise."""

    def __init__(self):
        self.terminal = sys.stdout.isatty()

    def show(self, flow, counts, status):
        done = sum(counts[name] for name in
                   ("created", "updated", "skipped", "held", "conflict", "waiting", "failed"))
        read = max(counts["read"], 1)
        if self.terminal:
            width = 40
            filled = width * done // read
            print(f"\r  {flow:24} [{'#' * filled}{'.' * (width - filled)}] {done}/{counts['read']} ",
                  end="\n" if status not in ("queued", "running") else "", flush=True)
        elif status not in ("queued", "running"):
            print(f"  {flow:24} {done} of {counts['read']} records: {status}")


class Demo:
    approval = {}  # of the flows: the defaults, so that the first run is confirmed

    def __init__(self, build, folder):
        self.build = build
        self.folder = folder
        self.processes = []
        self.progress = Progress()

    def program(self, path):
        program = self.build / path
        if not program.exists():
            raise DemoError(f"{program} is missing; build it with: cmake --build --preset release")
        return str(program)

    def start(self, name, arguments, environment=None):
        process = Process(name, arguments, self.folder, environment)
        self.processes.append(process)
        return process

    def stop_all(self):
        for process in reversed(self.processes):
            code = process.stop()
            if code not in (0, -signal.SIGTERM):
                raise DemoError(f"{process.name} ended with {code}; log: {process.log}")

    def start_sandbox(self):
        sandbox = self.start("sandbox", [self.program("bin/syncline-sandbox")])
        self.sandbox = json.loads(sandbox.first_line())

    def control(self, path):
        return call("GET", self.sandbox["url"] + "/_sandbox/" + path)

    def start_host(self):
        syncline = self.program("host/main/syncline")
        home = self.folder / "host"
        subprocess.run([syncline, "init", str(home)], check=True, stdout=subprocess.DEVNULL)
        config = home / "syncline.json"
        config.write_text(json.dumps({
            "api": {"port": 0},
            "egress": {"allow": ["127.0.0.1:*"]},
            "plugin_dir": str(self.build / "plugins"),
            "connectors": [{"file": f"{name}/{name}.so"} for name in ("woocommerce", "quickbooks", "supabase")],
        }))
        host = self.start("host", [syncline, "serve", "--config", str(config)])
        self.url = json.loads(host.first_line())["url"]
        self.token = subprocess.run(
            [syncline, "token", "--config", str(config), "--tenant", "default", "--role", "admin"],
            check=True, capture_output=True, text=True).stdout.strip()
        call("GET", self.url + "/readyz")

    def api(self, method, path, body=None):
        return call(method, self.url + path, self.token, body)

    def connect(self):
        platforms = self.sandbox["platforms"]
        shop = {key: platforms["woocommerce"][key] for key in ("store_url", "consumer_key", "consumer_secret")}
        books = {**platforms["quickbooks"], "document_choice": {"bacs": "invoice_and_payment"},
                 "start_date": "2020-01-01"}
        for connection, platform, settings in (
                ("shop", "woocommerce", shop),
                ("books", "quickbooks", books),
                ("warehouse", "supabase", platforms["supabase"])):
            self.api("POST", f"/api/integrations/{platform}/credentials", {"connection": connection, **settings})
            tested = self.api("POST", f"/api/integrations/{platform}/test", {"connection": connection})
            print(f"  {connection:10} {platform:12} {tested.get('account', '')}")
        for name, target in (("shop-books-orders", "books"), ("shop-warehouse-orders", "warehouse")):
            self.api("POST", "/api/flows", {
                "name": name, "entity": "order",
                "source": {"connection": "shop"}, "target": {"connection": target},
                "approval": self.approval})

    def preview(self):
        for plan in self.api("POST", "/api/sync/dry-run/orders", {})["plans"]:
            totals = ", ".join(f"{money['amount']} {money['currency']}" for money in plan["totals"])
            actions = ", ".join(f"{count} {action}" for action, count in sorted(plan["actions"].items()))
            print(f"  {plan['flow']:24} {actions}; {totals}")

    def confirm(self):
        """Starts what was shown: a first run, and one of more than ten records, is confirmed."""
        asked = self.api("POST", "/api/sync/bulk/request-confirmation", {"entity": "orders"})
        return self.api("POST", f"/api/sync/confirm/{asked['token']}", {})

    def sync(self):
        started = self.confirm()
        until = time.monotonic() + 120
        while True:
            status = self.api("GET", f"/api/sync/status/{started['syncId']}")
            if self.progress.terminal and status["status"] in ("queued", "running"):
                run = status["runs"][0]
                self.progress.show(run["flow"], run["counts"], run["status"])
            if status["status"] not in ("queued", "running"):
                break
            if time.monotonic() > until:
                raise DemoError(f"the sync did not end within 120 s: {status}")
            time.sleep(0.2)
        for run in status["runs"]:
            self.progress.show(run["flow"], run["counts"], run["status"])
        return {run["flow"]: run for run in status["runs"]}

    def targets(self):
        """Everything the targets hold, versions and times of change with it."""
        tables = ("orders", "order_lines", "products", "customers", "invoices")
        return [self.control("quickbooks/ledger")] + [self.control("supabase/tables/" + name) for name in tables]

    def writes(self):
        return {platform: sum(1 for one in self.control("requests")["requests"]
                              if one["platform"] == platform and one["method"] != "GET"
                              and "/oauth2/" not in one["path"])
                for platform in ("quickbooks", "supabase")}


def money(amount):
    return f"{Decimal(amount):,.2f}"


def for_the_books(order):
    """Which orders belong in the books: accounting rules 4.14 and 4.26, for a company that keeps USD."""
    return (order["status"] not in ("cancelled", "failed", "trash", "checkout-draft", "auto-draft")
            and order["currency"] == "USD" and Decimal(order["total"]) != 0)


def sums(rows, amount, currency):
    result = {}
    for row in rows:
        result[row[currency]] = result.get(row[currency], Decimal(0)) + Decimal(str(row[amount]))
    return result


def check(condition, sentence):
    if not condition:
        raise DemoError(sentence)


def compare(demo, runs):
    print(f"\n{'':24}{'read':>6}{'created':>9}{'updated':>9}{'skipped':>9}{'held':>6}{'failed':>8}")
    for name, run in sorted(runs.items()):
        counts = run["counts"]
        print(f"{name:24}{counts['read']:>6}{counts['created']:>9}{counts['updated']:>9}"
              f"{counts['skipped']:>9}{counts['held']:>6}{counts['failed']:>8}")

    orders = [order for order in demo.control("woocommerce/orders")
              if order["status"] not in ("checkout-draft", "auto-draft", "trash")]
    documents = [document for document in demo.control("quickbooks/ledger")["documents"]
                 if document["entity"].lower() in ("invoice", "salesreceipt")]
    rows = demo.control("supabase/tables/orders")["rows"]
    source = sums(orders, "total", "currency")
    expected = sums([order for order in orders if for_the_books(order)], "total", "currency")
    books = sums(documents, "total", "currency")
    warehouse = sums(rows, "total", "currency")

    print(f"\n{'':5}{'source':>13}{'for the books':>16}{'QuickBooks':>13}{'Supabase':>13}")
    differences = {}
    for currency in sorted(set(source) | set(books) | set(warehouse), reverse=True):
        zero = Decimal(0)
        print(f"{currency:5}{money(source.get(currency, zero)):>13}{money(expected.get(currency, zero)):>16}"
              f"{money(books.get(currency, zero)):>13}{money(warehouse.get(currency, zero)):>13}")
        differences[currency] = (abs(expected.get(currency, zero) - books.get(currency, zero))
                                 + abs(source.get(currency, zero) - warehouse.get(currency, zero)))
    for currency, difference in differences.items():
        print(f"difference {currency} {money(difference)}")
        check(difference == 0, f"the money differs by {money(difference)} {currency}")

    # Each document against its order, by the marker that says which order it stands for.
    by_id = {str(order["id"]): order for order in orders}
    seen = set()
    for document in documents:
        order_id = document["marker"].split(":")[-1].split(" ")[0]
        order = by_id.get(order_id)
        check(order is not None and order_id not in seen,
              f"document {document['id']} stands for no order, or for one that has a document: {order_id}")
        seen.add(order_id)
        for ours, theirs in (("total", "total"), ("tax", "total_tax")):
            check(Decimal(str(document[ours])) == Decimal(order[theirs]),
                  f"order {order_id}: {ours} {document[ours]} in the books, {order[theirs]} in the shop")
    wanted = {str(order["id"]) for order in orders if for_the_books(order)}
    check(seen == wanted, f"orders without a document: {sorted(wanted - seen)}; too many: {sorted(seen - wanted)}")
    print(f"{len(seen)} documents compared with their orders one by one: every total and every tax agrees")
    check(len(rows) == len(orders), f"the warehouse holds {len(rows)} orders, the shop has {len(orders)}")


def run(demo, serve):
    print("sandbox and host")
    demo.start_sandbox()
    demo.start_host()
    print("connections")
    demo.connect()
    print("preview (dry run)")
    before = demo.targets()
    demo.preview()
    check(demo.targets() == before, "the dry run changed a target")
    print("sync")
    runs = demo.sync()
    compare(demo, runs)
    print("\nincremental sync")
    before, writes = demo.targets(), demo.writes()
    again = demo.sync()
    check(demo.targets() == before, "the second run changed a target")
    check(demo.writes() == writes, f"the second run wrote: {writes} requests before, {demo.writes()} after")
    for name, one in again.items():
        counts = one["counts"]
        check(counts["created"] + counts["updated"] + counts["failed"] == 0, f"{name} wrote again: {counts}")
    print("the second run wrote nothing")
    if serve:
        print(f"\nURL    {demo.url}\nToken  {demo.token}\nSandbox {demo.sandbox['url']}\n\nCtrl-C ends it.")
        try:
            signal.pause()
        except KeyboardInterrupt:
            print()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--serve", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="syncline-demo-", ignore_cleanup_errors=True) as folder:
        demo = Demo(options.build.resolve(), pathlib.Path(folder))
        try:
            run(demo, options.serve)
            demo.stop_all()
        except (DemoError, subprocess.CalledProcessError, KeyError, OSError) as error:
            print(f"\nerror: {error!r}" if isinstance(error, KeyError) else f"\nerror: {error}", file=sys.stderr)
            for process in demo.processes:
                tail = process.log.read_text(errors="replace")[-1500:] if process.log.exists() else ""
                if tail:
                    print(f"--- the end of {process.name}'s log\n{tail}", file=sys.stderr)
            return 1
        finally:
            for process in demo.processes:
                if process.process.poll() is None:
                    process.process.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
