#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""slash64d is killed at random points of a random sequence of operations, under flood: acknowledged
changes are in force afterwards, others are done completely or not at all, nothing from a blocked
source passes, and nothing from a clean one is lost.

KILLS=N and OPERATIONS=N set their numbers, SEED=N repeats a sequence."""
import http.client
import json
import os
import random
import signal
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api, Refused
from harness import check, check_equal, main, needs_plain_build, test
from lab import BAD_1, BUILD, wait_for

KILLS = int(os.environ.get("KILLS", "200"))
OPERATIONS = int(os.environ.get("OPERATIONS", "10000"))
SEED = int(os.environ.get("SEED", str(random.randrange(1 << 32))))
FLOOD_S = 900  # it ends before the cleanup
GOOD = "2001:db8:900d:1::/64"
SOURCES = ["2001:db8:1:%x::/64" % i for i in range(1, 49)] + ["2001:db8:2:%x::/60" % (i << 4) for i in range(1, 9)] + \
        ["198.51.100.%d/32" % i for i in range(1, 9)]
ALLOWED = ["2001:db8:3:%x::/64" % i for i in range(1, 9)]
LIST = ["2001:db8:4:%x::/64" % i for i in range(1, 65)]


def row(b):
    return (b["kind"], b["rate"], b["reason"], b["ticket"], b["until"] is not None)


class Model:
    """The acknowledged state: (prefix, origin) -> row, and the allowed prefixes."""

    def __init__(self):
        self.blocks, self.allows = {}, set()

    def copy(self):
        other = Model()
        other.blocks, other.allows = dict(self.blocks), set(self.allows)
        return other

    def __eq__(self, other):
        return self.blocks == other.blocks and self.allows == other.allows

    def difference(self, other):
        return "blocks %r, allows %r" % (sorted(set(self.blocks.items()) ^ set(other.blocks.items()), key=str)[:6],
                                         self.allows ^ other.allows)


def in_force(api):
    model = Model()
    for b in api.ask("GET", "/v1/blocks"):
        model.blocks[b["prefix"], b["origin"]] = row(b)
    model.allows = {a["prefix"] for a in api.ask("GET", "/v1/allowlist")}
    model.blocks.pop((BAD_1, "operator"), None)
    return model


class Operation:
    """One random operation: performs it through the API, and returns its effect on a model."""

    def __init__(self, rng):
        self.kind = rng.choices(["block", "throttle", "unblock", "allow", "disallow", "list"], [40, 12, 30, 5, 5, 8])[0]
        self.source, self.allowed = rng.choice(SOURCES), rng.choice(ALLOWED)
        self.origin = rng.choice(["operator", "operator", "noc"])
        self.reason, self.ticket = "r%d" % rng.randrange(1000), rng.choice([None, "T-%d" % rng.randrange(100)])
        self.rate, self.span = rng.choice([10, 100, 1000]), rng.choice([None, 3600])
        self.set = sorted(rng.sample(LIST, rng.randrange(1, len(LIST))))

    def body(self, **more):
        body = {"prefix": self.source, "origin": self.origin, "reason": self.reason, "force": True, **more}
        if self.ticket:
            body["ticket"] = self.ticket
        if self.span:
            body["for_seconds"] = self.span
        return body

    def do(self, api):
        if self.kind == "block":
            api.ask("POST", "/v1/blocks", self.body())
        elif self.kind == "throttle":
            api.ask("POST", "/v1/throttles", self.body(rate=self.rate))
        elif self.kind == "unblock":
            api.ask("DELETE", "/v1/blocks", prefix=self.source, origin=self.origin)
        elif self.kind == "allow":
            api.ask("POST", "/v1/allowlist", {"prefix": self.allowed})
        elif self.kind == "disallow":
            api.ask("DELETE", "/v1/allowlist", prefix=self.allowed)
        else:
            name = api.ask("POST", "/v1/imports", origin="feed", replace=1, reason=self.reason)["import"]
            api.ask("POST", "/v1/imports/text", "".join(p + "\n" for p in self.set), **{"import": name})
            api.ask("POST", "/v1/imports/commit", **{"import": name})

    def apply(self, model):
        if self.kind in ("block", "throttle"):
            # omitted members stay
            *_, ticket, ends = model.blocks.get((self.source, self.origin), (None, False))
            model.blocks[self.source, self.origin] = (self.kind, self.rate if self.kind == "throttle" else None,
                                                    self.reason, self.ticket or ticket, bool(self.span) or ends)
        elif self.kind == "unblock":
            model.blocks.pop((self.source, self.origin), None)
        elif self.kind == "allow":
            model.allows.add(self.allowed)
        elif self.kind == "disallow":
            model.allows.discard(self.allowed)
        else:
            for key in [k for k in model.blocks if k[1] == "feed"]:
                del model.blocks[key]
            for prefix in self.set:
                model.blocks[prefix, "feed"] = ("block", None, self.reason, None, False)


class Killer:
    """Kills it some time from now; sometimes while it starts."""

    def __init__(self, lab, rng, most):
        self.lab, self.after = lab, rng.uniform(0, most)
        self.thread = threading.Timer(self.after, self.kill)
        self.thread.start()

    def kill(self):
        if self.lab.daemon.poll() is None:
            self.lab.daemon.kill()

    def join(self):
        self.thread.join()
        self.lab.daemon.wait(timeout=20)


def start(lab, rng, env):
    """Starts it; sometimes only after one more kill during the start."""
    if rng.random() < 0.2:
        lab.daemon = lab.spawn("edge", os.path.join(BUILD, "slash64d"), "--config", os.path.join(lab.dir, "slash64.yaml"),
                               stdout=lab.log, stderr=lab.log, env=env)
        Killer(lab, rng, 0.3).join()
    before = len(lab.logged())
    lab.daemon = lab.spawn("edge", os.path.join(BUILD, "slash64d"), "--config", os.path.join(lab.dir, "slash64.yaml"),
                           stdout=lab.log, stderr=lab.log, env=env)
    wait_for(lambda: lab.daemon.poll() is not None or "ready" in lab.logged(before), 20, "slash64d", step=0.005)
    check(lab.daemon.poll() is None, "it does not start: " + lab.logged(before))
    return Api(lab.socket)


def round_of(api, operations, model, killer):
    """Operations until it is killed. Returns the one under way then, or None."""
    while operations:
        operation = operations.pop()
        try:
            operation.do(api)
        except Refused:
            continue  # it had no effect, or was an import that ended with its daemon
        except (OSError, http.client.HTTPException):
            return operation
        operation.apply(model)
    return None


def kill_again_and_again(lab, kills, operations, env=None):
    """The broken promises, in words; none is the goal."""
    rng = random.Random(SEED)
    todo = [Operation(rng) for _ in range(operations)]
    each = 0.35 * operations / max(kills, 1) / 100
    model, broken = Model(), []
    api = start(lab, rng, env)
    for kill in range(kills + 1):
        killer = Killer(lab, rng, each) if kill < kills else None
        under_way = round_of(api, todo, model, killer)
        api.close()
        if not killer:
            break
        killer.join()
        api = start(lab, rng, env)
        found, with_it = in_force(api), model.copy()
        if under_way:
            under_way.apply(with_it)
        if found not in (model, with_it):
            broken.append("after kill %d (%s under way): %s" % (kill, under_way and under_way.kind,
                                                               found.difference(model)))
        model = found
    return broken, model, operations - len(todo)


def replayed(lab):
    """The state that the log of changes implies."""
    model = Model()
    for r in lab.json("log"):
        key = r["prefix"], r["origin"]
        if r["action"] in ("block", "throttle"):
            model.blocks[key] = r["action"]
        elif r["action"] in ("unblock", "end"):
            model.blocks.pop(key, None)
        elif r["action"] == "allow":
            model.allows.add(r["prefix"])
        elif r["action"] == "disallow":
            model.allows.discard(r["prefix"])
    return model


def check_on_the_wire(lab, model):
    """Some of the blocked prefixes, and some of the others."""
    blocked = {p for (p, _), r in model.blocks.items() if r[0] == "block" and p.endswith("/64")}
    kinds = {p for (p, _) in model.blocks}
    some = sorted(blocked)[:8]
    others = [p for p in SOURCES[:48] if p not in kinds][:8]
    got = lab.arriving(*(some + others), rate=50, seconds=1)
    check_equal([p for p in some if p in got], [], "blocked sources that came through")
    check_equal([p for p in others if p not in got], [], "sources that are not blocked, and did not come through")


@test
def what_was_acknowledged_outlives_every_kill(lab):
    print("# SEED=%d" % SEED, flush=True)
    receiver = lab.receiver(FLOOD_S)
    bad, good = lab.flood(BAD_1, 1000, FLOOD_S, "udp"), lab.flood(GOOD, 500, FLOOD_S, "udp")
    began = time.monotonic()
    broken, model, done = kill_again_and_again(lab, KILLS, OPERATIONS)
    took = time.monotonic() - began
    check_equal(broken[:3], [], "%d times" % len(broken))
    check_equal(done, OPERATIONS, "operations")
    said = replayed(lab)
    said.blocks.pop((BAD_1, "operator"), None)
    check_equal({k: r[0] for k, r in model.blocks.items()}, said.blocks, "the log's blocks")
    check_equal(model.allows, said.allows, "the log's allowed prefixes")
    check_on_the_wire(lab, model)
    check(good.poll() is None, "the flood ended before the kills")
    lab.end(good)
    lab.end(bad)
    sent = json.loads(good.communicate(timeout=60)[0])["sent"]
    time.sleep(1)
    lab.end(receiver)
    got = lab.received(receiver)
    check(BAD_1 not in got, "packets of the blocked source passed: %r" % got.get(BAD_1))
    check_equal(got[GOOD]["packets"], sent, "packets of the clean source")
    print("# %d kills, %d operations, %.0f s" % (KILLS, OPERATIONS, took))


@test
def a_version_without_durability_is_found_out(lab):
    needs_plain_build()
    lab.stop()
    env = dict(os.environ, LD_PRELOAD=os.path.abspath(os.path.join(BUILD, "lazy_store.so")))
    broken, _, _ = kill_again_and_again(lab, 5, 500, env)
    check(broken, "nobody noticed")
    lab.daemon.kill()
    lab.daemon.wait(timeout=20)
    lab.start()


def prepare(lab):
    lab.start(lab.config("", on_exit="keep"))
    lab.slash64("block", BAD_1)
    lab.stop(signal.SIGKILL)


main(prepare)
