// SPDX-License-Identifier: MIT
//
// Stacks of a profile as a tree: threads first, then functions, the outermost above. With a second profile each node also knows what it had
// before, and the difference is one of shares, because two spans seldom have the same number of samples.
import type { Part, Profile } from '../net/profile';
import { seriesOf } from './timeline';

export class FlameNode {
	count = 0;
	before = 0;
	self = 0;
	selfBefore = 0;
	begin = 0; // samples to the left of it
	children: FlameNode[] = []; // by name, so that they stay in place while they grow
	private readonly known = new Map<string, FlameNode>();

	constructor(
		readonly name: string,
		readonly parent: FlameNode | null,
		readonly depth: number,
	) {}

	child(name: string): FlameNode {
		const found = this.known.get(name);
		if (found) return found;
		const made = new FlameNode(name, this, this.depth + 1);
		this.known.set(name, made);
		this.children.push(made);
		return made;
	}
}

export const wanted = (part: Part, thread: number, core: number): boolean =>
	(part.thread === null || part.thread === thread) && (part.core === null || part.core === core);

function addStacks(root: FlameNode, profile: Profile, part: Part, add: (node: FlameNode, count: number, leaf: boolean) => void): void {
	for (const stack of profile.stacks) {
		if (!wanted(part, stack.thread, stack.core)) continue;
		let node = root;
		add(node, stack.count, false);
		node = node.child(profile.threads[stack.thread]?.name ?? '?');
		add(node, stack.count, stack.frames.length === 0);
		stack.frames.forEach((frame, i) => {
			node = node.child(profile.frames[frame] ?? '?');
			add(node, stack.count, i === stack.frames.length - 1);
		});
	}
}

export function buildFlame(profile: Profile, part: Part, before: Profile | null): FlameNode {
	const root = new FlameNode('all', null, 0);
	addStacks(root, profile, part, (node, count, leaf) => {
		node.count += count;
		if (leaf) node.self += count;
	});
	if (before)
		addStacks(root, before, part, (node, count, leaf) => {
			node.before += count;
			if (leaf) node.selfBefore += count;
		});
	place(root);
	return root;
}

function place(node: FlameNode): void {
	let begin = node.begin;
	node.children.sort((a, b) => (a.name < b.name ? -1 : 1));
	for (const child of node.children) {
		child.begin = begin;
		begin += child.count;
		place(child);
	}
}

export const pathOf = (node: FlameNode): string[] => (node.parent ? [...pathOf(node.parent), node.name] : []);

/** The node of a path, or the last one on the way that is there. */
export function nodeAt(root: FlameNode, path: string[]): FlameNode {
	let node = root;
	for (const name of path) {
		const next = node.children.find((child) => child.name === name);
		if (!next) break;
		node = next;
	}
	return node;
}

export function depthOf(node: FlameNode): number {
	return node.children.reduce((most, child) => Math.max(most, depthOf(child)), node.depth);
}

/** The node at a place of the picture: `at` in samples, `depth` in rows. */
export function nodeUnder(root: FlameNode, at: number, depth: number): FlameNode | null {
	let node: FlameNode | null = root;
	while (node && node.depth < depth)
		node = node.children.find((child) => at >= child.begin && at < child.begin + child.count) ?? null;
	return node;
}

/** The next node to that side on the same row that has a width; itself at the end. */
export function sibling(node: FlameNode, by: 1 | -1): FlameNode {
	const row = (node.parent?.children ?? []).filter((child) => child.count > 0);
	return row[row.indexOf(node) + by] ?? node;
}

export const widestChild = (node: FlameNode): FlameNode | null =>
	node.children.reduce<FlameNode | null>((best, c) => (c.count > (best?.count ?? 0) ? c : best), null);

export type Finder = (name: string) => boolean;

/** All words must be in the name; null: nothing is looked for. */
export function finder(text: string): Finder | null {
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	return words.length ? (name) => words.every((word) => name.toLowerCase().includes(word)) : null;
}

/** Samples with a match in their stack, each counted once. */
export function samplesWith(node: FlameNode, find: Finder): number {
	if (find(node.name)) return node.count;
	return node.children.reduce((sum, child) => sum + samplesWith(child, find), 0);
}

export interface Shares {
	now: number; // 0..1
	points: number | null; // percentage points more than before; null: nothing to compare with
	error: number; // of `now`, or of `points` / 100, with 95 % confidence
}

const variance = (share: number, n: number): number => (n > 0 ? (share * (1 - share)) / n : 0);

export function shares(count: number, before: number, root: FlameNode): Shares {
	const now = root.count ? count / root.count : 0;
	if (!root.before) return { now, points: null, error: 1.96 * Math.sqrt(variance(now, root.count)) };
	const then = before / root.before;
	const error = 1.96 * Math.sqrt(variance(now, root.count) + variance(then, root.before));
	return { now, points: 100 * (now - then), error };
}

export interface FunctionRow {
	name: string;
	self: number;
	selfBefore: number;
	total: number; // samples with it in their stack, each counted once
	totalBefore: number;
}

/** Functions, without threads: what the picture shows, as a list. */
export function functionsOf(root: FlameNode): FunctionRow[] {
	const rows = new Map<string, FunctionRow>();
	const active = new Set<string>();
	const walk = (node: FlameNode): void => {
		const counted = node.depth >= 2;
		const first = counted && !active.has(node.name);
		if (counted) {
			const row = rows.get(node.name) ?? { name: node.name, self: 0, selfBefore: 0, total: 0, totalBefore: 0 };
			rows.set(node.name, row);
			row.self += node.self;
			row.selfBefore += node.selfBefore;
			if (first) {
				row.total += node.count;
				row.totalBefore += node.before;
				active.add(node.name);
			}
		}
		node.children.forEach(walk);
		if (first) active.delete(node.name);
	};
	walk(root);
	return [...rows.values()];
}

/** The part of the program that a function belongs to has the colour of its stage in the timeline; what is not the program's is grey. */
export function frameSeries(name: string): number {
	if (name.startsWith('[')) return 8;
	return seriesOf(name.replace(/^nsc_/, '').split(/[_.:]/)[0] ?? name);
}

/** The span to look at, and the one before it that is as long: `seconds` from the end, or from `mark` on. */
export function spansOf(profile: { from_ns: number; to_ns: number }, seconds: number | null, mark: number | null) {
	const to = profile.to_ns;
	const from = mark ?? (seconds === null ? null : to - seconds * 1e9);
	if (from === null) return { now: { from: null, to: null }, before: null };
	return { now: { from: Math.max(0, from), to }, before: { from: Math.max(0, from - (to - from)), to: Math.max(0, from) } };
}
