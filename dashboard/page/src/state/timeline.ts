// SPDX-License-Identifier: MIT
//
// The timeline of docs/timeline.md, a Chrome trace: read piece by piece as it arrives, so that no piece keeps the page from drawing, into
// columns of numbers. Times are microseconds since the engine was laid out.

const PIECE = 1 << 18; // characters that are parsed at once, or a little more
const NEXT = ',{"ph":'; // where an event may begin; in a text the quotation marks would be escaped
const ROUNDS = 2 ** 30; // added to the number of a thread: its track of longest rounds
const EVENTS = '"traceEvents":[';

export type Kind = 'stage' | 'wait' | 'idle';

export interface Mark {
	at: number;
	name: string;
	n: number;
	loss: boolean;
}

/** What one thread did: spans in order of time, which never overlap. */
export class Track {
	name = '';
	order = 0;
	n = 0;
	names = 0; // `what` is below
	begin = new Float64Array(256);
	end = new Float64Array(256);
	what = new Uint16Array(256); // index into Timeline.names
	amount = new Uint16Array(256); // packets, records; 0: not told
	marks: Mark[] = [];
	cores: [number, number][] = []; // time, core: when it was seen there
	waiting: [number, number][] = []; // time, bursts in its lane

	constructor(readonly tid: number) {}

	add(begin: number, length: number, what: number, amount: number): void {
		if (this.n === this.begin.length) this.grow();
		this.begin[this.n] = begin;
		this.end[this.n] = begin + length;
		this.what[this.n] = what;
		this.names = Math.max(this.names, what + 1);
		this.amount[this.n++] = amount;
	}

	private grow(): void {
		const room = this.n * 2;
		this.begin = copied(this.begin, new Float64Array(room));
		this.end = copied(this.end, new Float64Array(room));
		this.what = copied(this.what, new Uint16Array(room));
		this.amount = copied(this.amount, new Uint16Array(room));
	}
}

function copied<T extends Float64Array | Uint16Array>(from: T, to: T): T {
	to.set(from);
	return to;
}

export interface Round {
	track: Track;
	begin: number;
	end: number;
}

export interface Arrow {
	from: Track;
	sent: number;
	to: Track;
	received: number;
}

export interface Timeline {
	began: number; // seconds since 1970
	names: { name: string; kind: Kind }[];
	tracks: Track[]; // those that have spans, in order
	rounds: Round[]; // the longest first
	arrows: Arrow[];
	spans: number;
	first: number;
	last: number;
}

interface TraceEvent {
	ph: string;
	name: string;
	cat?: string;
	tid: number;
	ts: number;
	dur: number;
	id?: string;
	args?: Record<string, number | string>;
}

export class TimelineReader {
	private text = '';
	private began: number | null = null;
	private readonly names = new Map<string, number>();
	private readonly list: Timeline['names'] = [];
	private readonly tracks = new Map<number, Track>();
	private readonly rounds: [number, number, number][] = [];
	private readonly ends = new Map<string, { s?: TraceEvent; f?: TraceEvent }>();

	/** The next piece of the document, of any length. */
	push(text: string): void {
		this.text += text;
		if (this.began === null) this.takeHead();
		if (this.began === null || this.text.length < PIECE) return;
		const cut = this.text.lastIndexOf(NEXT);
		if (cut <= 0) return;
		this.take(this.text.slice(0, cut));
		this.text = this.text.slice(cut + 1);
	}

	/** The whole; throws when the document stopped before its end. */
	end(): Timeline {
		const rest = this.text.trimEnd();
		if (this.began === null || !rest.endsWith(']}')) throw new Error('The timeline stopped before its end.');
		this.take(rest.slice(0, -2));
		this.text = '';
		const tracks = [...this.tracks.values()].filter((t) => t.n > 0).sort((a, b) => a.order - b.order);
		return {
			began: this.began,
			names: this.list,
			tracks,
			rounds: this.longestRounds(),
			arrows: this.arrows(),
			spans: tracks.reduce((n, t) => n + t.n, 0),
			first: Math.min(...tracks.map((t) => t.begin[0] ?? 0)),
			last: Math.max(...tracks.map((t) => t.end[t.n - 1] ?? 0)),
		};
	}

