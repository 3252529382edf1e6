# SPDX-License-Identifier: GPL-2.0-only
"""The complete state of slash64d: its answers, its tables byte by byte, its store row by row, its
pins, the kernel's links. Two snapshots are compared after each refusal: a refused request has
changed nothing."""
import contextlib
import hashlib
import json
import os
import sqlite3
import struct

from api import Api
from bpf_maps import values_of
from harness import check

# written by packets, or only an optimisation
RULES_HEADER = 64
MOVING = {"s64_counters", "s64_samples", "s64_limiter", "s64_block_cache", "s64_test_ctx"}


def pins_of(lab):
    found = []
    for at, _, names in os.walk(lab.pins):
        found += [os.path.relpath(os.path.join(at, name), lab.pins) for name in names]
    return sorted(found)


def keys_of(buckets):
    """What a reader finds: it does not matter in which of its two buckets a key is, nor what an
    empty slot contained before."""
    found = set()
    for bucket in buckets:
        keys = struct.unpack_from("<7Q", bucket)
        found |= {(key, info) for key, info in zip(keys, bucket[56:63]) if key}
    return sorted(found)


def rules_of(values):
    """The one of the two sets that is in force."""
    in_force = struct.unpack_from("<I", values[0])[0] & 1
    sets = values[0][RULES_HEADER:]
    half = len(sets) // 2
    return sets[half * in_force:half * (in_force + 1)]


def table(path):
    values = values_of(path)
    name = os.path.basename(path)
    if name in ("s64_blocks", "s64_prefixes"):
        values = keys_of(values)
    if name == "s64_rules":
        values = rules_of(values)
    if isinstance(values, list) and values and isinstance(values[0], bytes):
        values = b"".join(values)
    return hashlib.sha256(values if isinstance(values, bytes) else repr(values).encode()).hexdigest()


def maps_of(lab):
    directory = os.path.join(lab.pins, "maps")
    return {name: table(os.path.join(directory, name)) for name in sorted(os.listdir(directory))
            if name not in MOVING}


OF_THEIR_OWN = ('"hit"', '"histogram"', '"histogram_day"', '"proposal_number"')


def store_of(lab):
    path = os.path.join(lab.dir, "state", "slash64.db")
    with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % path, uri=True)) as store:
        # what is written from time to time, whatever is asked
        return [line for line in store.iterdump() if not any(table in line for table in OF_THEIR_OWN)]


def links_of(lab):
    links = {}
    for line in lab.ip("edge", "-d", "link", "show").stdout.splitlines():
        if "prog/xdp" in line:
            links[len(links)] = line.strip()
    return links


def answers_of(lab):
    """By the API: starting slash64 for each of them takes longer than all of them together."""
    def rows(path, *without):
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode()
        check(answer.status == 200, "GET %s: %s" % (path, text))
        return [{k: v for k, v in json.loads(line).items() if k not in without} for line in text.splitlines()]

    with contextlib.closing(Api(lab.socket)) as connection:
        return {
            "export": rows("/v1/export"),
            "list": rows("/v1/blocks", "hits", "last_hit"),
            "allow": rows("/v1/allowlist"),
            "policy": rows("/v1/policy"),
            "interfaces": [{k: i[k] for k in ("name", "mode", "filter", "state", "program") if k in i}
                           for i in rows("/v1/status")[0]["interfaces"]],
        }


def snapshot(lab, answers=True):
    """answers=False: of one that is not running."""
    taken = {"pins": pins_of(lab), "maps": maps_of(lab), "store": store_of(lab), "links": links_of(lab)}
    if answers:
        taken.update(answers_of(lab))
    return taken


def difference(before, after):
    for part in before:
        a, b = before[part], after[part]
        if a == b:
            continue
        if isinstance(a, dict):
            return "%s: %s" % (part, ", ".join(k for k in a if a[k] != b.get(k)) or "more than there were")
        if isinstance(a, str):
            a, b = a.splitlines(), b.splitlines()
        elif isinstance(a, list):
            a, b = ([str(x) for x in side] for side in (a, b))
        return "%s: gone %r, come %r" % (part, [x for x in a if x not in b][:5], [x for x in b if x not in a][:5])
    return None


def check_same(before, after, when):
    changed = difference(before, after)
    check(changed is None, "%s: %s" % (when, changed))
