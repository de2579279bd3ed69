// SPDX-License-Identifier: MIT
//
// Which rows of a long list to ask for: those in sight and some around them. A list is walked by cursors, so what is kept is where
// pages may begin, and never the rows that are out of sight.
import type { FlowsAnswer } from '../net/wire';

const EACH = 32; // rows between two cursors of an answer
const AROUND = 8; // rows asked for beyond those in sight
const MARKS_MOST = 2048;

/** How many rows to ask for from the first on when those up to `to` are in sight: a few sizes, so that scrolling asks seldom. */
export function rowsWanted(to: number, most: number): number {
	let rows = EACH;
	while (rows < to && rows < most) rows *= 2;
	return Math.min(rows, most);
}

/** Rows to ask for where a page may begin behind any of them: all from the first on, as long as they are not too many. */
export function rowsFrom(from: number, to: number, most: number): { at: number; limit: number } {
	if (to <= most) return { at: 0, limit: rowsWanted(to, most) };
	const at = Math.floor((from - AROUND) / EACH) * EACH;
	return { at, limit: Math.ceil((to + AROUND - at) / EACH) * EACH };
}

/** A place where a page may begin: the cursor behind the row before; null: the first row. */
export interface Mark {
	at: number;
	cursor: string | null;
}

export const START: Mark[] = [{ at: 0, cursor: null }];

export interface Page {
	start: Mark;
	limit: number;
}

/** The page that has the rows from `from` to `to`, as far as the marks reach and `most` rows go. */
export function pageFor(marks: Mark[], from: number, to: number, most: number): Page {
	const first = Math.max(0, from - AROUND);
	let start = marks[0] as Mark;
	for (const mark of marks) if (mark.at <= first && mark.at > start.at) start = mark;
	const rows = Math.max(EACH, to + AROUND - start.at);
	return { start, limit: Math.min(most, Math.ceil(rows / EACH) * EACH) };
}

/** With those of an answer to a page that began at `at`; in the order of their places, and not too many. */
export function withMarks(marks: Mark[], at: number, answer: FlowsAnswer): Mark[] {
	const known = new Map(marks.map((mark) => [mark.at, mark]));
	(answer.cursors ?? []).forEach((cursor, i) => known.set(at + EACH * (i + 1), { at: at + EACH * (i + 1), cursor }));
	const end = at + answer.flows.length;
	if (answer.next) known.set(end, { at: end, cursor: answer.next });
	const all = [...known.values()].sort((a, b) => a.at - b.at);
	return all.length > MARKS_MOST ? all.filter((_, i) => i === 0 || i === all.length - 1 || i % 2 === 1) : all;
}

/** How many rows there are in all, by what an answer to a page that began at `at` says. */
export const rowsInAll = (at: number, answer: FlowsAnswer): number => at + answer.matched - (answer.before ?? 0);

/** How far the list can be scrolled: one page beyond what is known. */
export const rowsInReach = (marks: Mark[], all: number, most: number): number =>
	Math.min(all, (marks.at(-1)?.at ?? 0) + most);

/** The rows of `next` in the places where they were: nothing moves under the pointer. One that is not among them stays as it was, and
 * what is new stands behind them. */
export function inTheirPlaces<T>(shown: T[], next: T[], key: (row: T) => string | number): T[] {
	const fresh = new Map(next.map((row) => [key(row), row]));
	const held = shown.map((row) => fresh.get(key(row)) ?? row);
	for (const row of held) fresh.delete(key(row));
	return [...held, ...[...fresh.values()].slice(0, Math.max(0, next.length - held.length))];
}
