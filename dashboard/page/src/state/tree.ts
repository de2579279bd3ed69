// SPDX-License-Identifier: MIT
//
// The tree of a packet as a flat list, parents before children, which is what the keyboard walks and the bytes point into.
import type { Field } from '../net/wire';

export interface Node {
	index: number;
	field: Field;
	depth: number;
	parent: number; // -1 at the top
	children: boolean;
}

export function flatten(layers: Field[]): Node[] {
	const nodes: Node[] = [];
	const walk = (fields: Field[], depth: number, parent: number): void => {
		for (const field of fields) {
			const index = nodes.length;
			nodes.push({ index, field, depth, parent, children: !!field.fields?.length });
			if (field.fields) walk(field.fields, depth + 1, index);
		}
	};
	walk(layers, 0, -1);
	return nodes;
}

/** Nodes none of whose ancestors is closed. */
export function visible(nodes: Node[], closed: ReadonlySet<number>): Node[] {
	const hidden = new Set<number>();
	return nodes.filter((node) => {
		const parent = node.parent;
		if (parent >= 0 && (closed.has(parent) || hidden.has(parent))) {
			hidden.add(node.index);
			return false;
		}
		return true;
	});
}

export function ancestors(nodes: Node[], index: number): Node[] {
	const path: Node[] = [];
	for (let at = nodes[index]; at; at = nodes[at.parent]) path.unshift(at);
	return path;
}

/** The open set that shows a node: none of its ancestors stays closed. */
export function reveal(nodes: Node[], closed: ReadonlySet<number>, index: number): ReadonlySet<number> {
	const path = ancestors(nodes, index).slice(0, -1);
	if (!path.some((node) => closed.has(node.index))) return closed;
	const next = new Set(closed);
	for (const node of path) next.delete(node.index);
	return next;
}

export function valueText(field: Field): string {
	if (field.text !== undefined) return field.text;
	if (field.value === undefined) return '';
	if (typeof field.value === 'boolean') return field.value ? 'yes' : 'no';
	return String(field.value);
}

export type Step = { select: number } | { close: number } | { open: number } | null;

/** What an arrow key does at a node. */
export function walk(nodes: Node[], closed: ReadonlySet<number>, at: number, key: string): Step {
	const shown = visible(nodes, closed);
	const here = shown.findIndex((node) => node.index === at);
	const node = shown[here];
	const pick = (i: number): Step => {
		const target = shown[Math.max(0, Math.min(shown.length - 1, i))];
		return target ? { select: target.index } : null;
	};
	if (key === 'ArrowDown') return pick(here + 1);
	if (key === 'ArrowUp') return pick(here < 0 ? 0 : here - 1);
	if (key === 'Home') return pick(0);
	if (key === 'End') return pick(shown.length - 1);
	if (!node) return null;
	if (key === 'ArrowRight') return node.children ? (closed.has(at) ? { open: at } : pick(here + 1)) : null;
	if (key === 'ArrowLeft')
		return node.children && !closed.has(at) ? { close: at } : node.parent >= 0 ? { select: node.parent } : null;
	return null;
}
