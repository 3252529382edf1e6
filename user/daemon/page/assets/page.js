// SPDX-License-Identifier: GPL-2.0-only
// The page: asks GET /v1/overview each second, and shows it. All text from slash64d goes through
// textContent, so that a hostile reason or name stays text.

import {Chart, dashes} from "./charts.js";
import {language, startLanguage, t} from "./texts.js";

const EACH_MS = 1000;
const CALM_EACH_MS = 10000; // if the system asks for less motion
const TRY_AGAIN_MS = 2000;
const POINTS_MAX = 900;
const REASONS_DRAWN = 6;
const BLOCKS_ROWS = 25;
const BLOCKS_EACH_MS = 5000;
const BLOCKS_FEW = 10000; // more are listed anew when asked for
const CHANGES_ROWS = 15;
const EVENTS_ROWS = 60;
const EVENTS_PER_SECOND = 5;

const VERDICTS = {
	pass: {name: t("passed"), row: t("pass"), colour: "--pass", dash: null, css: "pass"},
	drop: {name: t("dropped"), row: t("drop"), colour: "--drop", dash: [7, 3], css: "drop"},
	would_drop: {name: t("would drop"), row: t("would drop"), colour: "--would", dash: [2, 2], css: "would"},
};
const REASON_COLOURS = ["--drop", "--would", "--link", "--pass", "--text", "--quiet"];

const $ = (id) => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)");

// --- words and numbers ---

const whole = new Intl.NumberFormat("en", {maximumFractionDigits: 0});
const tenth = new Intl.NumberFormat("en", {maximumFractionDigits: 1});

function rate(value) {
	return value >= 99.95 ? whole.format(value) : tenth.format(value);
}

function bytes(value) {
	const units = ["B", "KiB", "MiB", "GiB", "TiB"];
	let unit = 0;

	for (; value >= 1024 && unit < units.length - 1; unit++)
		value /= 1024;
	return `${tenth.format(value)} ${units[unit]}`;
}

function span(seconds) {
	const parts = [[86400, "d"], [3600, "h"], [60, "m"], [1, "s"]];
	const first = Math.max(0, parts.findIndex(([length]) => seconds >= length));
	const [length, unit] = seconds < 1 ? [1, "s"] : parts[first];
	const rest = parts[first + 1];
	let text = `${Math.floor(seconds / length)}${unit}`;

	if (rest && seconds >= 60 && Math.floor((seconds % length) / rest[0]))
		text += ` ${Math.floor((seconds % length) / rest[0])}${rest[1]}`;
	return text;
}

function clock(date, fraction) {
	return date.toLocaleTimeString("en-GB", fraction ? {hour12: false, fractionalSecondDigits: 1,
		hour: "2-digit", minute: "2-digit", second: "2-digit"} : {hour12: false});
}

function day(date) {
	return date.toLocaleDateString("en-GB", {day: "numeric", month: "short",
		year: date.getFullYear() === new Date().getFullYear() ? undefined : "numeric"});
}

// A time in the local zone; the whole of it, in UTC, when pointed at.
function time(text, otherwise, fraction) {
	if (!text)
		return otherwise || "";
	const date = new Date(text);
	const element = document.createElement("time");
	const today = date.toDateString() === new Date().toDateString();

	element.dateTime = element.title = text;
	element.textContent = (today ? "" : `${day(date)} `) + clock(date, fraction);
	return element;
}

function zone() {
	const name = Intl.DateTimeFormat().resolvedOptions().timeZone;
	const minutes = -new Date().getTimezoneOffset();
	const sign = minutes < 0 ? "-" : "+";
	const two = (n) => String(Math.floor(Math.abs(n))).padStart(2, "0");

	if (!minutes && /\bUTC$/.test(name))
		return "UTC";
	return `${name} (UTC${minutes ? `${sign}${two(minutes / 60)}:${two(minutes % 60)}` : ""})`;
}

// --- tables ---

function cell(content, css) {
	const td = document.createElement("td");

	if (content instanceof Node)
		td.append(content);
	else
		td.textContent = content === null || content === undefined ? "" : content;
	if (css)
		td.className = css;
	return td;
}

function row(...cells) {
	const tr = document.createElement("tr");

	tr.append(...cells);
	return tr;
}

function fill(id, rows, otherwise) {
	const table = $(id);
	const body = table.tBodies[0];

	if (!rows.length && otherwise) {
		const none = cell(otherwise, t("none"));

		none.colSpan = table.tHead.rows[0].cells.length;
		rows = [row(none)];
	}
	body.replaceChildren(...rows);
}

