// SPDX-License-Identifier: GPL-2.0-only
// Charts over time, drawn by dygraphs. What tells the lines apart is their dashes as well as their
// colour, and a table beside the chart has the figures.

/* global Dygraph */

const DASHES = [null, [7, 3], [2, 2], [10, 3, 2, 3], [4, 4], [12, 3, 2, 3, 2, 3]];
const SPAN_MAX_MS = 15 * 60 * 1000;
const SPAN_MIN_MS = 2 * 60 * 1000;
const SVG = "http://www.w3.org/2000/svg";

// dygraphs' legend writes style attributes, which the page's Content-Security-Policy forbids.
Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Dygraph.Plugins.Legend);

function colour(name) {
	return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

export function dashes(index) {
	return DASHES[index % DASHES.length];
}

function sample(stroke, dash) {
	const svg = document.createElementNS(SVG, "svg");
	const line = document.createElementNS(SVG, "line");

	svg.setAttribute("width", "34");
	svg.setAttribute("height", "8");
	line.setAttribute("x2", "34");
	line.setAttribute("y1", "4");
	line.setAttribute("y2", "4");
	line.setAttribute("stroke", stroke);
	line.setAttribute("stroke-width", "2");
	if (dash)
		line.setAttribute("stroke-dasharray", dash.join(" "));
	svg.append(line);
	return svg;
}

function short(value) {
	if (value >= 1e6)
		return `${+(value / 1e6).toPrecision(3)}M`;
	if (value >= 1e3)
		return `${+(value / 1e3).toPrecision(3)}k`;
	return `${+value.toPrecision(3)}`;
}

function clock(date) {
	return date.toLocaleTimeString("en-GB", {hour: "2-digit", minute: "2-digit",
		second: date.getSeconds() ? "2-digit" : undefined});
}

// What is there, up to all that is kept: a slash64d that has just started fills its chart.
function span(times) {
	return Math.min(SPAN_MAX_MS, Math.max(SPAN_MIN_MS, times.at(-1) - times[0]));
}

export class Chart {
	constructor(id) {
		this.box = document.getElementById(`${id}-chart`);
		this.legend = document.getElementById(`${id}-legend`);
		this.key = "";
		this.chart = null;
		new ResizeObserver(() => this.chart && this.chart.resize()).observe(this.box);
	}

	// lines: [{name, colour: "--pass", dash, values: [...]}], all as long as times (milliseconds).
	draw(times, lines) {
		const rows = times.map((time, i) => [new Date(time), ...lines.map((l) => l.values[i])]);
		const key = JSON.stringify([lines.map((l) => [l.name, l.colour, l.dash]), colour("--text")]);
		const options = {file: rows, dateWindow: [times.at(-1) - span(times), times.at(-1)]};

		if (!times.length)
			return;
		if (key !== this.key) {
			this.key = key;
			Object.assign(options, this.look(lines));
			this.explain(lines);
		}
		if (this.chart)
			this.chart.updateOptions(options);
		else
			this.chart = new Dygraph(this.box, rows, {...options, file: undefined, ...this.frame()});
	}

	frame() {
		return {
			interactionModel: {}, // nothing to zoom by accident on a telephone
			showInRangeSelector: false,
			includeZero: true,
			highlightCircleSize: 0,
			axes: {
				x: {axisLabelFormatter: clock, pixelsPerLabel: 70},
				y: {axisLabelFormatter: short, axisLabelWidth: 46, pixelsPerLabel: 26},
			},
		};
	}

	look(lines) {
		const series = {};

		for (const line of lines)
			series[line.name] = {
				color: colour(line.colour),
				strokePattern: line.dash,
				strokeWidth: 1.6,
			};
		return {
			labels: ["time", ...lines.map((line) => line.name)],
			series,
			gridLineColor: colour("--grid"),
			axisLineColor: colour("--line"),
		};
	}

	explain(lines) {
		this.legend.replaceChildren(...lines.map((line) => {
			const item = document.createElement("li");

			item.append(sample(colour(line.colour), line.dash), line.name);
			return item;
		}));
	}
}
