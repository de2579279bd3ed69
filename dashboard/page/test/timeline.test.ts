// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timelineText } from '../mock/timeline.mjs';
import { rulerStep, rulerText, rulerTicks } from '../src/lib/ruler';
import {
	firstEndingAfter,
	held,
	longestIn,
	panned,
	partsIn,
	recentFrom,
	startWindow,
	threadName,
	TimelineReader,
	Track,
	valueAt,
	wholeWindow,
	windowAround,
	zoomed,
	type Timeline,
} from '../src/state/timeline';
import { fitText, luminance, readableOn } from '../src/ui/canvas';
import { roundWords, spanSentence } from '../src/ui/timeline_words';

const small = { workers: 2, events: 1024, minutes: 3 };

function read(text: string, piece: number): Timeline {
	const reader = new TimelineReader();
	for (let at = 0; at < text.length; at += piece) reader.push(text.slice(at, at + piece));
	return reader.end();
}

test('a document is read the same in pieces of any length, and holds what stands in it', () => {
	const text = timelineText({ workers: 3, events: 16384 });
	assert.ok(text.length > 2 ** 20, 'more than one piece');
	const events = JSON.parse(text).traceEvents;
	const spans = events.filter((e) => e.ph === 'X' && e.cat !== 'round');
	for (const piece of [4093, 1 << 18, text.length]) {
		const timeline = read(text, piece);
		assert.equal(timeline.spans, spans.length);
		assert.deepEqual(timeline.tracks.map(threadName), [
			'control',
			'writer',
			'publisher',
			'worker 0',
			'worker 1',
			'worker 2',
			'capture',
		]);
		assert.equal(timeline.rounds.length, events.filter((e) => e.cat === 'round').length);
		assert.equal(timeline.arrows.length, events.filter((e) => e.ph === 'f').length);
		assert.ok(timeline.arrows.every((a) => a.from.name === 'nsc-capture' && a.sent < a.received));
		const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
		const worker = timeline.tracks[4] as Track;
		const lengths = Array.from({ length: worker.n }, (_, i) => worker.end[i] - worker.begin[i]);
		const want = sum(spans.filter((e) => e.tid === worker.tid).map((e) => e.dur));
		assert.ok(Math.abs(sum(lengths) - want) < 1, `${sum(lengths)} and ${want}`);
		assert.equal(
			timeline.tracks.reduce((n, t) => n + t.marks.length, 0),
			events.filter((e) => e.ph === 'i').length,
		);
	}
});

test('a text that looks like the begin of an event does not break the reading', () => {
	const name = 'a,{"ph":"X"},{"ph":';
	const filler = Array.from({ length: 4000 }, (_, i) => ({ ph: 'X', name, pid: 1, tid: 1, cat: 'stage', ts: i, dur: 1 }));
	const text = JSON.stringify({ displayTimeUnit: 'ns', otherData: { began: 5 }, traceEvents: filler });
	const timeline = read(text, 50_000);
	assert.equal(timeline.spans, 4000);
	assert.deepEqual(timeline.names, [{ name, kind: 'stage' }]);
});

test('a document that stops before its end is refused, and one without events is empty', () => {
	const text = timelineText(small);
	for (const length of [10, 60, text.length - 2]) assert.throws(() => read(text.slice(0, length), 9999), /before its end/);
	const none = read('{"displayTimeUnit":"ns","otherData":{"began":5},"traceEvents":[]}', 7);
	assert.equal(none.tracks.length, 0);
});

test('the longest round comes first, with what it was spent on and what was counted in it', () => {
	const timeline = read(timelineText(small), 1 << 20);
	const [first] = timeline.rounds;
	assert.equal(threadName(first.track), 'worker 1');
	assert.ok(timeline.rounds.every((r, i, all) => i === 0 || r.end - r.begin <= all[i - 1].end - all[i - 1].begin));
	assert.match(roundWords(timeline, first).spent, /^flow 90 %, rx 10 %$/);
	const marked = timeline.rounds.find((r) => r.track === first.track && roundWords(timeline, r).marks);
	assert.equal(roundWords(timeline, marked).marks, 'round_off_core');
});

