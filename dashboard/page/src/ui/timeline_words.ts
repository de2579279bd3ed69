// SPDX-License-Identifier: MIT
//
// Spans and rounds of a timeline as text.
import { duration, plural } from '../lib/format';
import { rulerText } from '../lib/ruler';
import type { Zone } from '../lib/time';
import { marksIn, partsIn, threadName, valueAt, type Mark, type Round, type Timeline, type Track } from '../state/timeline';

export const us = (value: number): string => duration(value / 1e6);

export interface SpanWords {
	name: string;
	length: string;
	more: string[]; // how many, when, on which core, what was counted
}

/** What is counted in a span; packets, where nothing else is said. */
const UNITS: Record<string, string> = { 'write records': 'record', 'write alerts': 'alert', requests: 'event' };

const markText = (mark: Mark): string => (mark.n === 1 ? mark.name : `${mark.name} ${mark.n}`);

export function spanWords(timeline: Timeline, track: Track, span: number, zone: Zone): SpanWords {
	const [begin, end] = [track.begin[span] as number, track.end[span] as number];
	const name = timeline.names[track.what[span] as number]?.name ?? '';
	const n = track.amount[span] as number;
	const core = valueAt(track.cores, end);
	const marks = marksIn(track, { from: begin, to: end - 1e-6 });
	return {
		name,
		length: us(end - begin),
		more: [
			n ? plural(n, UNITS[name] ?? 'packet') : '',
			`at ${rulerText(begin, timeline.began, 1, zone)} s`,
			core === null ? '' : `core ${core}`,
			...marks.slice(0, 4).map(markText),
		].filter(Boolean),
	};
}

export function spanSentence(timeline: Timeline, track: Track, span: number, zone: Zone): string {
	const { name, length, more } = spanWords(timeline, track, span, zone);
	return `${threadName(track)}: ${name}, ${length}, ${more.join(', ')}`;
}

const roughly = (share: number): string => (share < 0.005 ? '<1 %' : `${Math.round(share * 100)} %`);

/** What a round was spent on, and what was counted in it. */
export function roundWords(timeline: Timeline, round: Round): { spent: string; marks: string } {
	const window = { from: round.begin, to: round.end };
	const parts = partsIn(round.track, window).slice(0, 2);
	const marks = new Map<string, Mark>();
	for (const mark of marksIn(round.track, window)) {
		const before = marks.get(mark.name);
		marks.set(mark.name, before ? { ...mark, n: before.n + mark.n } : mark);
	}
	return {
		spent: parts
			.map((part) => `${timeline.names[part.what]?.name} ${roughly(part.us / (round.end - round.begin))}`)
			.join(', '),
		marks: [...marks.values()].map(markText).join(', '),
	};
}
