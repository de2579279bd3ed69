// SPDX-License-Identifier: MIT
//
// The points of the last 16 minutes, one for each second: from the server once, then from frames. Longer ranges: timed.ts.
import { createStore, type Store } from '../lib/store';
import { getHistory } from '../net/api';
import type { Point } from '../net/wire';

const KEEP = 960;
const FETCH_EVERY_MS = 1000;

export const history: Store<Point[]> = createStore<Point[]>([]);
/** Whether the server has told what was before this page: until then no point is no statement. */
export const historyKnown: Store<boolean> = createStore<boolean>(false);

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

let fetchedAt = 0;

export function addPoints(points: Point[]): void {
	if (!points.length) return;
	const now = history.get();
	if (goesBack(now, points)) {
		forgetHistory();
		return;
	}
	if (leavesGap(now, points)) void fetchHistory();
	history.set(mergePoints(now, points, KEEP));
}

export async function fetchHistory(everything = false): Promise<void> {
	const now = performance.now();
	if (!everything && now - fetchedAt < FETCH_EVERY_MS) return;
	fetchedAt = now;
	const have = history.get();
	const last = have[have.length - 2]; // the newest may have been incomplete
	try {
		const answer = await getHistory(1, everything || !last ? null : last[0]);
		history.update((h) => mergePoints(everything ? [] : h, answer.points, KEEP));
		historyKnown.set(true);
	} catch {
		// the chart shows a gap, which is what is known
	}
}

export function forgetHistory(): void {
	history.set([]);
	historyKnown.set(false);
	void fetchHistory(true);
}
