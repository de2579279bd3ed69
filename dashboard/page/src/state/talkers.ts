// SPDX-License-Identifier: MIT
//
// Who sends how much to whom, as a Sankey diagram (senders left, receivers right) and as a matrix: arithmetic only.
import type { GroupRow } from '../net/wire';
import { pairOf } from './groups';

export interface Edge {
	from: string;
	to: string;
	bytes: number;
	term: string | null;
}

/** Both directions of each pair that moved a byte, the largest first. */
export function edgesOf(rows: GroupRow[]): Edge[] {
	return rows
		.flatMap((row): Edge[] => {
			const [a, b] = pairOf(row.key);
			return [
				{ from: a, to: b, bytes: row.bytes_sent ?? 0, term: row.term },
				{ from: b, to: a, bytes: row.bytes_received ?? 0, term: row.term },
			];
		})
		.filter((edge) => edge.bytes > 0)
		.sort((x, y) => y.bytes - x.bytes || (`${x.from} ${x.to}` < `${y.from} ${y.to}` ? -1 : 1));
}

/** The edges among the `most` largest senders and receivers. */
export function amongLargest(edges: Edge[], most: number): { edges: Edge[]; from: string[]; to: string[] } {
	const largest = (end: 'from' | 'to'): string[] => {
		const sums = new Map<string, number>();
		for (const edge of edges) sums.set(edge[end], (sums.get(edge[end]) ?? 0) + edge.bytes);
		return [...sums]
			.sort((x, y) => y[1] - x[1] || (x[0] < y[0] ? -1 : 1))
			.slice(0, most)
			.map(([ip]) => ip);
	};
	const [from, to] = [largest('from'), largest('to')];
	const [left, right] = [new Set(from), new Set(to)];
	const kept = edges.filter((edge) => left.has(edge.from) && right.has(edge.to));
	const has = (end: 'from' | 'to', ip: string): boolean => kept.some((edge) => edge[end] === ip);
	return { edges: kept, from: from.filter((ip) => has('from', ip)), to: to.filter((ip) => has('to', ip)) };
}

export interface Bar {
	ip: string;
	bytes: number;
	y: number;
	height: number;
}

export interface Ribbon {
	edge: Edge;
	left: number; // y of its upper edge at the sender, at the receiver
	right: number;
	height: number;
}

export interface Sankey {
	height: number;
	from: Bar[];
	to: Bar[];
	ribbons: Ribbon[];
}

const LINE = 18; // px that a label needs
const GAP = 6;

/** Heights are bytes: `tall` px for all of them. A bar is at least as high as its label. */
export function sankey(edges: Edge[], from: string[], to: string[], tall: number): Sankey {
	const total = edges.reduce((sum, edge) => sum + edge.bytes, 0);
	const scale = total > 0 ? tall / total : 0;
	const column = (names: string[], end: 'from' | 'to'): Bar[] => {
		let y = 0;
		return names.map((ip) => {
			const bytes = edges.reduce((sum, edge) => sum + (edge[end] === ip ? edge.bytes : 0), 0);
			const bar = { ip, bytes, y, height: Math.max(LINE, bytes * scale) };
			y += bar.height + GAP;
			return bar;
		});
	};
	const left = column(from, 'from');
	const right = column(to, 'to');
	// where the next ribbon of a bar begins: the ribbons stand in the middle of a bar that its label made higher
	const starts = (bars: Bar[]): Map<string, number> =>
		new Map(bars.map((bar) => [bar.ip, bar.y + (bar.height - bar.bytes * scale) / 2]));
	const [at, to_] = [starts(left), starts(right)];
	const order = (names: string[]): Map<string, number> => new Map(names.map((ip, i) => [ip, i]));
	const [rank, rankTo] = [order(from), order(to)];
	const take = (starting: Map<string, number>, ip: string, height: number): number => {
		const y = starting.get(ip) ?? 0;
		starting.set(ip, y + height);
		return y;
	};
	const height = (edge: Edge): number => edge.bytes * scale;
	const byReceiver = [...edges].sort((x, y) => (rankTo.get(x.to) ?? 0) - (rankTo.get(y.to) ?? 0));
	const lefts = new Map(byReceiver.map((edge) => [edge, take(at, edge.from, height(edge))]));
	const bySender = [...edges].sort((x, y) => (rank.get(x.from) ?? 0) - (rank.get(y.from) ?? 0));
	const rights = new Map(bySender.map((edge) => [edge, take(to_, edge.to, height(edge))]));
	const end = (bars: Bar[]): number => bars.reduce((most, bar) => Math.max(most, bar.y + bar.height), 0);
	return {
		height: Math.max(end(left), end(right)),
		from: left,
		to: right,
		ribbons: edges.map((edge) => ({
			edge,
			left: lefts.get(edge) ?? 0,
			right: rights.get(edge) ?? 0,
			height: Math.max(1, height(edge)),
		})),
	};
}

/** A ribbon from x0 to x1 as a path. */
export function ribbonPath({ left, right, height }: Ribbon, x0: number, x1: number): string {
	const middle = (x0 + x1) / 2;
	const n = (value: number): string => value.toFixed(1);
	return (
		`M${n(x0)} ${n(left)}C${n(middle)} ${n(left)} ${n(middle)} ${n(right)} ${n(x1)} ${n(right)}` +
		`V${n(right + height)}C${n(middle)} ${n(right + height)} ${n(middle)} ${n(left + height)} ${n(x0)} ${n(left + height)}Z`
	);
}

/** Where a key leads in the matrix: the next cell that has something, in the direction of the arrow. */
export function stepInMatrix(cells: (Edge | null)[][], at: [number, number], key: string): [number, number] | null {
	const [row, column] = at;
	const line = (step: [number, number]): [number, number] | null => {
		let [r, c] = [row + step[0], column + step[1]];
		while (cells[r] !== undefined && c >= 0 && c < (cells[r]?.length ?? 0)) {
			if (cells[r]?.[c]) return [r, c];
			r += step[0];
			c += step[1];
		}
		return null;
	};
	const steps: Record<string, [number, number]> = {
		ArrowUp: [-1, 0],
		ArrowDown: [1, 0],
		ArrowLeft: [0, -1],
		ArrowRight: [0, 1],
	};
	const step = steps[key];
	return step ? line(step) : null;
}
