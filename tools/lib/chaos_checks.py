"""The invariants of a chaos iteration. Each check answers sentences; none means it holds."""

import calendar
import json
import re
import shutil
import sqlite3
import time
import urllib.parse
from collections import Counter
from decimal import Decimal

SALES = ("Invoice", "SalesReceipt")
OUTCOMES = ("created", "updated", "skipped", "held", "conflict", "waiting", "failed")


def for_the_books(order):
    """Accounting rules 4.14 and 4.26, for a company that keeps USD."""
    return (order["status"] not in ("cancelled", "failed") and order["currency"] == "USD"
            and Decimal(order["total"]) != 0)


def order_of(marker):
    """"[syncline woocommerce:shop:55 v1]" -> "55"."""
    return marker.split(":")[-1].split(" ")[0]


def copy_check(place, wanted, copies, tax):
    """`copies`: (order id, total, tax) of what the target holds. Missing, twice, or another amount."""
    problems = []
    counts = Counter(order for order, _ in copies)
    problems += [f"{place}: order {order} is there {count} times" for order, count in counts.items() if count > 1]
    problems += [f"{place}: order {order} is missing" for order in wanted if order not in counts]
    for order, copy in copies:
        if order not in wanted:
            problems.append(f"{place}: order {order} does not belong there")
            continue
        for ours, theirs in (("total", "total"), (tax, "total_tax")):
            if Decimal(str(copy[ours])) != Decimal(wanted[order][theirs]):
                problems.append(f"{place}: order {order} has {ours} {copy[ours]}, the shop says {wanted[order][theirs]}")
    return problems


def targets(sandbox, with_warehouse):
    """No order missing, none twice, every amount the shop's; one customer for each address."""
    orders = {str(order["id"]): order for order in sandbox.orders()}
    ledger = sandbox.control("GET", "/quickbooks/ledger")
    wanted = {key: order for key, order in orders.items() if for_the_books(order)}
    documents = [document for document in ledger["documents"] if document["marker"]]
    problems = copy_check("books", wanted,
                          [(order_of(document["marker"]), document) for document in documents
                           if document["entity"] in SALES], "tax")
    others = Counter((document["entity"], document["marker"]) for document in documents
                     if document["entity"] not in SALES)
    problems += [f"books: {entity} {marker} is there {count} times"
                 for (entity, marker), count in others.items() if count > 1]
    addresses = Counter(customer["email"].lower() for customer in ledger["customers"] if customer["email"])
    problems += [f"books: customer {address} is there {count} times"
                 for address, count in addresses.items() if count > 1]
    needed = {order["email"].lower() for order in wanted.values() if order["email"]}
    problems += [f"books: customer {address} is missing" for address in sorted(needed - set(addresses))]
    if with_warehouse:
        rows = sandbox.control("GET", "/supabase/tables/orders")["rows"]
        problems += copy_check("warehouse", orders, [(row["source_id"], row) for row in rows], "tax_total")
    return problems, len(documents)


def subjects(request):
    """The lanes a write to the books is about."""
    found = set()
    try:
        body = json.loads(request.get("body", ""))
    except ValueError:
        return found
    for item in body.get("BatchItemRequest", [body]):
        for entity, record in item.items():
            if not isinstance(record, dict):
                continue
            marker = re.search(r"\[syncline [^\]]+\]", record.get("PrivateNote", ""))
            if marker:
                found.add("order " + order_of(marker.group()))
            elif entity == "Customer":
                address = record.get("PrimaryEmailAddr", {}).get("Address", "")
                found.add("customer " + (address or record.get("DisplayName", "")).lower())
    return found


def lanes(sandbox):
    """Two different requests for one lane never overlap.

    The same request may be sent again at any time, and where it was answered once, a copy of it that is still
    under way does nothing any more.
    """
    writes = []
    for request in sandbox.control("GET", "/requests?limit=5000")["requests"]:
        if request["platform"] == "quickbooks" and request["method"] == "POST" and "/company/" in request["path"]:
            key = urllib.parse.parse_qs(request["query"]).get("requestid", [""])[0]
            writes.append((request["began"], request["ended"], key, subjects(request)))
    first_end = {}
    for _, ended, key, _ in writes:
        first_end[key] = min(ended, first_end.get(key, ended))
    writes = sorted((began, min(ended, first_end[key]), key, lane) for began, ended, key, lane in writes)
    problems = []
    for index, (_, ended, key, lane) in enumerate(writes):
        for later_began, _, later_key, later_lane in writes[index + 1:]:
            if later_began > ended:
                break
            if key != later_key and lane & later_lane:
                problems.append(f"lanes: requests {key} and {later_key} overlap for {sorted(lane & later_lane)}")
    return problems


def milliseconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%S")) * 1000


def cursors(database, orders):
    """No cursor is past a record that is not in the queue of its flow."""
    problems = []
    for flow, name, cursor, scanning, last in database.execute(
            "SELECT f.id, f.name, s.cursor_ms, s.scanning, s.scan_last_id FROM sync_state s "
            "JOIN flows f ON f.id = s.flow_id WHERE s.entity = 'order'"):
        stored = {row[0] for row in database.execute("SELECT source_id FROM sync_queue WHERE flow_id = ?", (flow,))}
        for order in orders:
            passed = milliseconds(order["date_modified_gmt"]) <= cursor
            passed = passed or (scanning and last != "" and order["id"] <= int(last))
            if passed and str(order["id"]) not in stored:
                problems.append(f"cursor: that of {name} (cursor {cursor}, scan after '{last}') is past order "
                                f"{order['id']}, which is not in the queue")
    return problems


def acknowledged(database, syncs):
    """What was answered with 202 is there."""
    known = {row[0] for row in database.execute("SELECT sync_id FROM sync_runs")}
    return [f"durability: sync {sync} was accepted and is gone" for sync in syncs if sync not in known]


def counters(database):
    """read = created + updated + skipped + held + conflict + waiting + failed, once a run has ended."""
    problems = []
    columns = ", ".join(OUTCOMES)
    for run, status, still_open, read, *parts in database.execute(
            f"SELECT id, status, jobs_open, read, {columns} FROM sync_runs WHERE status NOT IN ('queued', 'running')"):
        if read != sum(parts) or still_open != 0:
            said = ", ".join(f"{count} {name}" for name, count in zip(OUTCOMES, parts) if count)
            problems.append(f"counters: run {run} ({status}) has read {read}: {said}; {still_open} open")
    return problems


def at_rest(database):
    """Nothing is left over when all is done."""
    problems = []
    for what, statement in (
            ("runs are not over", "SELECT count(*) FROM sync_runs WHERE status IN ('queued', 'running')"),
            ("jobs are not settled", "SELECT count(*) FROM sync_queue WHERE state <> 'settled'"),
            ("lanes are taken", "SELECT count(*) FROM lanes"),
            ("intents are open", "SELECT count(*) FROM intents WHERE state = 'open'")):
        count = database.execute(statement).fetchone()[0]
        if count:
            problems.append(f"rest: {count} {what}")
    return problems


class Snapshot:
    """A copy of the database as a dead host left it, log of changes with it, read beside the original."""

    def __init__(self, database, folder):
        folder.mkdir(parents=True, exist_ok=True)
        for suffix in ("", "-wal"):
            source = database.with_name(database.name + suffix)
            if source.exists():
                shutil.copy(source, folder / source.name)
        self.path = folder / database.name

    def check(self, orders, syncs):
        if not self.path.exists():
            return []
        try:
            database = sqlite3.connect(self.path)
            damage = database.execute("PRAGMA integrity_check").fetchone()[0]
            if damage != "ok":
                return [f"database: {damage}"]
            tables = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
            if not {"sync_state", "sync_runs"} <= tables:  # it died while it made them
                return [f"durability: sync {sync} was accepted, the database is empty" for sync in syncs]
            return cursors(database, orders) + acknowledged(database, syncs)
        except sqlite3.DatabaseError as error:
            return [f"database: {error}"]
        finally:
            database.close()


def final(database_file, orders, syncs):
    database = sqlite3.connect(database_file)
    try:
        damage = database.execute("PRAGMA integrity_check").fetchone()[0]
        problems = [] if damage == "ok" else [f"database: {damage}"]
        return (problems + cursors(database, orders) + acknowledged(database, syncs) + counters(database)
                + at_rest(database))
    except sqlite3.DatabaseError as error:
        return [f"database: {error}"]
    finally:
        database.close()


def open_intents(database_file):
    """Of a host that is alive."""
    database = sqlite3.connect(f"file:{database_file}?mode=ro", uri=True)
    try:
        return database.execute("SELECT count(*) FROM intents WHERE state = 'open'").fetchone()[0]
    finally:
        database.close()
