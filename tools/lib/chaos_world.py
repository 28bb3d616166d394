"""The two programs of a chaos iteration: the sandbox with its control API, and the host under test."""

import http.client
import json
import mmap
import os
import shutil
import signal
import struct
import subprocess
import time
import urllib.parse


class Trouble(Exception):
    """The harness itself cannot go on: what went wrong and what to do."""


class HostEnded(Exception):
    """The host went away during a call: killed, as a rule."""


def exchange(url, method, path, body=None, headers=None, timeout=20):
    """One request on a connection of its own: (status, parsed body)."""
    place = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=timeout)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        raw = answer.read().decode()
        return answer.status, json.loads(raw) if raw else {}
    finally:
        connection.close()


class Sandbox:
    """The simulated platforms; one process for all iterations, reset in between."""

    def __init__(self, build, log, arguments=()):
        program = build / "bin/syncline-sandbox"
        if not program.exists():
            raise Trouble(f"{program} is missing; build it first")
        self.process = subprocess.Popen([str(program), *arguments], stdout=subprocess.PIPE, stderr=open(log, "ab"))
        line = self.process.stdout.readline().decode()
        if not line:
            raise Trouble(f"the sandbox did not start; see {log}")
        started = json.loads(line)
        self.url = started["url"]
        self.platforms = started["platforms"]

    def control(self, method, path, body=None):
        status, answer = exchange(self.url, method, "/_sandbox" + path, body)
        if status // 100 != 2:
            raise Trouble(f"{method} /_sandbox{path} answered {status}: {answer}")
        return answer

    def under_way(self):
        return self.control("GET", "/requests?limit=0")["under_way"]

    def reset(self):
        """As after the start; what is still under way for a host that is gone comes to its end first."""
        until = time.monotonic() + 10
        while self.under_way() > 0:
            if time.monotonic() > until:
                raise Trouble("requests of the former iteration do not end")
            time.sleep(0.01)
        self.control("POST", "/reset")
        self.control("POST", "/requests", {"bodies": True})

    def orders(self):
        return [order for order in self.control("GET", "/woocommerce/orders")
                if order["status"] not in ("checkout-draft", "auto-draft", "trash")]

    def shop(self, method, path, body=None):
        """The shop's own REST API, as its owner uses it."""
        shop = self.platforms["woocommerce"]
        keys = urllib.parse.urlencode({name: shop[name] for name in ("consumer_key", "consumer_secret")})
        status, answer = exchange(self.url, method, f"/wp-json/wc/v3{path}?{keys}", body)
        if status // 100 != 2:
            raise Trouble(f"{method} {path} of the shop answered {status}: {answer}")
        return answer

    def stop(self):
        self.process.kill()
        self.process.wait()


class ClockFile:
    """How far the host's clock is ahead; the host maps the file."""

    def __init__(self, path):
        self.path = path
        path.write_bytes(struct.pack("=q", 0))
        with open(path, "r+b") as file:
            self.bytes = mmap.mmap(file.fileno(), 8)

    def set(self, offset_ms):
        self.bytes[0:8] = struct.pack("=q", offset_ms)


class Host:
    """The program under test, with a configuration and keys that outlive its databases."""

    def __init__(self, program, build, folder):
        if not program.exists():
            raise Trouble(f"{program} is missing; build it first")
        self.program = program
        self.build = build
        self.home = folder / "host"
        self.clock = ClockFile(folder / "clock")
        self.process = None
        self.lives = 0
        self.url = ""
        subprocess.run([str(program), "init", str(self.home)], check=True, stdout=subprocess.DEVNULL)
        self.config_file = self.home / "syncline.json"
        self.database = self.home / "data/syncline.db"
        made = subprocess.run(
            [str(program), "token", "--config", str(self.config_file), "--role", "admin", "--ttl", "720h"],
            check=True, capture_output=True, text=True)
        self.token = made.stdout.strip()

    def fresh(self, config):
        """No database and no logs; `config` on top of what every iteration needs."""
        shutil.rmtree(self.database.parent, ignore_errors=True)
        self.lives = 0
        for log in self.home.glob("life-*.log"):
            log.unlink()
        self.clock.set(0)
        plugins = [{"file": str(self.build / f"plugins/{name}/{name}.so")}
                   for name in ("woocommerce", "quickbooks", "supabase")]
        self.config_file.write_text(json.dumps({
            "api": {"port": 0}, "egress": {"allow": ["127.0.0.1:*"]}, "connectors": plugins, **config}))

    def start(self, environment):
        self.lives += 1
        self.log = self.home / f"life-{self.lives}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(self.program), "serve", "--config", str(self.config_file)], stdout=subprocess.PIPE,
                stderr=log, start_new_session=True,
                env={**os.environ, "SYNCLINE_CLOCK_FILE": str(self.clock.path), **environment})
        line = self.process.stdout.readline().decode()
        if not line:
            self.process.wait()
            raise HostEnded()
        self.url = json.loads(line)["url"]

    def call(self, method, path, body=None):
        try:
            return exchange(self.url, method, path, body, {"Authorization": "Bearer " + self.token})
        except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
            until = time.monotonic() + 1
            while self.alive() and time.monotonic() < until:
                time.sleep(0.01)
            if not self.alive():
                raise HostEnded() from None
            raise Trouble(f"{method} {path}: {error!r} from a host that is alive; see {self.log}") from error

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def failpoint(self):
        """The failpoint that ended this life, from the log's last line; None: something else did."""
        lines = self.log.read_text(errors="replace").rstrip("\n").split("\n")
        return lines[-1].split(" ")[1] if lines[-1].startswith("failpoint ") else None

    def tail(self):
        return self.log.read_text(errors="replace")[-3000:]

    def kill(self):
        if self.alive():
            self.process.send_signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
            self.process.stdout.close()

    def stop(self):
        """SIGTERM: the exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