function verdict(word) {
	const known = VERDICTS[word];

	return cell(known ? known.row : word, known ? known.css : "");
}

function facts(id, pairs) {
	$(id).replaceChildren(...pairs.flatMap(([name, value]) => {
		const dt = document.createElement("dt");
		const dd = document.createElement("dd");

		dt.textContent = name;
		dd.append(value);
		return [dt, dd];
	}));
}

// --- the line at the top, and what is beside it ---

// slash64d says it in English.
function summaryOf({status}) {
	const monitors = status.interfaces.filter((iface) => iface.filter === "monitor").length;
	const more = monitors ? t(", {0} of which only monitor", monitors) : "";

	return language === "en" ? status.health.summary :
		t("all is well: slash64 is on {0} interfaces{1}, and {2} blocks and throttles are in force",
			status.interfaces.length, more, whole.format(status.maps.blocks));
}

function showHealth(overview) {
	const {ok, problems} = overview.status.health;
	const lines = ok ? [summaryOf(overview)] :
		problems.map((problem, i) => (i ? t("and: ") : t("NOT WELL: ")) + problem.text);
	const box = $("health");
	const text = lines.join("\n");

	// said anew only if it is new: a screen reader reads it out
	if (box.dataset.text === text)
		return;
	box.dataset.text = text;
	box.dataset.state = ok ? "good" : "bad";
	box.replaceChildren(...lines.map((line) => {
		const p = document.createElement("p");

		p.textContent = line;
		return p;
	}));
	document.title = ok ? t("slash64: all is well") : t("slash64: NOT WELL");
}

function showTiles(overview, points) {
	const maps = overview.status.maps;
	const now = (word) => rate(points.latest(word));
	const tiles = [
		[t("Passed/s"), now("pass")],
		[t("Dropped/s"), now("drop")],
		[t("Would drop/s"), now("would_drop")],
		[t("Blocks"), whole.format(maps.blocks)],
		[t("Samples lost"), whole.format(overview.samples_lost)],
		[t("Running for"), span(overview.status.uptime_seconds)],
	];
	const list = $("tiles");

	if (!list.children.length)
		list.append(...tiles.map(([name]) => {
			const div = document.createElement("div");
			const dt = document.createElement("dt");

			dt.textContent = name;
			div.append(dt, document.createElement("dd"));
			return div;
		}));
	tiles.forEach(([, value], i) => {
		list.children[i].lastChild.textContent = value;
	});
	$("version").textContent = overview.status.version;
}

function showInterfaces(overview) {
	fill("interfaces", overview.status.interfaces.map((iface) => row(
		cell(iface.name, "address"),
		cell(iface.detached_by ? t("{0} by {1}", iface.state, iface.detached_by) : iface.state,
			iface.state === "attached" ? "pass" : "drop"),
		cell(iface.filter, iface.filter === "monitor" ? "would" : ""),
		cell(iface.mode === "none" ? "" : `${iface.mode}, ${iface.method}`),
		cell(rate(iface.passed_per_second), "n"),
		cell(rate(iface.dropped_per_second), "n"),
		cell(rate(iface.would_drop_per_second), "n"))),
	t("slash64 is on no interface"));
}

function mapRow(name, used, capacity) {
	const meter = document.createElement("meter");
	const share = capacity ? used / capacity : 0;
	const percent = `${tenth.format(share * 100)}%`;
	const box = document.createElement("span");

	meter.min = 0;
	meter.max = 1;
	meter.low = 0.8;
	meter.high = 0.95;
	meter.optimum = 0;
	meter.value = share;
	meter.setAttribute("aria-label", t("{0}: {1} full", name, percent));
	box.append(meter, ` ${percent}`);
	return row(cell(name), cell(whole.format(used), "n"), cell(whole.format(capacity), "n"), cell(box));
}

function showMaps(overview) {
	const maps = overview.status.maps;
	const store = overview.status.store;

	fill("maps", [
		mapRow(t("blocks"), maps.blocks, maps.blocks_capacity),
		mapRow(t("prefixes"), maps.prefixes, maps.prefixes_capacity),
		mapRow(t("limiter"), maps.limiter_live, maps.limiter_capacity),
		mapRow(t("own addresses"), maps.own_addresses, maps.own_addresses_capacity),
	]);
	facts("store", [
		[t("Store"), `${store.path}, ${bytes(store.bytes)}`],
		[t("State"), store.error || (store.held ? t("held by another process") :
			store.read_only ? t("read-only") : t("writable"))],
		[t("Disk free"), bytes(store.disk_free_bytes)],
		[t("Changes"), whole.format(store.changes)],
		[t("Last change"), time(store.last_change, t("none"))],
		[t("Allowed"), whole.format(maps.allowlist)],
		[t("Map memory"), bytes(maps.bytes)],
	]);
}

