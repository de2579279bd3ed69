// SPDX-License-Identifier: MIT
//
// Which columns fit: those of the lowest priority number stay longest.
import type { ComponentChildren } from 'preact';

export interface Column<T> {
	key: string; // also the sort key, when `sort` is true
	label: string;
	width: number; // px it needs
	grow?: number; // share of what is left over
	priority: number; // 1 stays longest
	align?: 'num' | 'mono';
	sort?: boolean;
	title?: string;
	cell: (row: T) => ComponentChildren;
}

const GAP = 12;
const EDGE = 24;

export function fitColumns<T>(columns: Column<T>[], width: number): Column<T>[] {
	let room = width - EDGE;
	const kept = new Set<Column<T>>();
	const byPriority = [...columns].sort((a, b) => a.priority - b.priority);
	for (const column of byPriority) {
		if (kept.size && room < column.width + GAP) break;
		room -= column.width + GAP;
		kept.add(column);
	}
	return columns.filter((c) => kept.has(c));
}

export const template = <T>(columns: Column<T>[]): string =>
	columns
		.map((c) =>
			`minmax(${c.width}px, ${c.grow ? `${c.grow}fr` : 'max-content'})`.replace(
				`minmax(${c.width}px, max-content)`,
				`${c.width}px`,
			),
		)
		.join(' ');

export interface Window {
	from: number;
	to: number; // exclusive
}

/** The rows to draw for a scroll position, with some before and behind. */
export function visibleRows(scrollTop: number, height: number, rowHeight: number, count: number, spare = 6): Window {
	const first = Math.floor(scrollTop / rowHeight) - spare;
	const last = Math.ceil((scrollTop + height) / rowHeight) + spare;
	return { from: Math.max(0, Math.min(first, count)), to: Math.min(count, Math.max(last, 0)) };
}

export type Order = 'asc' | 'desc';

/** What a click on a head asks for: the other order, or, on another column, the order that is of use there. */
export function nextOrder(active: boolean, order: Order, numeric: boolean): Order {
	if (active) return order === 'desc' ? 'asc' : 'desc';
	return numeric ? 'desc' : 'asc';
}
