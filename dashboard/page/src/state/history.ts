// SPDX-License-Identifier: MIT
//
// The chart's points: series of one second, ten, a minute and ten minutes. Filled from the server, that of one second also from frames.
import { createStore, type Store } from '../lib/store';
import { getHistory } from '../net/api';
import type { Point } from '../net/wire';
import { WHOLE_RUN } from './settings';

export const STEPS = [1, 10, 60, 600] as const;
export type Step = (typeof STEPS)[number];
const KEEP: Record<Step, number> = { 1: 960, 10: 400, 60: 2880, 600: 4464 };
const FETCH_EVERY_MS = 1000;

export type Series = Record<Step, Point[]>;
const NO_POINTS: Series = { 1: [], 10: [], 60: [], 600: [] };
const NONE_KNOWN: Record<Step, boolean> = { 1: false, 10: false, 60: false, 600: false };
export const history: Store<Series> = createStore<Series>(NO_POINTS);
/** Whether the server has told what was before this page: until then no point is no statement. */
export const historyKnown: Store<Record<Step, boolean>> = createStore<Record<Step, boolean>>(NONE_KNOWN);

export const endOf = (point: Point): number => point[0] + point[1];

const samePoint = (a: Point | undefined, b: Point): boolean => !!a && a.every((value, i) => value === b[i]);

/** Points of both, in order of time, the newer word for the same time; the newest `keep`. `have` itself when nothing is new: frames repeat
 * their newest points, and a chart is not drawn again for that. */
export function mergePoints(have: Point[], more: Point[], keep: number): Point[] {
	const known = new Map(have.slice(-2 * more.length).map((point) => [point[0], point]));
	if (more.every((point) => samePoint(known.get(point[0]), point))) return have;
	const last = have[have.length - 1];
	const first = more[0] as Point;
	let all: Point[];
	if (!last || first[0] > last[0]) all = have.concat(more);
	else {
		const byTime = new Map<number, Point>();
		for (const point of have) byTime.set(point[0], point);
		for (const point of more) byTime.set(point[0], point);
		all = [...byTime.values()].sort((a, b) => a[0] - b[0]);
	}
	return all.length > keep ? all.slice(all.length - keep) : all;
}

/** True when points lie between the newest that is here and the first of `more`. */
export function leavesGap(have: Point[], more: Point[]): boolean {
	const last = have[have.length - 1];
	const first = more[0];
	return !!last && !!first && first[0] > endOf(last) + 0.5;
}

/** True when the clock was set back: the server then tells all points in the new time. */
export function goesBack(have: Point[], more: Point[]): boolean {
	const last = have[have.length - 1];
	const newest = more[more.length - 1];
	return !!last && !!newest && newest[0] < last[0];
}

let fetchedAt: Record<Step, number> = { 1: 0, 10: 0, 60: 0, 600: 0 };
const wanted = new Set<Step>([1]);

export function addPoints(points: Point[]): void {
	if (!points.length) return;
	const now = history.get();
	if (goesBack(now[1], points)) {
		forgetHistory();
		return;
	}
	if (leavesGap(now[1], points)) void fetchHistory(1);
	const merged = mergePoints(now[1], points, KEEP[1]);
	if (merged !== now[1]) history.set({ ...now, 1: merged });
}

export async function fetchHistory(step: Step, everything = false): Promise<void> {
	const now = performance.now();
	if (!everything && now - fetchedAt[step] < FETCH_EVERY_MS) return;
	fetchedAt = { ...fetchedAt, [step]: now };
	const have = history.get()[step];
	const last = have[have.length - 2]; // the newest may have been incomplete
	try {
		const answer = await getHistory(step, everything || !last ? null : last[0]);
		history.update((h) => ({ ...h, [step]: mergePoints(everything ? [] : h[step], answer.points, KEEP[step]) }));
		historyKnown.update((k) => ({ ...k, [step]: true }));
	} catch {
		// the chart shows a gap, which is what is known
	}
}

export function forgetHistory(): void {
	history.set(NO_POINTS);
	historyKnown.set(NONE_KNOWN);
	for (const step of wanted) void fetchHistory(step, true);
}

/** Asks for a coarser series from now on; that of one second comes by itself. */
export function wantStep(step: Step): void {
	if (!wanted.has(step)) {
		wanted.add(step);
		void fetchHistory(step, true);
	}
}

export function refreshCoarse(): void {
	for (const step of wanted)
		if (step > 1 && performance.now() - fetchedAt[step] > step * 1000) void fetchHistory(step);
}


/** The series in which a span is drawn; for the whole run the finest one that has its beginning. */
export function stepFor(span: number, points: Series, known: Record<Step, boolean>): Step {
	if (span !== WHOLE_RUN) return span <= 900 ? 1 : span <= 3600 ? 10 : 60;
	return STEPS.find((step) => !known[step] || points[step].length < KEEP[step]) ?? 600;
}

/** A series and, behind its newest point, what finer points say of the time since then. */
export function withTail(coarse: Point[], fine: Point[]): Point[] {
	const newest = coarse[coarse.length - 1];
	if (coarse === fine || !newest) return coarse.length ? coarse : fine;
	return coarse.concat(fine.filter((p) => p[0] >= endOf(newest) - 0.001));
}
