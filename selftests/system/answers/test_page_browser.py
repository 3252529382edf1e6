#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The page in a real browser, a headless Chromium: it shows what the API says, by itself, and to everybody (issue 16)."""
import json
import os
import re
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib"))

from api import Api
from browser import PAGE, Browser, enter
from harness import Skipped, check, check_equal, main, test
from lab import BAD_1, BAD_2, wait_for

HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>&lt;b&gt;"
INTERFACE = "<b>&'<i>"
FEED = "<u>feed<u>"  # a file that is not there: why, names it

browser = None


def the(lab):
    """The browser, with the page open; one for all tests."""
    global browser
    if browser is None:
        enter(lab)
        try:
            browser = Browser()
        except Skipped as reason:
            browser = reason
    if isinstance(browser, Skipped):
        raise browser
    return browser


def numbers(text):
    return int(re.sub(r"\D", "", text))


@test
def every_part_shows_what_the_api_says(lab):
    page = the(lab)
    lab.slash64("block", BAD_1, "--reason", HOSTILE, "--ticket", "<i>T-1</i>", "--for", "1h")
    flood = lab.flood(BAD_1, 500, 60)
    page.open()
    wait_for(lambda: page.rows("blocks") and page.rows("sources") and BAD_1 in page.text("sources"), 20, "the page")
    api = Api(lab.socket)

    def differences():
        """The page and the API are not asked at the same moment: what goes on changing is not held against it."""
        overview = api.ask("GET", "/v1/overview")
        status, left = overview["status"], []

        def same(what, shown, told):
            if shown != told:
                left.append("%s: %r, not %r" % (what, shown, told))
        health = page.text("health")
        for text in [p["text"] for p in status["health"]["problems"]] or [status["health"]["summary"]]:
            same("health", text in health, True)
        tiles = dict(zip(page.run("return [...document.querySelectorAll('#tiles dt')].map(e => e.textContent)"),
                         page.run("return [...document.querySelectorAll('#tiles dd')].map(e => e.textContent)")))
        same("blocks", numbers(tiles["Blocks"]), status["maps"]["blocks"])
        same("samples lost", numbers(tiles["Samples lost"]), overview["samples_lost"])
        same("version", page.text("version"), status["version"])
        same("interfaces", [(r[0], r[1], r[2]) for r in page.rows("interfaces")],
             [(i["name"], i["state"], i["filter"]) for i in status["interfaces"]])
        same("maps", numbers(page.rows("maps")[0][1]), status["maps"]["blocks"])
        same("capacity", numbers(page.rows("maps")[0][2]), status["maps"]["blocks_capacity"])
        same("feeds", [(r[0], r[1], numbers(r[2])) for r in page.rows("feeds")],
             [(f["origin"], f["state"], f["entries"]) for f in status["feeds"]])
        same("sources", {r[0] for r in page.rows("sources")} >= {BAD_1}, True)
        same("destinations", {r[0] for r in page.rows("destinations")} & {d["destination"] for d in overview["destinations"]} != set(),
             True)
        blocks = api.ask("GET", "/v1/blocks?sort=start&reverse=1&limit=25")
        same("list of blocks", [(r[0], r[1], r[6], r[7]) for r in page.rows("blocks")],
             [(b.get("address") or b["prefix"], b["check_chars"] or "", b["reason"] or "", b["ticket"] or "") for b in blocks])
        changes = api.ask("GET", "/v1/log?reverse=1&limit=15")
        same("changes", [(r[1], r[2]) for r in page.rows("changes")], [(c["action"], c["prefix"] or "") for c in changes])
        return left
    wait_for(lambda: not differences(), 10, "agreement", 0.2) if differences() else None
    drop = [r for r in page.rows("traffic-table") if r[0] == "dropped"][0]
    wait_for(lambda: 350 <= numbers([r for r in page.rows("traffic-table") if r[0] == "dropped"][0][1].split(".")[0]) <= 650, 10,
             "the rate of what is dropped; it is %s" % drop)
    check([r for r in page.rows("reasons") if r[0] == "blocked" and r[1] == "drop"], "by reason: %s" % page.rows("reasons"))
    flood.terminate()
    flood.communicate()


