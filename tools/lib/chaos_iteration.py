"""One iteration: the schedule carried out against sandbox and host, and the invariants checked."""

import json
import shutil
import time
from collections import Counter
from decimal import Decimal

import chaos_checks
from chaos_schedule import READ_TIMEOUT_MS
from chaos_world import HostEnded

LEASE_MS = 60_000
STALL_MS = 1500
REST_SECONDS = 60  # of this machine's time; waits of the host are passed by moving the clocks
POLL_SECONDS = 0.02


class Violation(Exception):
    """What does not hold, one sentence a line."""


class Iteration:
    def __init__(self, schedule, sandbox, host, power_cut_vfs, folder):
        self.schedule = schedule
        self.sandbox = sandbox
        self.host = host
        self.vfs = power_cut_vfs
        self.folder = folder
        self.pending = list(schedule.events)
        # Both clocks. They begin ahead of this machine's, from which the bearer token is: a jump back
        # must not make it one of the future.
        self.passed_ms = 600_000
        self.skew_ms = 0    # the host's alone
        self.step_ms = 1000
        self.syncs = []
        self.tally = Counter()
        self.story = []
        self.fault_kinds = {}
        self.last_counters = None
        self.missed = False
        self.last_status = ""

    def note(self, what):
        self.story.append(f"{time.monotonic() - self.began:7.3f} {what}")

    def run(self):
        """Answers the number of documents checked. Throws Violation."""
        self.began = time.monotonic()
        self.prepare()
        for number, life in enumerate(self.schedule.lives):
            try:
                self.live(number, life)
            except HostEnded:
                self.host.kill()
                if life.end == "last":
                    raise Violation("crash: the host ended when nothing ended it:\n" + self.host.tail()) from None
            if life.end != "last":
                self.after_death(number, life)
        return self.check()

    # ---- the world ----

    def prepare(self):
        sandbox, schedule = self.sandbox, self.schedule
        sandbox.reset()
        kept = set(schedule.orders)
        for order in sandbox.control("GET", "/woocommerce/orders"):
            if order["id"] not in kept:
                sandbox.control("DELETE", f"/woocommerce/orders/{order['id']}")
        for order in schedule.renamed:
            sandbox.control("POST", f"/woocommerce/orders/{order}",
                            {"billing": {"first_name": f"Also{order}", "company": ""}})
        sandbox.control("POST", "/quickbooks/options", schedule.settings)
        sandbox.control("POST", "/quickbooks/preferences",
                        {"SalesFormsPrefs": {"CustomTxnNumbers": schedule.numbered}})
        self.host.fresh(self.config())
        self.set_clocks()

    def config(self):
        platforms = self.sandbox.platforms
        shop = {key: value for key, value in platforms["woocommerce"].items() if key != "keys"}
        books = {**platforms["quickbooks"], "document_choice": {"bacs": "invoice_and_payment"},
                 "start_date": "2020-01-01"}

        def flow(name, entity, target):
            return {"name": name, "entity": entity, "batch_size": self.schedule.batch_size,
                    "source": {"connection": "shop"}, "target": {"connection": target},
                    "approval": {"exempt": ["api", "schedule", "webhook"]}}
        flows = [flow("books", "order", "books")]
        if self.schedule.twin_flow:
            flows.append(flow("books-twin", "order", "books"))
        if self.schedule.customers_flow:
            flows.append(flow("customers", "customer", "books"))
        if self.schedule.warehouse_flow:
            flows.append(flow("warehouse", "order", "warehouse"))
        return {
            "engine": {"tick_ms": 20, "lease_ms": LEASE_MS, "call_timeout_ms": LEASE_MS // 2},
            "http": {"read_timeout_ms": READ_TIMEOUT_MS},
            "connections": [
                {"name": "shop", "platform": "woocommerce", "settings": shop},
                {"name": "books", "platform": "quickbooks", "settings": books},
                {"name": "warehouse", "platform": "supabase", "settings": platforms["supabase"]}],
            "flows": flows}

    def set_clocks(self):
        self.sandbox.control("POST", "/clock", {"offset_ms": self.passed_ms})
        self.host.clock.set(self.passed_ms + self.skew_ms)

    def pass_time(self, milliseconds):
        self.passed_ms += milliseconds
        self.set_clocks()

    # ---- a life ----

    def environment(self, life):
        points = []
        if life.end == "failpoint":
            points.append(f"{life.place}=kill@{life.count}")
        if life.stall:
            points.append(f"{life.stall}=delay:{STALL_MS}@{life.stall_count}")
        environment = {"SYNCLINE_FAILPOINTS": ";".join(points)}
        if life.power_cut:
            environment |= {
                "LD_PRELOAD": str(self.vfs), "POWERCUT_SEED": str(life.vfs_seed),
                "POWERCUT_LEAK": str(life.leak_percent),
                "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0"}
        return environment

    def live(self, number, life):
        if life.end == "last":
            self.calm()
        self.note(f"life {number}: {life.end} {life.place} {life.count or ''} power_cut={life.power_cut} {life.stall}")
        self.host.start(self.environment(life))
        self.note("ready")
        self.life_began = time.monotonic()
        self.stalled = False
        self.missed = False
        self.due_events(number, 0)
        self.start_sync()
        if life.end == "last":
            self.last_life(number)
            return
        while self.host.alive():
            elapsed = self.elapsed_ms()
            self.due_events(number, elapsed)
            if life.end in ("time", "stop") and elapsed >= life.at_ms:
                self.end_by_schedule(life)
                return
            if life.end == "in_flight" and self.sandbox.under_way() > 0:
                self.end_by_schedule(life)
                return
            if self.at_rest() and not self.due_later(number) and (life.end in ("failpoint", "in_flight") or life.stall):
                self.note("at rest, its end was not reached")
                self.tally["not reached: " + (life.place or life.stall or life.end)] += 1
                self.missed = True
                self.end_by_schedule(life)
                return
            if elapsed > REST_SECONDS * 1000:
                raise Violation("rest: the host does not come to rest: " + self.last_status)
            self.pass_stall(life)
            time.sleep(POLL_SECONDS)
        raise HostEnded()

    def end_by_schedule(self, life):
        if life.end == "stop":
            code = self.host.stop()
            self.tally["stop"] += 1
            if code != 0:
                raise Violation(f"stop: SIGTERM ended with {code}")
        else:
            self.host.kill()

    def elapsed_ms(self):
        return (time.monotonic() - self.life_began) * 1000

    def pass_stall(self, life):
        """The lease runs out while its delivery stands still."""
        if life.stall and not self.stalled and f"failpoint {life.stall}" in self.host.log.read_text(errors="replace"):
            self.stalled = True
            self.tally["fault: lease lost in a stall"] += 1
            self.note("stalled; the lease runs out")
            self.pass_time(LEASE_MS + 15_000)

    def start_sync(self):
        for entity in ("orders", "customers")[:2 if self.schedule.customers_flow else 1]:
            status, answer = self.host.call("POST", f"/api/sync/{entity}", {})
            if status == 202:
                self.syncs.append(answer["syncId"])
            else:
                self.note(f"sync of {entity} answered {status}: {answer.get('detail', '')}")

    def at_rest(self):
        """Whether nothing is left to do. Where the host only waits for a time, the time passes."""
        code, status = self.host.call("GET", "/api/sync/status")
        self.last_status = json.dumps(status)
        if code != 200:
            raise Violation(f"api: the status answered {code}: {self.last_status}")
        queue = status["queue"]
        collecting = any(sync["status"] in ("queued", "running") for sync in status["items"])
        if queue["queued"] == 0 and queue["delivering"] == 0 and not collecting:
            return True
        self.pass_waiting(queue["delivering"] > 0)
        return False

    def pass_waiting(self, delivering):
        busy = delivering or (self.sandbox.under_way() > 0 and not self.schedule.hasty)
        counters = self.sandbox.control("GET", "/requests?limit=0")["counters"]
        if busy or counters != self.last_counters:
            self.step_ms = 1000
        else:
            self.pass_time(self.step_ms)
            self.step_ms = min(self.step_ms * 2, 64_000)
        self.last_counters = counters

    def last_life(self, number):
        until = time.monotonic() + REST_SECONDS
        self.rest(until)
        while self.due_later(number):
            self.due_events(number, self.elapsed_ms())
            time.sleep(POLL_SECONDS)
        self.calm()
        self.rest(until)
        for _ in range(3):  # what needed help gets it, then nothing may need any
            status, failures = self.host.call("GET", "/api/sync/failures")
            if not failures.get("items"):
                break
            self.tally["redriven"] += len(failures["items"])
            self.note("redriven: " + json.dumps(failures["items"])[:2000])
            self.host.call("POST", "/api/sync/retry", {"all": True})
            self.rest(until)
        self.start_sync()
        self.rest(until)
        self.settle_intents(until)
        code = self.host.stop()
        if code != 0:
            raise Violation(f"stop: SIGTERM ended with {code}")

    def settle_intents(self, until):
        """A request in doubt whose record has its outcome is looked after without a job to be seen."""
        while time.monotonic() < until and chaos_checks.open_intents(self.host.database):
            self.pass_waiting(False)
            time.sleep(POLL_SECONDS)

    def rest(self, until):
        while not self.at_rest():
            if time.monotonic() > until:
                raise Violation("rest: the host does not come to rest: " + self.last_status)
            time.sleep(POLL_SECONDS)

    def calm(self):
        """The platforms work as they should from here on."""
        self.count_hits()
        self.sandbox.control("DELETE", "/faults")
        self.sandbox.control("POST", "/quickbooks/options", {"broken_batches": 0})

    def count_hits(self):
        for fault in self.sandbox.control("GET", "/faults"):
            kind = self.fault_kinds.get(fault["id"])
            if kind and fault["hits"]:
                self.tally["fault: " + kind] += fault["hits"]

    # ---- events ----

    def due_later(self, life):
        return any(event.life == life for event in self.pending)

    def due_events(self, life, elapsed_ms):
        while self.pending and self.pending[0].life <= life and (
                self.pending[0].life < life or self.pending[0].at_ms <= elapsed_ms):
            event = self.pending.pop(0)
            self.note(f"{event.kind} {event.detail}")
            getattr(self, "do_" + event.kind)(event.detail)

    def do_change(self, detail):
        amount = str(Decimal(detail["amount"]) / 100)
        orders = {order["id"] for order in self.sandbox.orders()}
        if detail["order"] in orders:
            self.sandbox.shop("PUT", f"/orders/{detail['order']}",
                              {"fee_lines": [{"name": "Gift wrap", "total": amount, "tax_status": "none"}]})
            self.tally["orders changed"] += 1

    def do_insert(self, detail):
        """A further order of a customer who has one already."""
        orders = {order["id"]: order for order in self.sandbox.orders()}
        if detail["order"] in orders:
            like = self.sandbox.shop("GET", f"/orders/{detail['order']}")
            self.sandbox.shop("POST", "/orders", {
                "status": "processing", "payment_method": like["payment_method"], "customer_id": like["customer_id"],
                "billing": {**like["billing"], "first_name": f"New{detail['amount']}", "company": ""},
                "shipping": like["shipping"],
                "line_items": [{"product_id": line["product_id"], "variation_id": line["variation_id"],
                                "quantity": line["quantity"]} for line in like["line_items"]
                               if line["product_id"] != 0]})
            self.tally["orders added"] += 1

    def do_sync(self, _):
        self.start_sync()

    def do_fault(self, detail):
        rule = detail["rule"]
        if "broken_batches" in rule:
            self.sandbox.control("POST", "/quickbooks/options", rule)
            self.tally["fault: " + detail["kind"]] += 1
            return
        made = self.sandbox.control("POST", "/faults", rule)
        self.fault_kinds[made["id"]] = detail["kind"]

    def do_forget(self, _):
        """Not while a request is under way: nobody could tell a repeated one from a new one then."""
        if self.sandbox.under_way() > 0:
            return
        self.sandbox.control("POST", "/quickbooks/forget-requests", {})
        self.tally["fault: forgotten request ids"] += 1

    def do_expire(self, _):
        self.sandbox.control("POST", "/quickbooks/expire-tokens", {})
        self.tally["fault: expired token"] += 1

    def do_clock(self, detail):
        self.skew_ms += detail["jump_ms"]
        self.set_clocks()
        self.tally["fault: clock jump"] += 1

    # ---- checks ----

    def after_death(self, number, life):
        if life.end != "stop":
            place = self.host.failpoint()
            reached = place if place == life.place and life.end == "failpoint" else None
            self.tally["kill: " + (reached or ("at rest" if self.missed else "request in flight"
                                              if life.end == "in_flight" else "at a random time"))] += 1
            self.tally["power cuts"] += 1 if life.power_cut else 0
            self.note(f"dead: {reached or 'killed'}")
            if self.host.process.returncode != -9:
                raise Violation(f"crash: the host ended with {self.host.process.returncode}:\n{self.host.tail()}")
        folder = self.folder / f"after-life-{number}"
        problems = chaos_checks.Snapshot(self.host.database, folder).check(self.sandbox.orders(), self.syncs)
        if problems:
            raise Violation("\n".join(problems))
        shutil.rmtree(folder, ignore_errors=True)

    def check(self):
        problems, documents = chaos_checks.targets(self.sandbox, self.schedule.warehouse_flow)
        problems += chaos_checks.lanes(self.sandbox)
        problems += chaos_checks.final(self.host.database, self.sandbox.orders(), self.syncs)
        if problems:
            raise Violation("\n".join(problems))
        return documents
