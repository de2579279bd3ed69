// SPDX-License-Identifier: MIT
// A timeline as docs/timeline.md describes it: capture, workers and the threads beside them; the rings are full, and the longest round of
// each of the last minutes is kept. Two dumps of the same number are the same text.
import { generator } from './random.mjs';

const ROUNDS = 2 ** 30;
const PID = 4242;
const STAGES = [
	['rx', 0.6],
	['decode', 0.9],
	['flow', 3.1],
	['detect', 0.4],
	['sweep', 0.2],
];

/** `events`: spans in the ring of a packet thread; `minutes`: rounds that are kept. */
export function timelineText({ workers = 2, events = 16384, minutes = 5, number = 0, began = 1764046800.25, loss = true } = {}) {
	const make = generator(77 + number).next;
	const parts = [];
	const add = (event) => parts.push(JSON.stringify(event));
	const names = ['control', 'nsc-writer', 'nsc-publisher', ...count(workers, 'nsc-worker-'), 'nsc-capture'];
	const end = 600e6 + number * 1e6;
	add({ ph: 'M', name: 'process_name', pid: PID, tid: PID, args: { name: 'netscope' } });
	names.forEach((name, order) => {
		const tid = PID + order;
		const t = { add, tid, make, end, lane: order - 3, workers, lost: loss };
		add({ ph: 'M', name: 'thread_name', pid: PID, tid, args: { name } });
		add({ ph: 'M', name: 'thread_sort_index', pid: PID, tid, args: { sort_index: order } });
		if (name.includes('worker')) worker(t, events, minutes);
		else if (name.includes('capture')) capture(t, events);
		else calm(t, name, minutes);
	});
	return `{"displayTimeUnit":"ns","otherData":{"began":${began},"cycles_per_second":2400000000.0},"traceEvents":[${parts.join(',')}]}`;
}

const count = (n, name) => Array.from({ length: n }, (_, i) => name + i);
const us = (value) => Math.round(value * 1000) / 1000;

function span({ add, tid }, name, ts, dur, n, cat = 'stage') {
	add({ ph: 'X', name, pid: PID, tid, cat, ts: us(ts), dur: us(dur), ...(n ? { args: { n } } : {}) });
}

/** The kept rounds of a thread, with a few spans around each. */
function kept(t, minutes, took, around) {
	const track = { ...t, tid: t.tid + ROUNDS };
	const name = `longest rounds of ${t.tid - PID}`;
	t.add({ ph: 'M', name: 'thread_name', pid: PID, tid: track.tid, args: { name } });
	t.add({ ph: 'M', name: 'thread_sort_index', pid: PID, tid: track.tid, args: { sort_index: 100 } });
	for (let m = 0; m < minutes; m++) {
		const ts = t.end - (minutes - m) * 60e6 + t.tid * 1000;
		const dur = took(m);
		around(ts, dur, m);
		span(track, 'longest round of a minute', ts, dur, 0, 'round');
	}
}

function worker(t, events, minutes) {
	const rounds = Math.floor(events / (STAGES.length + 1));
	kept(
		t,
		minutes,
		(m) => 60 + 90 * m + t.lane,
		(ts, dur, m) => {
			span(t, 'idle', ts - 20, 20, 0, 'idle');
			span(t, 'rx', ts, dur * 0.1, 64);
			if (m % 2) t.add({ ph: 'i', name: 'round_off_core', pid: PID, tid: t.tid, cat: 'event', s: 't', ts: us(ts + dur * 0.1), args: { n: 1 } });
			span(t, 'flow', ts + dur * 0.1, dur * 0.9, 64);
		},
	);
	let at = t.end - rounds * 20;
	t.add({ ph: 'C', name: `core of ${t.tid}`, pid: PID, tid: t.tid, ts: us(at), args: { core: t.lane } });
	for (let r = 0; r < rounds; r++) {
		const n = 8 + Math.floor(t.make() * 56);
		const begin = at;
		if (r % 8 === t.lane % 8) {
			const id = `${t.lane}.${r}`;
			t.add({ ph: 'f', name: 'burst', pid: PID, tid: t.tid, cat: 'lane', id, bp: 'e', ts: us(at + 0.1) });
		}
		for (const [name, cost] of STAGES) {
			const dur = cost * (0.6 + 0.8 * t.make()) * (n / 32);
			span(t, name, at, dur, n);
			at = us(at + dur);
		}
		if (t.lost && t.lane === 0 && r % 700 === 350)
			t.add({ ph: 'i', name: 'sample_missed', pid: PID, tid: t.tid, cat: 'loss', s: 't', ts: us(begin), args: { n: 12 } });
		const rest = t.end - (rounds - r - 1) * 20 - at;
		span(t, rest > 8 ? 'idle' : 'nothing to do', at, rest, 0, 'idle');
		at = us(at + rest);
	}
}

function capture(t, events) {
	const rounds = Math.floor(events / 4);
	for (let r = 0; r < rounds; r++) {
		let at = t.end - (rounds - r) * 20;
		const first = at;
		for (const [name, dur] of [['rx', 2], ['decode', 1.5], ['steer', 0.8]]) {
			span(t, name, at, dur, 32);
			at += dur;
		}
		span(t, r % 10 === 3 ? 'wait: lane' : 'nothing to do', at, first + 20 - at, 0, r % 10 === 3 ? 'wait' : 'idle');
		const back = Math.floor(events / (STAGES.length + 1)) - (rounds - r);
		const lane = back % 8;
		if (back >= 0 && lane < t.workers)
			t.add({ ph: 's', name: 'burst', pid: PID, tid: t.tid, cat: 'lane', id: `${lane}.${back}`, ts: us(first) });
	}
}

function calm(t, name, minutes) {
	const what = { control: 'make memory ready', 'nsc-writer': 'write records', 'nsc-publisher': 'merge' }[name];
	kept(
		t,
		minutes,
		(m) => 40 + 7 * m,
		(ts, dur) => span(t, what, ts, dur, name === 'nsc-writer' ? 100 : 0),
	);
	for (let i = 200; i > 0; i--) {
		const at = t.end - i * 1000;
		span(t, what, at, 30, 0);
		span(t, 'idle', at + 30, 970, 0, 'idle');
	}
}
