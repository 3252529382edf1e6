#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Every change reaches every receiver, in order: with receivers that are away, slow, refuse and break off, and through
kills. selftests/connected/test_notify_servers.py has them taken by real servers.

    test_notify.py [WORD]...     only the tests with one of the words in their name
"""
import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from notify_lab import (PROGRAM, Hook, begin, change, equal, free_port, main, test, wait_for, wait_position,  # noqa: E402
                        webhook)

DOWN_S = float(os.environ.get("DOWN_S", 4))

# --- webhooks ---

@test
def changes_arrive_in_order_from_the_start_on(lab):
    hook = Hook()
    begin(lab, webhook(hook))
    wait_position(lab, 1)
    lab.log.add(*[change(n) for n in range(2, 52)])
    wait_for(lambda: len(hook.taken) == 50, lambda: "%r %s" % (hook.numbers(), lab.read()))
    equal(hook.numbers(), list(range(2, 52)))
    body, headers = hook.taken[0]
    equal(body, change(2), "as slash64d tells it")
    equal(headers["Content-Type"], "application/json")
    assert headers["Idempotency-Key"].startswith("slash64.2."), headers
    equal(len({headers["Idempotency-Key"] for _, headers in hook.taken}), 50)
    equal(lab.stop(), 0)
    hook.stop()


@test
def a_receiver_that_is_away_slow_or_breaks_off_loses_nothing(lab):
    hook = Hook()
    begin(lab, webhook(hook))
    wait_position(lab, 1)
    port = hook.port
    hook.stop()
    lab.log.add(*[change(n) for n in range(2, 6)])
    wait_for(lambda: "hook takes nothing" in lab.read(), lab.read)
    hook = Hook(port)
    wait_for(lambda: hook.numbers() == [2, 3, 4, 5], lambda: "%r" % hook.numbers())
    answers = iter([500, 503, None, 429] + [200] * 100)
    hook.behaviour = lambda body: next(answers)
    lab.log.add(*[change(n) for n in range(6, 9)])
    wait_for(lambda: hook.numbers() == [2, 3, 4, 5, 6, 7, 8], lambda: "%r %s" % (hook.numbers(), lab.read()), 60)
    equal(lab.read().count("takes nothing"), 2, "each time it begins is told once")
    equal(lab.read().count("takes changes again"), 2)
    hook.behaviour = lambda body: time.sleep(1) or 200
    lab.log.add(change(9), change(10))
    wait_for(lambda: hook.numbers()[-2:] == [9, 10], lambda: "%r" % hook.numbers())
    hook.stop()


@test
def a_change_that_is_refused_for_good_does_not_hold_up_the_others(lab):
    hook = Hook()
    hook.behaviour = lambda body: 422 if body["number"] == 3 else 200
    begin(lab, webhook(hook))
    wait_position(lab, 1)
    lab.log.add(change(2), change(3), change(4))
    wait_for(lambda: hook.numbers() == [2, 4], lambda: "%r %s" % (hook.numbers(), lab.read()))
    assert "hook refuses a change" in lab.read(), lab.read()
    hook.stop()


@test
def one_receiver_does_not_wait_for_another(lab):
    hook, dead = Hook(), free_port()
    begin(lab, {"name": "dead", "webhook": {"url": "http://[::1]:%d/" % dead}}, webhook(hook))
    wait_position(lab, 1)
    lab.log.add(*[change(n) for n in range(2, 12)])
    wait_for(lambda: len(hook.taken) == 10, lambda: "%r" % hook.numbers())
    hook.stop()


@test
def what_happens_while_it_or_slash64d_is_down_is_told_later(lab):
    hook = Hook()
    begin(lab, webhook(hook))
    wait_position(lab, 1)
    lab.log.add(change(2))
    wait_for(lambda: hook.numbers() == [2], lambda: "%r" % hook.numbers())
    lab.stop()
    lab.log.add(change(3), change(4))
    lab.run()
    wait_for(lambda: hook.numbers() == [2, 3, 4], lambda: "%r %s" % (hook.numbers(), lab.read()))
    lab.log.stop()
    lab.log.rows.append(change(5))
    wait_for(lambda: "it is tried again" in lab.read(), lab.read)
    lab.log.start()
    wait_for(lambda: hook.numbers() == [2, 3, 4, 5], lambda: "%r %s" % (hook.numbers(), lab.read()))
    hook.stop()


@test
def a_log_that_began_anew_is_told_from_its_beginning(lab):
    hook = Hook()
    begin(lab, webhook(hook))
    wait_position(lab, 1)
    lab.log.add(*[change(n) for n in range(2, 5)])
    wait_for(lambda: hook.numbers() == [2, 3, 4], lambda: "%r" % hook.numbers())
    lab.log.stop()
    lab.log.rows[:] = [change(1, "recover"), change(2)]
    lab.log.start()
    wait_for(lambda: hook.numbers() == [2, 3, 4, 1, 2], lambda: "%r %s" % (hook.numbers(), lab.read()))
    assert "began anew" in lab.read()
    hook.stop()


@test
def a_log_that_was_pruned_to_nothing_is_no_new_one(lab):
    hook = Hook()
    begin(lab, webhook(hook))
    wait_position(lab, 1)
    lab.log.add(change(2))
    wait_for(lambda: hook.numbers() == [2], lambda: "%r" % hook.numbers())
    lab.stop()
    lab.log.rows[:] = []
    lab.run()
    lab.log.add(change(3))
    wait_for(lambda: hook.numbers() == [2, 3], lambda: "%r %s" % (hook.numbers(), lab.read()))
    assert "began anew" not in lab.read(), lab.read()
    hook.stop()


@test
def kills_lose_nothing_and_tell_nothing_twice_unmarked(lab):
    hook = Hook()
    begin(lab, webhook(hook))
    wait_position(lab, 1)
    chance, number = random.Random(64), 2
    for _ in range(12):
        for _ in range(chance.randrange(1, 12)):
            lab.log.add(change(number))
            number += 1
        time.sleep(chance.random() * 0.15)
        lab.stop(signal.SIGKILL)
        lab.run()
    wait_for(lambda: hook.numbers() and hook.numbers()[-1] == number - 1, lambda: "%r %s" % (hook.numbers(), lab.read()), 60)
    seen, keys = [], set()
    for body, headers in hook.taken:
        if headers["Idempotency-Key"] in keys:
            equal(body["number"], seen[-1], "only what was under way is told again, under the same key")
            continue
        keys.add(headers["Idempotency-Key"])
        seen.append(body["number"])
    equal(seen, list(range(2, number)))
    hook.stop()


@test
def through_all_of_it_at_once_every_change_arrives_in_order(lab):
    """The receiver is down for DOWN_S seconds (60 in issue 17), then slow, answers 500 and dies in the middle of changes, while
    slash64-notify is killed every few seconds."""
    hook, chance, number = Hook(), random.Random(17), 2
    begin(lab, webhook(hook))
    wait_position(lab, 1)
    port, hooks = hook.port, []

    def spoiled(body):
        trouble = chance.random()
        if trouble < 0.2:
            time.sleep(0.3)
        return 500 if trouble > 0.9 else None if trouble > 0.8 else 200

    def change_for(seconds):
        nonlocal number
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            lab.log.add(change(number))
            number += 1
            time.sleep(0.1)
    hook.stop()
    change_for(DOWN_S / 2)
    lab.stop(signal.SIGKILL)
    lab.run()
    change_for(DOWN_S / 2)
    for _ in range(4):
        hook = Hook(port)
        hooks.append(hook)
        hook.behaviour = spoiled
        change_for(1.5)
        lab.stop(signal.SIGKILL)
        lab.run()
        change_for(1.5)
        hook.stop()  # in the middle
    hook = Hook(port)
    hooks.append(hook)
    # after failures it is tried less and less often, at least once a minute
    wait_for(lambda: hook.numbers() and hook.numbers()[-1] == number - 1, lambda: "%r %s" % (hook.numbers(), lab.read()), 90)
    seen, keys = [], set()
    for body, headers in [one for each in hooks for one in each.taken]:
        if headers["Idempotency-Key"] not in keys:
            seen.append(body["number"])
        keys.add(headers["Idempotency-Key"])
    equal(seen, list(range(2, number)), "in order, and none is lost")
    hook.stop()


@test
def a_full_queue_keeps_the_rest_in_the_log(lab):
    dead = free_port()
    begin(lab, {"name": "dead", "webhook": {"url": "http://[::1]:%d/" % dead}}, queue=100)
    wait_position(lab, 1)
    lab.log.add(*[change(n) for n in range(2, 302)])
    wait_for(lambda: "is full" in lab.read(), lab.read)
    late = Hook(dead)
    wait_for(lambda: len(late.taken) == 300, lambda: "%d: %s" % (len(late.taken), lab.read()), 90)
    equal(late.numbers(), list(range(2, 302)))
    late.stop()


@test
def one_dead_receiver_stops_nobody_and_is_told_all_of_it_later(lab):
    """open-13, 10"""
    hook, dead = Hook(), free_port()
    begin(lab, {"name": "dead", "webhook": {"url": "http://[::1]:%d/" % dead}}, webhook(hook), queue=100)
    wait_position(lab, 1)
    for first in range(2, 302, 50):
        lab.log.add(*[change(n) for n in range(first, first + 50)])
        wait_for(lambda: len(hook.taken) == first + 48, lambda: "%d: %s" % (len(hook.taken), lab.read()))
    assert "is full" not in lab.read(), lab.read()
    lab.stop(signal.SIGKILL)
    # of what it was not told, some is not in the log any more
    del lab.log.rows[50:60]
    lab.run()
    late = Hook(dead)
    wait_for(lambda: late.taken and late.taken[-1][0].get("number") == 301, lambda: "%d: %s" % (len(late.taken), lab.read()), 90)
    told = [body.get("number") or body for body, _ in late.taken]
    equal(told, [n for n in range(2, 51)] + [{"lost": 10}] + list(range(61, 302)))
    equal((hook.numbers(), len({h["Idempotency-Key"] for _, h in late.taken})), (list(range(2, 302)), len(told)))
    hook.stop()
    late.stop()


@test
def a_lost_log_that_has_grown_past_the_old_one_is_told_from_its_beginning(lab):
    """open-13, 10"""
    hook = Hook()
    begin(lab, webhook(hook))
    wait_position(lab, 1)
    lab.log.add(change(2))
    wait_for(lambda: hook.numbers() == [2], lambda: "%r" % hook.numbers())
    lab.stop()
    lab.log.rows[:] = [change(n, time="2026-11-27T20:00:00Z") for n in range(1, 5)]
    lab.log.identity = "b1"
    lab.run()
    wait_for(lambda: hook.numbers() == [2, 1, 2, 3, 4], lambda: "%r %s" % (hook.numbers(), lab.read()))
    assert "began anew" in lab.read(), lab.read()
    equal(len({headers["Idempotency-Key"] for _, headers in hook.taken}), 5)
    hook.stop()


@test
def a_receiver_gets_what_its_filter_lets_through(lab):
    hooks = {name: Hook() for name in ("actions", "origins", "rules", "within")}
    only = {"actions": {"actions": ["block", "unblock"]}, "origins": {"origins": "detect:*"}, "rules": {"rules": ["syn*"]},
            "within": {"within": ["2001:db8:bad:2::/64", "192.0.2.0/24"]}}
    begin(lab, *[webhook(hook, name, only=only[name]) for name, hook in hooks.items()])
    wait_position(lab, 1)
    lab.log.add(change(2), change(3, "throttle", origin="detect:syn-flood"), change(4, "unblock", origin="detect:scan"),
                change(5, "block", prefix="2001:db8::/32"), change(6, "allow", prefix="192.0.2.7"),
                change(7, "reload", prefix=None, origin=None), change(8, prefix="2001:db8:bad:ffff::/64"))
    wanted = {"actions": [2, 4, 5, 8], "origins": [3, 4], "rules": [3], "within": [2, 5, 6]}
    wait_for(lambda: all(hooks[name].numbers() == numbers for name, numbers in wanted.items()),
             lambda: "%r" % {name: hook.numbers() for name, hook in hooks.items()})
    for hook in hooks.values():
        hook.stop()


@test
def ecs_has_the_names_of_the_schema(lab):
    hook, token = Hook(), os.path.join(lab.dir, "token")
    with open(token, "w") as file:
        file.write("secret\n")
    begin(lab, webhook(hook, webhook={"format": "ecs", "token_file": token}))
    wait_position(lab, 1)
    hook.numbers = lambda: [body["event"]["sequence"] for body, _ in hook.taken]
    lab.log.add(change(2, origin="detect:syn-flood", reason='a "b"\\ |='))
    wait_for(lambda: hook.taken, lab.read)
    body, headers = hook.taken[0]
    equal(headers["Authorization"], "Bearer secret")
    equal((body["@timestamp"], body["event"]["action"], body["event"]["type"], body["event"]["reason"], body["rule"]["name"],
           body["source"]["address"], body["user"]["name"], body["slash64"]["ticket"]),
          ("2026-11-26T20:00:02.250Z", "block", ["denied"], 'a "b"\\ |=', "syn-flood", "2001:db8:bad:2::/64", "anna", "T-1"))
    assert "block 2001:db8:bad:2::/64 (" in body["message"], body["message"]
    hook.stop()


@test
def metrics_tell_what_waits_and_what_arrived(lab):
    hook, dead, port = Hook(), free_port(), free_port()
    begin(lab, {"name": "dead", "webhook": {"url": "http://[::1]:%d/" % dead}}, webhook(hook), metrics="[::1]:%d" % port)
    wait_position(lab, 1)
    lab.log.add(change(2), change(3))
    wait_for(lambda: len(hook.taken) == 2, lab.read)

    def value(name):
        with urllib.request.urlopen("http://[::1]:%d/metrics" % port) as answer:
            found = re.search(r"^slash64_notify_%s (\d+)$" % re.escape(name), answer.read().decode(), re.M)
        return int(found.group(1))
    wait_for(lambda: value('waiting{receiver="hook"}') == 0 and value('failures_total{receiver="dead"}') > 0, "metrics")
    equal((value('delivered_total{receiver="hook"}'), value('waiting{receiver="dead"}'), value("changes_total")), (2, 2, 2))
    assert time.time() - value('last_success_timestamp_seconds{receiver="hook"}') < 60
    assert time.time() - value("last_contact_timestamp_seconds") < 60
    hook.stop()


# --- what people do ---

def refused(settings, *parts):
    path = "/tmp/s64-notify-refused-%d.yaml" % os.getpid()
    with open(path, "w") as file:
        file.write(settings)
    done = subprocess.run([PROGRAM, "--config", path, "--check"], capture_output=True, text=True)
    os.unlink(path)
    equal((done.returncode, done.stderr.count("\n")), (1, 1), done.stderr)
    for part in parts:
        assert part in done.stderr, "no %r in %r" % (part, done.stderr)


@test
def mistakes_in_the_configuration_are_told_in_one_line(lab):
    one = "receivers: [{name: a, webhook: {url: 'http://[::1]/'}}"
    refused("{}", "list 'receivers'")
    refused("receivers:\n- {name: a}\n", ":2: ", "one of webhook, syslog and mail")
    refused(one + ", {name: a, syslog: {server: '[::1]:514'}}]", "duplicate receiver 'a'")
    refused("receivers: [{name: 'a b', webhook: {url: 'http://[::1]/'}}]", "'a b'")
    refused("receivers: [{name: a, webhook: {url: 'ftp://x'}}]", "must begin with https://")
    refused("receivers: [{name: a, webhook: {}}]", "needs a url")
    refused("receivers: [{name: a, syslog: {server: '::1'}}]", "is not HOST:PORT")
    refused("receivers: [{name: a, syslog: {server: 'x:99999'}}]", "is not HOST:PORT")
    refused("receivers: [{name: a, syslog: {server: 'x:1', transport: tpc}}]", "did you mean 'tcp'")
    refused("receivers: [{name: a, mail: {server: 'smtp://x', from: a@b}}]", "needs server, from and to")
    refused("receivers: [{name: a, mail: {server: 'smtp://x', from: 'A <a@b>', to: b@c}}]", "is not a mail address")
    refused(one + "]\nqueue: 5", "queue")
    refused(one + "]\nmetrics: '9666'", "is not ADDRESS:PORT")
    refused("receivers: [{name: a, webhook: {url: 'http://x'}, mail: {}}]", "is one of webhook, syslog and mail")
    refused("receivers: [{name: a, webhook: {url: 'http://x'}, only: {within: [nonsense]}}]", "'nonsense' is not a prefix")
    for words in (["--nonsense"], ["more"], ["--config"]):
        done = subprocess.run([PROGRAM, *words], capture_output=True, text=True)
        equal((done.returncode, done.stderr.count("\n")), (2, 1), words)


main()