function showFeeds(overview) {
	fill("feeds", overview.status.feeds.map((feed) => row(
		cell(feed.origin),
		cell(feed.state, feed.state === "failed" ? "drop" : ""),
		cell(whole.format(feed.entries), "n"),
		cell(time(feed.applied, t("not yet"))),
		cell(feed.error, "text"))),
	t("no feeds are configured"));
}

// --- loudest sources and destinations ---

function share(name, percent) {
	return percent >= 0.05 ? `${tenth.format(percent)}% ${name}` : "";
}

function becomes(item) {
	const parts = [share(t("dropped"), item.dropped_percent), share(t("would drop"), item.would_drop_percent)]
		.filter((text) => text);
	const text = parts.length ? parts.join(", ") : t("passed");
	const css = item.dropped_percent >= 0.05 ? "drop" : item.would_drop_percent >= 0.05 ? "would" : "pass";
	const box = document.createElement("span");
	const said = document.createElement("span");

	said.textContent = text;
	said.className = css;
	box.append(said, ` ${item.reason}`);
	return box;
}

function topRow(item, name) {
	const sure = item.uncertainty_percent >= 0.5 ? ` ±${whole.format(item.uncertainty_percent)}%` : "";

	return row(cell(name, "address"), cell(rate(item.packets_per_second) + sure, "n"), cell(becomes(item)),
		cell(item.class), cell(rate(item.peak_packets_per_second), "n"), cell(time(item.since)));
}

function showTop(overview) {
	fill("sources", overview.sources.map((item) => topRow(item, item.source)), t("no packets were seen"));
	fill("destinations", overview.destinations.map((item) => topRow(item, item.destination)),
		t("no packets were seen"));
}

// --- the last 15 minutes ---

class Points {
	constructor() {
		this.forget();
	}

	forget() {
		this.first = 1;
		this.last = 0;
		this.end = 0;
		this.step = 1000;
		this.series = new Map(); // "verdict reason" to its points
	}

	// Whether the new points follow those that are here.
	follows(history) {
		return this.last > 0 && history.last >= this.last && history.first <= this.last + 1;
	}

	take(history) {
		if (!this.follows(history))
			this.forget();
		if (!this.last)
			this.first = history.first;
		const skip = this.last ? this.last + 1 - history.first : 0;
		const added = history.last - history.first + 1 - skip;
		const length = Math.max(0, this.last - this.first + 1);

		for (const {verdict: word, reason, packets_per_second: values} of history.series) {
			const key = `${word} ${reason}`;

			if (!this.series.has(key))
				this.series.set(key, {verdict: word, reason, values: new Array(length).fill(0)});
			this.series.get(key).values.push(...values.slice(skip));
		}
		for (const one of this.series.values()) {
			while (one.values.length < length + added)
				one.values.push(0);
			one.values.splice(0, one.values.length - POINTS_MAX);
		}
		this.last = history.last;
		this.first = Math.max(this.first, this.last - POINTS_MAX + 1);
		this.end = Date.parse(history.end);
		this.step = history.step_seconds * 1000;
		for (const [key, one] of this.series)
			if (!one.values.some((value) => value))
				this.series.delete(key);
	}

	times() {
		const count = this.last - this.first + 1;

		return Array.from({length: count}, (_, i) => this.end - (count - 1 - i) * this.step);
	}

	sum(word) {
		const sum = new Array(Math.max(0, this.last - this.first + 1)).fill(0);

		for (const one of this.series.values())
			if (one.verdict === word)
				one.values.forEach((value, i) => {
					sum[i] += value;
				});
		return sum;
	}

	latest(word) {
		return this.sum(word).at(-1) || 0;
	}

	// Everything but packets that simply passed, the most first.
	reasons() {
		const total = (one) => one.values.reduce((sum, value) => sum + value, 0);

		return [...this.series.values()].filter((one) => one.verdict !== "pass" || one.reason !== "policy")
			.map((one) => ({...one, total: total(one)})).sort((a, b) => b.total - a.total);
	}
}