@test
def it_changes_by_itself(lab):
    page = the(lab)
    flood = lab.flood(BAD_2, 300, 60, "udp")
    wait_for(lambda: page.rows("events") and len(page.rows("events")[0]) == 8, 10, "the first event")
    before = {what: page.run("return document.getElementById(arguments[0]).innerHTML", what) for what in ("events", "updated")}
    chart = "return [...document.querySelectorAll('#traffic-chart canvas')].map(c => c.toDataURL()).join()"
    drawn = page.run(chart)
    page.run("document.getElementById('blocks').scrollIntoView()")  # it is not read anew while nobody sees it
    time.sleep(1)
    lab.slash64("block", BAD_2, "--reason", "by itself")
    wait_for(lambda: BAD_2 in page.text("blocks"), 6, "a new block on the page")
    wait_for(lambda: any(r[1:3] == ["block", BAD_2] for r in page.rows("changes")), 6, "a new change on the page")
    wait_for(lambda: page.run(chart) != drawn, 6, "a new point in the chart")
    for what, text in before.items():
        wait_for(lambda: page.run("return document.getElementById(arguments[0]).innerHTML", what) != text, 6, "new " + what)
    wait_for(lambda: any(BAD_2[:-4] in r[4] and r[1] == "drop" for r in page.rows("events")), 6, "an event of the blocked source")
    lab.slash64("unblock", BAD_2)
    wait_for(lambda: BAD_2 not in page.text("blocks"), 6, "the end of a block on the page")
    flood.terminate()
    flood.communicate()


@test
def hostile_text_stays_text(lab):
    page = the(lab)
    wait_for(lambda: HOSTILE in page.text("blocks"), 6, "the reason")
    check("<i>T-1</i>" in page.text("blocks"), "the ticket")
    wait_for(lambda: INTERFACE in page.text("interfaces"), 6, "the interface")
    check(FEED in page.text("feeds") + page.text("health"), "the feed: %s, %s" % (page.rows("feeds"), page.text("health")))
    check_equal(page.run("return document.querySelectorAll('main img, main script, main i, main b, main u').length"), 0, "elements")
    check("taken" not in page.run("return document.title"), "the title")


@test
def pause_stops_it(lab):
    page = the(lab)
    flood = lab.flood(BAD_2, 100, 60, "udp")
    page.run("document.getElementById('pause').focus()")
    page.press("\ue007")  # Enter
    wait_for(lambda: "paused" in page.text("events-state"), 5, "the pause")
    time.sleep(0.3)  # an answer may be on its way

    def all_of_it():
        return page.run("return document.querySelector('main').innerHTML")
    before = all_of_it()
    time.sleep(2.2)
    check(all_of_it() == before, "it goes on")
    page.press("\ue007")
    wait_for(lambda: all_of_it() != before, 5, "the end of the pause")
    flood.terminate()
    flood.communicate()


@test
def a_keyboard_is_enough(lab):
    page = the(lab)
    page.run("document.body.tabIndex = -1; document.body.focus(); window.scrollTo(0, 0)")
    seen = []
    for _ in range(40):
        page.press("\ue004")  # Tab
        seen.append(page.run("const e = document.activeElement; return [e.id || e.getAttribute('href') || "
                             "e.getAttribute('aria-label'), getComputedStyle(e).outlineStyle]"))
        if seen[-1][0] == "/metrics":
            break
    names = [name for name, _ in seen]
    for name in ("#main", "pause", "theme", "blocks-search", "blocks-sort", "events-verdict", "events-source"):
        check(name in names, "%s is not reached: %s" % (name, names))
    check(all(outline != "none" for _, outline in seen), "where the keyboard is cannot be seen: %s" % seen)
    page.run("const e = document.getElementById('blocks-search'); e.value = ''; e.focus()")
    page.press("2001:db8:bad:1::/64", "\ue007")
    wait_for(lambda: [r[0] for r in page.rows("blocks")] == [BAD_1], 5, "what was searched for")
    page.run("document.getElementById('blocks-search').value = ''")
    page.run("document.getElementById('blocks-search').focus()")
    page.press("\ue007")