	private takeHead(): void {
		const at = this.text.indexOf(EVENTS);
		if (at < 0) return;
		const head = JSON.parse(`${this.text.slice(0, at)}"traceEvents":[]}`) as { otherData?: { began?: number } };
		this.began = head.otherData?.began ?? 0;
		this.text = this.text.slice(at + EVENTS.length);
	}

	private take(text: string): void {
		for (const event of JSON.parse(`[${text}]`) as TraceEvent[]) this.event(event);
	}

	private event(event: TraceEvent): void {
		const { ph, tid, ts, args } = event;
		if (ph === 'M') this.metadata(event);
		else if (ph === 'X' && tid >= ROUNDS) this.rounds.push([tid - ROUNDS, ts, event.dur]);
		else if (ph === 'X') this.track(tid).add(ts, event.dur, this.nameOf(event), Number(args?.['n'] ?? 0));
		else if (ph === 'i')
			this.track(tid).marks.push({
				at: ts,
				name: event.name,
				n: Number(args?.['n'] ?? 1),
				loss: event.cat === 'loss',
			});
		else if (ph === 'C' && args?.['core'] !== undefined) this.track(tid).cores.push([ts, Number(args['core'])]);
		else if (ph === 'C') this.track(tid).waiting.push([ts, Number(args?.['bursts waiting'] ?? 0)]);
		else if (ph === 's' || ph === 'f') {
			const ends = this.ends.get(event.id ?? '') ?? {};
			ends[ph] = event;
			this.ends.set(event.id ?? '', ends);
		}
	}

	private metadata({ name, tid, args }: TraceEvent): void {
		if (tid >= ROUNDS) return;
		if (name === 'thread_name') this.track(tid).name = String(args?.['name'] ?? tid);
		else if (name === 'thread_sort_index') this.track(tid).order = Number(args?.['sort_index'] ?? 0);
	}

	private track(tid: number): Track {
		const found = this.tracks.get(tid);
		if (found) return found;
		const made = new Track(tid);
		this.tracks.set(tid, made);
		return made;
	}

	private nameOf({ name, cat }: TraceEvent): number {
		const found = this.names.get(name);
		if (found !== undefined) return found;
		this.list.push({ name, kind: cat === 'wait' || cat === 'idle' ? cat : 'stage' });
		this.names.set(name, this.list.length - 1);
		return this.list.length - 1;
	}

	private longestRounds(): Round[] {
		return this.rounds
			.map(([tid, begin, length]) => ({ track: this.track(tid), begin, end: begin + length }))
			.sort((a, b) => b.end - b.begin - (a.end - a.begin));
	}

	private arrows(): Arrow[] {
		const whole: Arrow[] = [];
		for (const { s, f } of this.ends.values())
			if (s && f) whole.push({ from: this.track(s.tid), sent: s.ts, to: this.track(f.tid), received: f.ts });
		this.ends.clear();
		return whole;
	}
}

/** "nsc-worker-0" is "worker 0". */
export const threadName = (track: Track): string => track.name.replace(/^nsc-/, '').replace(/-(?=\d+$)/, ' ');

/* --- looking -------------------------------------------------------------------------------------- */

export interface Window {
	from: number;
	to: number;
}

/** The first span that ends after `at`; `n` when none does. */
export function firstEndingAfter(track: Track, at: number): number {
	let low = 0;
	let high = track.n;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((track.end[middle] as number) > at) high = middle;
		else low = middle + 1;
	}
	return low;
}

/** The longest span that touches the window, -1 when there is none: what stands under a pointer that is so wide. */
export function longestIn(track: Track, window: Window): number {
	let best = -1;
	let most = -1;
	for (let i = firstEndingAfter(track, window.from); i < track.n && (track.begin[i] as number) <= window.to; i++) {
		const length = (track.end[i] as number) - (track.begin[i] as number);
		if (length > most) [best, most] = [i, length];
	}
	return best;
}