function mean(values, count) {
	const last = values.slice(-count);

	return last.length ? last.reduce((sum, value) => sum + value, 0) / last.length : 0;
}

const peak = (values) => values.reduce((most, value) => Math.max(most, value), 0);

function showTrafficTable(points) {
	fill("traffic-table", Object.entries(VERDICTS).map(([word, {name, css}]) => {
		const values = points.sum(word);

		return row(cell(name, css), cell(rate(values.at(-1) || 0), "n"), cell(rate(mean(values, 60)), "n"),
			cell(rate(mean(values, POINTS_MAX)), "n"), cell(rate(peak(values)), "n"));
	}));
}

function showReasonsTable(reasons) {
	fill("reasons", reasons.map(({verdict: word, reason, values, total}) => row(
		cell(reason), verdict(word), cell(rate(values.at(-1) || 0), "n"), cell(rate(mean(values, 60)), "n"),
		cell(rate(peak(values)), "n"), cell(whole.format(total), "n"))),
	t("every packet passed, as its class does"));
}

let trafficChart, reasonsChart;

function drawCharts(points) {
	const times = points.times();
	const reasons = points.reasons().slice(0, REASONS_DRAWN);

	trafficChart = trafficChart || new Chart("traffic");
	reasonsChart = reasonsChart || new Chart("reasons");
	trafficChart.draw(times, Object.entries(VERDICTS).map(([word, {name, colour, dash}]) =>
		({name, colour, dash, values: points.sum(word)})));
	reasonsChart.draw(times, reasons.length ? reasons.map(({verdict: word, reason, values}, i) => ({
		name: `${reason}, ${VERDICTS[word].row}`, colour: REASON_COLOURS[i], dash: dashes(i), values,
	})) : [{name: t("none"), colour: "--quiet", dash: null, values: times.map(() => 0)}]);
}

// --- asking ---

async function ask(path, signal) {
	const answer = await fetch(path, {cache: "no-store", signal});

	if (!answer.ok) {
		const said = await answer.json().catch(() => ({}));

		throw new Error([said.error, said.hint].filter((text) => text).join("; ") ||
			t("slash64d answered {0}", answer.status));
	}
	return answer;
}

async function askObject(path) {
	return (await ask(path)).json();
}

async function askLines(path, signal) {
	const lines = (await (await ask(path, signal)).text()).split("\n").filter((line) => line)
		.map((line) => JSON.parse(line));
	const last = lines.at(-1);

	if (last && last.error)
		throw new Error(last.error);
	return lines;
}

// --- blocks ---

const blocks = {offset: 0, askedMs: 0, seen: "", count: 0, abort: null, visible: true};

function blocksQuery() {
	const query = new URLSearchParams();
	const text = $("blocks-search").value.trim();
	const [sort, reverse] = $("blocks-sort").value.split(".");
	const named = /^(origin|ticket):(.*)$/.exec(text);

	if (named && named[2])
		query.set(named[1], named[2]);
	else if (/^[0-9a-fA-F:.]*[:.][0-9a-fA-F:.]*(\/\d{1,3})?$/.test(text))
		query.set("within", text);
	else if (text)
		query.set("reason", text);
	query.set("sort", sort);
	if (reverse)
		query.set("reverse", "1");
	query.set("offset", blocks.offset);
	query.set("limit", BLOCKS_ROWS + 1); // one more tells whether there is a next page
	return query;
}

function blockRow(block) {
	const action = block.kind === "throttle" ? t("throttle {0}/s", whole.format(block.rate)) : t("block");

	return row(cell(block.address || block.prefix, "address"), cell(block.check_chars, "address"),
		cell(block.in_force ? action : t("{0}, but allowed", action)), cell(time(block.until, t("never"))),
		cell(whole.format(block.hits), "n"), cell(time(block.last_hit, t("never"))), cell(block.reason, "text"),
		cell(block.ticket), cell(block.origin));
}

async function showBlocks() {
	blocks.askedMs = Date.now();
	blocks.abort?.abort();
	blocks.abort = new AbortController();
	try {
		const lines = await askLines(`/v1/blocks?${blocksQuery()}`, blocks.abort.signal);
		const shown = lines.slice(0, BLOCKS_ROWS);

		fill("blocks", shown.map(blockRow), $("blocks-search").value.trim() ?
			t("no block matches") : t("nothing is blocked"));
		$("blocks-previous").disabled = !blocks.offset;
		$("blocks-next").disabled = lines.length <= BLOCKS_ROWS;
		$("blocks-page").textContent = shown.length ?
			t("{0} to {1}", whole.format(blocks.offset + 1), whole.format(blocks.offset + shown.length)) : "";
		$("blocks-message").textContent = blocks.count > BLOCKS_FEW ?
			t("The list is long: it is read anew when you search, turn the page, or sort.") : "";
	} catch (error) {
		if (error.name !== "AbortError")
			$("blocks-message").textContent = error.message;
	}
}

