// SPDX-License-Identifier: MIT
//
// From points to the columns of the chart. Where no point is, a row of nulls breaks the line: a gap is a gap.
import type { Point, Tick } from '../net/wire';
import { duration } from '../lib/format';
import { endOf } from './history';

export interface Columns {
	x: number[]; // seconds, the end of each point
	bits: (number | null)[]; // per second
	packets: (number | null)[]; // per second
	drops: (number | null)[]; // in the point
	down: (number | null)[]; // where the link was down: when that began
}

const wasDown = (point: Point): boolean => point[6] === true && point[2] === 0;

export interface Rates {
	bps: number;
	pps: number;
}

/** What a tick is called: "last second", "last 5.00 s". */
export function tickWords(tick: Tick | null): string {
	const length = tick ? tick.end - tick.start : 1;
	return Math.abs(length - 1) < 0.05 ? 'last second' : `last ${duration(length)}`;
}

const ratesOf = (point: Point): Rates => ({
	bps: (point[3] * 8) / (point[1] || 1),
	pps: point[2] / (point[1] || 1),
});

/** "Now", wherever the page says it: the newest complete second, as in the chart. The tick only before there is one. */
export function ratesNow(points: Point[], tick: Tick | null): Rates | null {
	const newest = points[points.length - 1];
	return newest ? ratesOf(newest) : tick;
}

/** All points, also those before the span: whoever has zoomed in on them still sees them. */
export function toColumns(points: Point[]): Columns {
	const out: Columns = { x: [], bits: [], packets: [], drops: [], down: [] };
	let before: Point | null = null;
	for (const point of points) {
		const end = endOf(point);
		if (before && point[0] > endOf(before) + 0.5 * point[1]) push(out, endOf(before) + 0.001, null, null, null);
		const length = point[1] > 0 ? point[1] : 1;
		if (wasDown(point)) push(out, end, null, null, point[4], point[0]);
		else push(out, end, (point[3] * 8) / length, point[2] / length, point[4]);
		before = point;
	}
	return out;
}

function push(
	out: Columns,
	x: number,
	bits: number | null,
	packets: number | null,
	drops: number | null,
	down: number | null = null,
): void {
	out.x.push(x);
	out.bits.push(bits);
	out.packets.push(packets);
	out.drops.push(drops);
	out.down.push(down);
}
