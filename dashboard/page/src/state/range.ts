// SPDX-License-Identifier: MIT
//
// Which time the charts show: the last so many seconds, or a span that somebody chose. It is in the address of the page, so a link
// reproduces it and "back" undoes it.
import { go, route, useRoute } from '../lib/router';
import { settings, SPANS, useSettings, WHOLE_RUN } from './settings';

export type Range = { fixed: false; span: number } | { fixed: true; from: number; to: number };

export const COMPARED = { hour: 3600, day: 86_400, week: 604_800 } as const;
export type Compared = keyof typeof COMPARED;

const SHORTEST = 2; // seconds
const time = (text: string | undefined): number | null => {
	const value = text === undefined || text === '' ? NaN : Number(text);
	return Number.isFinite(value) && value >= 0 ? value : null;
};

/** The range that an address names; without one, or with one that cannot be, the last `span` seconds. */
export function readRange(query: Record<string, string>, span: number): Range {
	const [from, to] = [time(query['from']), time(query['to'])];
	if (from !== null && to !== null && from < to) return { fixed: true, from, to };
	const wanted = time(query['span']);
	return { fixed: false, span: wanted !== null && SPANS.includes(wanted) ? wanted : span };
}

export function readCompared(query: Record<string, string>): Compared | null {
	const name = query['compare'] ?? '';
	return Object.keys(COMPARED).includes(name) ? (name as Compared) : null;
}

const seconds = (t: number): string => String(Math.round(t * 1000) / 1000);

/** The members of an address for a range. */
export function rangeQuery(range: Range): Record<'span' | 'from' | 'to', string | null> {
	if (range.fixed) return { span: null, from: seconds(range.from), to: seconds(range.to) };
	return { span: String(range.span), from: null, to: null };
}

/** A span that can be shown: in order, and not shorter than two points. */
export function chosen(from: number, to: number): Range {
	const [a, b] = from < to ? [from, to] : [to, from];
	const middle = (a + b) / 2;
	return b - a >= SHORTEST
		? { fixed: true, from: Math.max(0, a), to: b }
		: { fixed: true, from: Math.max(0, middle - SHORTEST / 2), to: middle + SHORTEST / 2 };
}

/** Where a picture begins and ends. `first`, `last`: of what is known; a file has no time before its first packet. */
export function edgesOf(range: Range, first: number, last: number, live: boolean): [number, number] {
	if (range.fixed) return [range.from, range.to];
	if (range.span === WHOLE_RUN) return [first, last];
	return [live ? last - range.span : Math.max(last - range.span, first), last];
}

/** Shows another range, as a step of the browser's history unless it takes the place of one that was chosen (`replace`). */
export function showRange(range: Range, replace = false): void {
	const { view, id, query } = route.get();
	const chosenNow = readRange(query, settings.get().span).fixed;
	go({ view, id, query: { ...query, ...rangeQuery(range) } }, replace && chosenNow);
}

/** Back to now, with the span that was chosen last. */
export function showNow(): void {
	if (readRange(route.get().query, 0).fixed) showRange({ fixed: false, span: settings.get().span });
}

export function useRange(): Range {
	const { query } = useRoute();
	const { span } = useSettings();
	return readRange(query, span);
}

export const sameRange = (range: Range): string => (range.fixed ? `${range.from}-${range.to}` : `${range.span}`);

const TIMED = ['overview', 'tcp', 'dns'];

/** What of an address goes along to another view: the range, between those that show time. */
export function rangeLeft(query: Record<string, string>, to: string): Record<string, string | null> {
	if (!TIMED.includes(route.get().view) || !TIMED.includes(to)) return {};
	return { span: query['span'] ?? null, from: query['from'] ?? null, to: query['to'] ?? null, compare: query['compare'] ?? null };
}