function refreshBlocks(overview) {
	const seen = `${overview.status.maps.blocks} ${overview.status.store.changes} ${overview.status.store.last_change}`;
	const due = Date.now() - blocks.askedMs > BLOCKS_EACH_MS;
	const first = !blocks.askedMs;

	blocks.count = overview.status.maps.blocks;
	$("blocks-count").textContent = t("{0} in force", whole.format(blocks.count));
	if (first && blocks.count > BLOCKS_FEW)
		$("blocks-sort").value = "prefix"; // the others sort all of it
	if (first || (blocks.visible && blocks.count <= BLOCKS_FEW && (due || seen !== blocks.seen)))
		showBlocks();
	blocks.seen = seen;
}

function turnPage(by) {
	blocks.offset = Math.max(0, blocks.offset + by * BLOCKS_ROWS);
	showBlocks();
}

function startBlocks() {
	const again = (event) => {
		event?.preventDefault();
		blocks.offset = 0;
		showBlocks();
	};

	$("blocks-form").addEventListener("submit", again);
	$("blocks-search").addEventListener("search", again);
	$("blocks-sort").addEventListener("change", again);
	$("blocks-previous").addEventListener("click", () => turnPage(-1));
	$("blocks-next").addEventListener("click", () => turnPage(1));
	new IntersectionObserver(([entry]) => {
		blocks.visible = entry.isIntersecting;
	}).observe($("blocks"));
}

// --- the last changes ---

let changesSeen = "";

function changeRow(change) {
	const who = change.login && change.login !== change.who ? `${change.who} (${change.login})` : change.who;
	const why = [change.reason, change.ticket, change.detail].filter((text) => text).join(", ");

	return row(cell(time(change.time)), cell(change.action), cell(change.prefix || "", "address"),
		cell(who), cell(why, "text"));
}

async function refreshChanges(overview) {
	const seen = `${overview.status.store.changes} ${overview.status.store.last_change}`;

	if (seen === changesSeen)
		return;
	changesSeen = seen;
	try {
		fill("changes", (await askLines(`/v1/log?reverse=1&limit=${CHANGES_ROWS}`)).map(changeRow),
			t("nothing was changed yet"));
	} catch (error) {
		changesSeen = "";
		fill("changes", [], error.message);
	}
}

// --- events ---

const events = {abort: null, lost: 0, shown: false, again: 0};

function eventRow(event) {
	const port = (address, number) => (number ? `[${address}]:${number}` : address);
	const icmp = event.icmpv6_type === undefined ? "" : ` ${event.icmpv6_type}/${event.icmpv6_code}`;

	return row(cell(time(event.time, "", true)), verdict(event.verdict), cell(event.reason),
		cell(event.class + icmp),
		cell(port(event.source_address || event.source || "", event.source_port), "address"),
		cell(port(event.destination || "", event.destination_port), "address"),
		cell(event.interface), cell(whole.format(event.weight), "n"));
}

function takeEvents(lines) {
	const body = $("events").tBodies[0];
	const rows = [];

	for (const line of lines) {
		if (line.lost !== undefined)
			events.lost += line.lost;
		else if (line.time)
			rows.unshift(eventRow(line));
	}
	if (rows.length && !events.shown) {
		body.replaceChildren();
		events.shown = true;
	}
	body.prepend(...rows.slice(0, EVENTS_ROWS));
	while (body.rows.length > EVENTS_ROWS)
		body.lastChild.remove();
	sayEvents();
}

function sayEvents(text) {
	const lost = events.lost ? t(", {0} more not shown", whole.format(events.lost)) : "";

	$("events-state").textContent = text || (events.abort ?
		t("samples as they come, at most {0} a second{1}", EVENTS_PER_SECOND, lost) : t("stopped"));
}