function track(spans: [number, number, number][]): Track {
	const made = new Track(1);
	for (const [begin, length, what] of spans) made.add(begin, length, what, 3);
	return made;
}

test('spans are found by time, gaps are gaps', () => {
	const t = track([
		[0, 10, 0],
		[10, 5, 1],
		[100, 20, 0],
	]);
	assert.equal(firstEndingAfter(t, 0), 0);
	assert.equal(firstEndingAfter(t, 10), 1);
	assert.equal(firstEndingAfter(t, 15), 2);
	assert.equal(firstEndingAfter(t, 120), 3);
	assert.equal(longestIn(t, { from: 8, to: 12 }), 0);
	assert.equal(longestIn(t, { from: 30, to: 40 }), -1);
	assert.equal(recentFrom(t), 100);
	assert.deepEqual(partsIn(t, { from: 5, to: 110 }), [
		{ what: 0, us: 15 },
		{ what: 1, us: 5 },
	]);
	assert.equal(valueAt([[5, 1], [9, 2]], 4), null);
	assert.equal(valueAt([[5, 1], [9, 2]], 9), 2);
});

test('the first window is what all packet threads still know, not the minutes before', () => {
	const timeline = read(timelineText(small), 1 << 20);
	const window = startWindow(timeline);
	assert.ok(window.to - window.from < 10_000, `${window.to - window.from} us`);
	assert.ok(wholeWindow(timeline).to - wholeWindow(timeline).from > 170e6);
});

test('a window is moved and zoomed within what there is', () => {
	const all = { from: 0, to: 1000 };
	const near = zoomed({ from: 100, to: 300 }, 0.5, 150, all);
	assert.deepEqual(near, { from: 125, to: 225 });
	assert.deepEqual(zoomed(near, 100, 150, all), all);
	assert.deepEqual(panned({ from: 0, to: 100 }, -50, all), { from: 0, to: 100 });
	assert.deepEqual(panned({ from: 850, to: 950 }, 500, all), { from: 900, to: 1000 });
	assert.deepEqual(windowAround(100, 200), { from: 50, to: 250 });
	const least = held({ from: 500, to: 500 }, all);
	assert.ok(least.to > least.from);
});

test('a span is told as a sentence', () => {
	const timeline = read(timelineText(small), 1 << 20);
	const worker = timeline.tracks[3] as Track;
	let flow = firstEndingAfter(worker, startWindow(timeline).to - 100);
	while (timeline.names[worker.what[flow]].name !== 'flow') flow--;
	assert.match(spanSentence(timeline, worker, flow, 'utc'), /^worker 0: flow, [\d.]+ .s, \d+ packets, at \d\d\.\d{3}\u202f\d{3} s, core 0/);
});

test('the ruler names what tells two marks apart', () => {
	assert.equal(rulerStep(9e6, 10), 1e6);
	assert.equal(rulerStep(90, 10), 10);
	assert.equal(rulerStep(4000e6, 10), 600e6);
	assert.equal(rulerText(0, 1764046800.25, 1e6, 'utc'), '05:00:00');
	assert.equal(rulerText(1500, 1764046800.25, 1000, 'utc'), '00.252');
	assert.equal(rulerText(0.5, 1764046800.25, 0.5, 'utc'), '00.250\u202f000\u202f5');
	const ticks = rulerTicks(0, 1e6, 1764046800.25, 10, 'utc');
	assert.deepEqual(ticks.map((t) => t.text).slice(0, 3), ['00.3', '00.4', '00.5']);
	assert.ok(ticks.every((t) => t.at >= 0 && t.at <= 1e6));
});

test('letters on a colour have a contrast of 4.5 at least, and what does not fit is cut', () => {
	for (const color of ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#e3d21c', '#5c6770', '#3d9bd6', '#8d9aa5']) {
		const [a, b] = [luminance(color), luminance(readableOn(color))];
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		assert.ok(contrast >= 4.5, `${color}: ${contrast}`);
	}
	assert.equal(fitText('flow', 60), 'flow');
	assert.equal(fitText('make memory ready', 60), 'make mem…'.slice(0, 7) + '…');
	assert.equal(fitText('make memory ready', 20), '');
});
