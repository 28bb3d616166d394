"""What happens in an iteration, drawn from seed and number before anything starts.

The same seed and number give the same schedule; when threads meet is the machine's own.
"""

import random
from dataclasses import asdict, dataclass, field

# How often a place is reached in a life, roughly: the kill is drawn from 1 to this, small numbers first.
# Names and their groups; tests/chaos compares them with the host's list.
STORE = {"storage.before_commit": 50, "storage.after_commit": 50}
HTTP = {"http.before_send": 25, "http.after_send": 25, "http.after_answer": 25}
COLLECT = {"collect.before_store": 6, "collect.in_store": 6, "collect.after_store": 6, "collect.before_end": 3}
DELIVER = {"lease.after_claim": 6, "needs.after_lanes": 3, "intent.before_open": 6, "intent.after_open": 6,
           "write.after_answer": 6, "write.in_settle": 6, "write.before_leave_open": 1}
RECOVER = {"recover.before_find": 2, "recover.before_send": 2, "recover.after_answer": 2}
REFRESH = {"refresh.before_store": 1, "refresh.after_store": 1}
GROUPS = (STORE, HTTP, COLLECT, DELIVER, RECOVER, REFRESH)
FAILPOINTS = {name: count for group in GROUPS for name, count in group.items()}

REMOTE = ("drop_after", "drop_before", "twice", "429", "5xx", "timeout", "late_commit", "half_batch", "malformed")
# The host gives up after its read timeout; what comes later is late.
READ_TIMEOUT_MS = 250
LATE_MS = 450

# Requests that must not happen twice.
WRITES = {"platform": "quickbooks", "method": "POST", "path": "requestid="}


@dataclass
class Life:
    """One start of the host and its end: kill (at a failpoint or a time), power cut, stop or none."""
    end: str  # "failpoint", "time", "in_flight" (while a platform has a request), "stop", "last"
    place: str = ""
    count: int = 0
    at_ms: int = 0
    power_cut: bool = False
    leak_percent: int = 0
    vfs_seed: int = 0
    stall: str = ""  # a failpoint at which the host stalls for longer than its lease
    stall_count: int = 0


@dataclass
class Event:
    """Something that happens at a time of a life: an order changes, requests are forgotten, ..."""
    life: int
    at_ms: int
    kind: str
    detail: dict = field(default_factory=dict)


@dataclass
class Schedule:
    seed: int
    iteration: int
    orders: list
    renamed: list  # orders whose customer writes another name
    twin_flow: bool
    customers_flow: bool
    warehouse_flow: bool
    batch_size: int
    hasty: bool  # waits pass although a platform is still at a request that the host has given up
    numbered: bool  # documents have our number; else only the marker finds them
    settings: dict
    lives: list
    events: list

    def as_json(self):
        return asdict(self)


def skewed(rng, top):
    """1..top, the small ones more often."""
    return 1 + int(top * rng.random() ** 3 * 0.999)


def draw_fault(rng, kind):
    """The sandbox's words for a fault; what it takes apart from them is done by the driver."""
    batch = dict(WRITES)
    anywhere = rng.choice([
        batch, batch, {"platform": "quickbooks", "method": "GET"}, 
        {"platform": "woocommerce", "method": "GET", "path": "/orders$"},
        {"platform": "supabase"}, {"platform": "quickbooks", "path": "/oauth2/"}])
    rule = {"skip": rng.randrange(4), "times": rng.choice((1, 1, 1, 2, 3))}
    if kind == "drop_after":
        return {**(batch if rng.random() < 0.7 else anywhere), **rule, "action": {"drop": "after"}}
    if kind == "drop_before":
        return {**anywhere, **rule, "action": {"drop": "before"}}
    if kind == "twice":
        return {**batch, **rule, "action": {"twice": True}}
    if kind == "429":
        return {**anywhere, **rule, "action": {
            "status": 429, "headers": {"Retry-After": str(rng.choice((1, 5, 37)))}, "body": {"code": "busy"}}}
    if kind == "5xx":
        return {**anywhere, **rule, "action": {"html": True, "status": rng.choice((500, 502, 503, 504))}}
    if kind == "timeout":
        return {**anywhere, **rule, "action": {"delay_ms": LATE_MS}}
    if kind == "late_commit":
        return {**batch, **rule, "action": {"delay_ms": rng.choice((READ_TIMEOUT_MS - 50, LATE_MS, 2 * LATE_MS))}}
    if kind == "malformed":
        return {**anywhere, **rule, "action": {"malformed": True}}
    return {"broken_batches": rng.choice((1, 2, 4))}  # half_batch