async function readEvents(abort) {
	const query = new URLSearchParams({per_second: EVENTS_PER_SECOND});
	const source = $("events-source").value.trim();
	const decoder = new TextDecoder();
	let rest = "";

	if ($("events-verdict").value)
		query.set("verdict", $("events-verdict").value);
	if (source)
		query.set("source", source);
	const reader = (await ask(`/v1/events?${query}`, abort.signal)).body.getReader();

	sayEvents();
	for (;;) {
		const {value, done} = await reader.read();

		if (done)
			return;
		const lines = (rest + decoder.decode(value, {stream: true})).split("\n");

		rest = lines.pop();
		takeEvents(lines.filter((line) => line).map((line) => JSON.parse(line)));
	}
}

async function followEvents() {
	stopEvents();
	if (paused() || document.hidden || calm.matches)
		return;
	const abort = events.abort = new AbortController();
	let problem = t("the stream ended");

	try {
		await readEvents(abort);
	} catch (error) {
		problem = error.message;
	}
	if (events.abort !== abort)
		return; // stopped, or begun anew
	events.abort = null;
	sayEvents(t("{0}; trying again", problem));
	events.again = setTimeout(followEvents, TRY_AGAIN_MS);
}

function stopEvents() {
	clearTimeout(events.again);
	events.abort?.abort();
	events.abort = null;
	sayEvents(calm.matches ? t("stopped, as your system asks for less motion") : undefined);
}

function restartEvents() {
	events.lost = 0;
	events.shown = false;
	fill("events", [], t("no event yet"));
	followEvents();
}

function startEvents() {
	$("events-form").addEventListener("submit", (event) => {
		event.preventDefault();
		restartEvents();
	});
	$("events-verdict").addEventListener("change", restartEvents);
	$("events-source").addEventListener("change", restartEvents);
	restartEvents();
}

// --- each second ---

const points = new Points();
let timer = 0;
let lastAnswer = null;
let drawnMs = 0;

function paused() {
	return $("pause").getAttribute("aria-pressed") === "true";
}

function showAnswer(overview) {
	lastAnswer = new Date();
	$("updated").textContent = t("As of {0}", clock(new Date(overview.time)));
	$("zone").textContent = zone();
	$("trouble").hidden = true;
	document.documentElement.classList.remove("stale");
	showHealth(overview);
	showTiles(overview, points);
	showTop(overview);
	showInterfaces(overview);
	showMaps(overview);
	showFeeds(overview);
	refreshBlocks(overview);
	refreshChanges(overview);
	showTrafficTable(points);
	showReasonsTable(points.reasons());
	if (!calm.matches || !drawnMs) {
		drawCharts(points);
		drawnMs = Date.now();
	}
}

function showTrouble(error) {
	const since = lastAnswer ? t(" What is shown is of {0}.", clock(lastAnswer)) : "";

	$("trouble").textContent =
		t("slash64d does not answer: {0}.{1} Filtering goes on without it.", error.message, since);
	$("trouble").hidden = false;
	document.documentElement.classList.add("stale");
}

async function tick() {
	let after = calm.matches ? CALM_EACH_MS : EACH_MS;

	clearTimeout(timer);
	try {
		const overview = await askObject("/v1/overview");

		points.take(points.follows(overview.history) ? overview.history : await askObject("/v1/history"));
		showAnswer(overview);
	} catch (error) {
		showTrouble(error);
		after = TRY_AGAIN_MS;
	}
	clearTimeout(timer);
	if (!paused() && !document.hidden)
		timer = setTimeout(tick, after);
}

function startPause() {
	$("pause").addEventListener("click", () => {
		const now = !paused();

		$("pause").setAttribute("aria-pressed", now);
		if (now) {
			clearTimeout(timer);
			stopEvents();
			sayEvents(t("paused"));
		} else {
			tick();
			followEvents();
		}
	});
	document.addEventListener("visibilitychange", () => {
		if (document.hidden || paused()) {
			clearTimeout(timer);
			stopEvents();
		} else {
			tick();
			followEvents();
		}
	});
}

// --- colours ---

function startTheme() {
	const theme = $("theme");
	const apply = () => {
		if (theme.value === "auto")
			delete document.documentElement.dataset.theme;
		else
			document.documentElement.dataset.theme = theme.value;
		if (points.last)
			drawCharts(points);
	};

	theme.value = localStorage.getItem("theme") || "auto";
	if (!theme.value)
		theme.value = "auto";
	theme.addEventListener("change", () => {
		localStorage.setItem("theme", theme.value);
		apply();
	});
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", apply);
	apply();
}

startLanguage();
startTheme();
startPause();
startBlocks();
startEvents();
calm.addEventListener("change", () => {
	tick();
	followEvents();
});
tick();