@test
def a_telephone_shows_all_of_it(lab):
    page = the(lab)
    page.look(320, 700)
    time.sleep(0.3)
    width = page.run("return document.documentElement.scrollWidth")
    page.look(1280, 900)
    check(width <= 320, "it is %d pixels wide" % width)


@test
def a_long_class_hides_no_column_and_the_zone_is_named_once(lab):
    """The columns behind "destination-unreachable" were out of sight, and the zone was "UTC (UTC)" """
    page = the(lab)
    page.look(1280, 900)
    hidden = page.run("""
        const body = document.getElementById('sources').tBodies[0];
        const before = body.innerHTML;
        while (body.rows.length > 1)
            body.lastChild.remove();
        if (!body.rows.length || body.rows[0].cells.length < 6)
            return 'no rows';
        body.rows[0].cells[1].textContent = '1,234,567 ±31%';
        body.rows[0].cells[2].textContent = 'passed within-limit, over-source-limit';
        body.rows[0].cells[3].textContent = 'destination-unreachable';
        body.rows[0].cells[5].textContent = '12 Nov 12:34:56';
        const box = body.closest('.scroll');
        const hidden = box.scrollWidth - box.clientWidth;
        body.innerHTML = before;
        return hidden;""")
    check_equal(hidden, 0, "pixels out of sight")
    zone = page.text("zone")
    check(zone and not re.search(r"\bUTC \(UTC\)", zone), "the zone is %r" % zone)


@test
def an_accessibility_checker_finds_nothing_serious(lab):
    page = the(lab)
    # a page that stands still, with a row or two in each table
    page.run("document.getElementById('pause').click()")
    page.run("for (const t of document.querySelectorAll('tbody')) while (t.rows.length > 2) t.lastChild.remove()")
    found = []
    for width, dark in ((1280, False), (1280, True), (320, True)):
        page.look(width, dark=dark)
        found += ["%d %s: %s" % (width, "dark" if dark else "light", fault) for fault in page.faults()]
    page.look(1280)
    check_equal(found, [], "faults")


@test
def it_is_in_the_language_of_the_reader(lab):
    """Chosen on the page, by a link, or by the browser; the figures are the same, and accessible."""
    page = the(lab)
    open_in = lambda name: page.run("const s = document.getElementById('language'); s.value = '%s'; "
                                    "s.dispatchEvent(new Event('change'));" % name)
    shows = lambda name: wait_for(lambda: page.run("return document.documentElement.lang") == name and page.rows("maps"), 20,
                                  "the page in " + name)
    english = page.text("main")
    open_in("ja")
    shows("ja")
    japanese = page.text("main")
    for text in "送信元", "遮断", "インターフェース", "理由", "通過":
        check(text in japanese and text not in english, "%r in the page in Japanese" % text)
    for text in "Top sources", "Reason", "Newest first", "Running for", "Disk free":
        check(text in english and text not in japanese, "%r in the page in English" % text)
    page.run("document.getElementById('pause').click()")
    page.run("for (const t of document.querySelectorAll('tbody')) while (t.rows.length > 2) t.lastChild.remove()")
    check_equal(page.faults(), [], "faults in Japanese")
    open_in("en")
    shows("en")
    page.run("location.hash = 'lang=ja'; location.reload()")
    shows("ja")
    page.run("history.replaceState(null, '', location.pathname); location.reload()")
    shows("en")


@test
def no_error_and_no_request_to_another_host(lab):
    page = the(lab)
    page.read_logs()
    page.close()
    check(len(page.urls) > 20, "%d requests" % len(page.urls))
    check_equal([url for url in page.urls if not url.startswith((PAGE, "data:", "chrome:", "about:"))], [], "requests elsewhere")
    check_equal([line["message"] for line in page.console], [], "the console")


def prepare(lab):
    subprocess.run(["ip", "link", "add", INTERFACE, "netns", lab.ns("edge"), "type", "veth", "peer", "name", "far", "netns",
                    lab.ns("edge")], check=True)
    lab.start(lab.config("feeds: [{file: %s, origin: web}]" % json.dumps(os.path.join(lab.dir, FEED)),
                         ifaces="[{name: wan0}, {name: %s, filter: monitor}]" % json.dumps(INTERFACE)))


main(prepare)