export interface Part {
	what: number;
	us: number;
}

/** How much of the window each name has on this track, the largest first. */
export function partsIn(track: Track, window: Window): Part[] {
	const sums = new Float64Array(track.names);
	for (let i = firstEndingAfter(track, window.from); i < track.n && (track.begin[i] as number) < window.to; i++) {
		const us = Math.min(track.end[i] as number, window.to) - Math.max(track.begin[i] as number, window.from);
		const what = track.what[i] as number;
		sums[what] = (sums[what] as number) + us;
	}
	const parts: Part[] = [];
	sums.forEach((us, what) => us > 0 && parts.push({ what, us }));
	return parts.sort((a, b) => b.us - a.us);
}

export const marksIn = (track: Track, { from, to }: Window): Mark[] =>
	track.marks.filter((m) => m.at >= from && m.at <= to);

/** The newest of [time, value] that is not after `at`. */
export function valueAt(steps: [number, number][], at: number): number | null {
	let low = 0;
	let high = steps.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((steps[middle] as [number, number])[0] <= at) low = middle + 1;
		else high = middle;
	}
	return steps[low - 1]?.[1] ?? null;
}

/** Since when a track has no gap: events between a round that was kept and the ring are gone. */
export function recentFrom(track: Track): number {
	let i = track.n - 1;
	while (i > 0 && (track.begin[i] as number) - (track.end[i - 1] as number) < 0.01) i--;
	return track.begin[i] ?? 0;
}

/** What is shown first: the time that all packet threads still know. */
export function startWindow(timeline: Timeline): Window {
	const busy = timeline.tracks.filter((t) => /worker|capture/.test(t.name));
	const from = Math.max(...(busy.length ? busy : timeline.tracks).map(recentFrom));
	return widened({ from, to: timeline.last }, 0.01);
}

const NARROWEST = 0.1; // µs

const widened = ({ from, to }: Window, part: number): Window => {
	const margin = Math.max(to - from, NARROWEST) * part;
	return { from: from - margin, to: to + margin };
};

export const wholeWindow = (timeline: Timeline): Window =>
	widened({ from: timeline.first, to: timeline.last }, 0.01);

/** A window around something, with as much beside it as it is long. */
export const windowAround = (begin: number, end: number): Window => widened({ from: begin, to: end }, 0.5);

/** Not narrower than can be told apart, and never beyond `all`. */
export function held({ from, to }: Window, all: Window): Window {
	const length = Math.min(Math.max(to - from, NARROWEST), all.to - all.from);
	const middle = (from + to) / 2;
	const begin = Math.min(Math.max(middle - length / 2, all.from), all.to - length);
	return { from: begin, to: begin + length };
}

/** `factor` below 1 goes nearer; what is at `at` stays where it is. */
export function zoomed({ from, to }: Window, factor: number, at: number, all: Window): Window {
	const length = Math.min(Math.max((to - from) * factor, NARROWEST), all.to - all.from);
	const begin = at - ((at - from) / (to - from)) * length;
	return held({ from: begin, to: begin + length }, all);
}

export const panned = ({ from, to }: Window, by: number, all: Window): Window =>
	held({ from: from + by, to: to + by }, all);

/* --- colours -------------------------------------------------------------------------------------- */

const SERIES: Record<string, number> = {
	rx: 5,
	decode: 2,
	tap: 4,
	steer: 8,
	flow: 1,
	detect: 6,
	dns: 3,
	sweep: 8,
	tick: 7,
	query: 4,
	sample: 6,
	merge: 3,
	view: 1,
	'outputs of a tick': 2,
	'write packets': 1,
	'write records': 2,
	'write alerts': 6,
	'look after outputs': 8,
	'finish outputs': 7,
	'make memory ready': 4,
	requests: 1,
	frame: 2,
	'flow queries': 3,
	'woken late': 6,
};

/** Which of the eight series a stage has: always the same one. */
export function seriesOf(name: string): number {
	const known = SERIES[name];
	if (known) return known;
	let sum = 0;
	for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 8191;
	return 1 + (sum % 8);
}