def draw_life(rng, number):
    power_cut = rng.random() < 0.35
    life = Life("time", at_ms=rng.randrange(0, 700), power_cut=power_cut,
                leak_percent=rng.choice((0, 0, 20, 60)), vfs_seed=rng.randrange(1_000_000))
    draw = rng.random()
    if draw < 0.72:
        groups = (STORE, HTTP, HTTP, COLLECT, DELIVER, DELIVER) + ((REFRESH,) if number == 0 else (RECOVER, RECOVER))
        group = rng.choice(groups)
        life.end = "failpoint"
        life.place = rng.choice(sorted(group))
        life.count = skewed(rng, group[life.place])
    elif draw > 0.97:
        life.end = "stop"
    elif draw > 0.87:
        life.end = "in_flight"
    return life


def make_reachable(rng, lives, number):
    """What else has to happen for the host to come to the place where this life ends."""
    life = lives[number]
    if life.end == "failpoint" and life.place in RECOVER:
        before = lives[number - 1]
        before.end, before.count, before.stall = "failpoint", skewed(rng, 5), ""
        before.place = "intent.after_open"
        if life.place == "recover.before_find":
            before.place = rng.choice(("intent.after_open", "write.after_answer"))
    if life.end == "failpoint" and life.place == "write.before_leave_open":
        rule = {"skip": rng.randrange(3), "times": 3, "action": {"drop": rng.choice(("before", "after"))}}
        return [Event(number, 0, "fault", {"kind": "drop_" + rule["action"]["drop"], "rule": {**WRITES, **rule}})]
    if life.end == "in_flight":
        rule = {"skip": rng.randrange(4), "times": 1, "action": {"delay_ms": 3 * LATE_MS}}
        return [Event(number, 0, "fault", {"kind": "late_commit", "rule": {**WRITES, **rule}})]
    return []


def draw_stall(rng, life):
    life.stall = rng.choice(("intent.before_open", "intent.before_open", "lease.after_claim"))
    life.stall_count = skewed(rng, 3)
    life.end, life.at_ms = "time", 6000  # the stall is what this life is about


def draw_events(rng, lives, orders, extra):
    events = []
    for life in range(1, lives):  # so that there is something to do
        for _ in range(rng.randrange(1, 4)):
            events.append(Event(life, 0, "change", {"order": rng.choice(orders), "amount": rng.randrange(100, 999)}))
    for _ in range(rng.randrange(2, 7)):
        kind = rng.choice(("change", "change", "change", "insert", "sync"))
        detail = {"order": rng.choice(orders)} if kind != "sync" else {}
        detail["amount"] = rng.randrange(100, 999)
        events.append(Event(rng.randrange(lives), rng.randrange(0, 500), kind, detail))
    for kind in rng.sample(REMOTE, rng.choice((0, 1, 1, 2, 3))):
        events.append(Event(rng.randrange(lives), rng.choice((0, 0, 0, rng.randrange(300))), "fault",
                            {"kind": kind, "rule": draw_fault(rng, kind)}))
    for _ in range(rng.choice((0, 0, 1, 2))):
        events.append(Event(rng.randrange(lives), rng.randrange(600), "forget"))
    if rng.random() < 0.25:
        events.append(Event(rng.randrange(lives), rng.randrange(400), "expire"))
    if rng.random() < 0.35:
        jump = rng.choice((-1, 1)) * rng.choice((1_000, 30_000, 240_000))
        events.append(Event(rng.randrange(lives), rng.randrange(500), "clock", {"jump_ms": jump}))
    return sorted(events + extra, key=lambda event: (event.life, event.at_ms))


def draw(seed, iteration, all_orders, sharing):
    """`sharing`: orders of customers that have several."""
    rng = random.Random(f"syncline chaos {seed}/{iteration}")
    shared = rng.sample(sharing, min(len(sharing), rng.randrange(4, 9)))
    others = rng.sample([order for order in all_orders if order not in shared], rng.randrange(6, 13))
    orders = sorted(shared + others)
    lives = [draw_life(rng, number) for number in range(rng.choice((1, 1, 2, 2, 3)))]
    twin = rng.random() < 0.65
    stalled = twin and rng.random() < 0.45
    if stalled:
        draw_stall(rng, lives[0])  # where most is done, so that the other flow wants the same
    extra = [event for number in range(len(lives)) for event in make_reachable(rng, lives, number)]
    lives.append(Life("last"))
    return Schedule(
        seed=seed, iteration=iteration, orders=orders,
        renamed=sorted(rng.sample(shared, len(shared) // 2)),
        twin_flow=twin, customers_flow=rng.random() < 0.4, warehouse_flow=rng.random() < 0.3,
        batch_size=rng.choice((2, 3, 5, 8, 100)), hasty=rng.random() < 0.5,
        numbered=rng.random() < 0.5,
        settings={"warn_duplicate_numbers": rng.random() < 0.2, "reverse_batches": rng.random() < 0.3},
        lives=lives, events=draw_events(rng, len(lives), orders, extra))
