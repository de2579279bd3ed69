// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { profileTree } from '../mock/profile.mjs';
import { profilePath } from '../src/net/profile';
import {
	buildFlame,
	depthOf,
	finder,
	frameSeries,
	functionsOf,
	nodeAt,
	nodeUnder,
	pathOf,
	samplesWith,
	shares,
	sibling,
	spansOf,
	widestChild,
} from '../src/state/flame';
import { seriesOf } from '../src/state/timeline';
import { nodeWords } from '../src/ui/flame_canvas';

const ALL = { thread: null, core: null };
const state = { running: true, started: true };
const profile = profileTree(state, null, null);

test('a tree has all samples, threads first, each as wide as what is in it', () => {
	const root = buildFlame(profile, ALL, null);
	assert.equal(root.count, profile.samples);
	assert.deepEqual(root.children.map((c) => c.name), ['nsc-publisher', 'nsc-web', 'nsc-worker-0', 'nsc-worker-1']);
	const check = (node) => {
		const inside = node.children.reduce((sum, c) => sum + c.count, 0);
		assert.equal(inside + node.self, node.count, node.name);
		let at = node.begin;
		for (const child of node.children) {
			assert.equal(child.begin, at);
			at += child.count;
			check(child);
		}
	};
	check(root);
	assert.equal(depthOf(root), 7);
});

test('threads and cores are parts of it', () => {
	const counted = (part) => buildFlame(profile, part, null).count;
	assert.equal([0, 1, 2, 3].reduce((sum, thread) => sum + counted({ thread, core: null }), 0), profile.samples);
	assert.equal(counted({ thread: null, core: 0 }) + counted({ thread: null, core: 1 }), profile.samples);
	assert.equal(counted({ thread: 1, core: 0 }), 2 * 600);
});

test('a search counts each sample once, however often its stack has a match', () => {
	const root = buildFlame(profile, ALL, null);
	const flow = profile.stacks.filter((s) => s.frames.some((f) => /flow_table/.test(profile.frames[f])));
	assert.equal(samplesWith(root, finder('flow_table')), flow.reduce((sum, s) => sum + s.count, 0));
	assert.equal(samplesWith(root, finder('NSC flow')), samplesWith(root, finder('flow_table')));
	assert.equal(samplesWith(root, finder('nothing like it')), 0);
	assert.equal(samplesWith(root, finder('thread_main')) , profile.samples - samplesWith(root, finder('web_thread')));
	assert.equal(finder('  '), null);
});

test('a comparison tells shares, not samples', () => {
	const before = profileTree(state, 0, 100e9);
	const now = profileTree(state, 400e9, 600e9);
	const root = buildFlame(now, ALL, before);
	const tcp = functionsOf(root).find((f) => f.name === 'tcp_remember');
	const change = shares(tcp.self, tcp.selfBefore, root);
	assert.ok(Math.abs(change.points - 20) < 1e-9, `${change.points}`);
	assert.ok(change.error > 0.001 && change.error < 0.02);
	const decode = functionsOf(root).find((f) => f.name === 'nsc_decode_burst');
	assert.ok(Math.abs(shares(decode.self, decode.selfBefore, root).points + 2) < 1e-9);
	assert.equal(shares(1, 0, buildFlame(now, ALL, null)).points, null);
});

test('functions: itself adds up to everything, a recursion is counted once', () => {
	const rows = functionsOf(buildFlame(profile, ALL, null));
	assert.equal(rows.reduce((sum, r) => sum + r.self, 0), profile.samples);
	const main = rows.find((r) => r.name === 'start_thread');
	assert.equal(main.total, profile.samples);
	const again = { ...profile, frames: ['a', 'b'], stacks: [{ thread: 0, core: 0, frames: [0, 1, 0, 1], count: 7 }] };
	for (const row of functionsOf(buildFlame(again, ALL, null))) assert.equal(row.total, 7);
});

test('a node is found by its path, by its place and from its neighbours', () => {
	const root = buildFlame(profile, ALL, null);
	const path = ['nsc-worker-1', 'start_thread', 'thread_main', 'run_worker', 'nsc_worker_run', 'nsc_flow_table_burst'];
	const node = nodeAt(root, path);
	assert.deepEqual(pathOf(node), path);
	assert.equal(nodeUnder(root, node.begin + 1, node.depth), node);
	assert.equal(nodeUnder(root, node.begin + 1, 99), null);
	assert.equal(nodeAt(root, [...path, 'gone']), node);
	assert.equal(sibling(node, -1).name, 'nsc_decode_burst');
	assert.equal(sibling(node, 1), node);
	assert.equal(widestChild(root).name, 'nsc-worker-1');
	assert.match(nodeWords(node, root), /^37\.0 % \(± 0\.\d\), 22,200 samples, itself 21\.0 %$/);
});

test('a function has the colour of its stage', () => {
	assert.equal(frameSeries('nsc_flow_table_burst'), seriesOf('flow'));
	assert.equal(frameSeries('nsc_decode_burst'), seriesOf('decode'));
	assert.equal(frameSeries('[kernel]'), 8);
});

test('spans: the last seconds, since a mark, and what was before', () => {
	const all = { from_ns: 0, to_ns: 100e9 };
	assert.deepEqual(spansOf(all, null, null), { now: { from: null, to: null }, before: null });
	assert.deepEqual(spansOf(all, 10, null), { now: { from: 90e9, to: 100e9 }, before: { from: 80e9, to: 90e9 } });
	assert.deepEqual(spansOf(all, null, 70e9), { now: { from: 70e9, to: 100e9 }, before: { from: 40e9, to: 70e9 } });
	assert.deepEqual(spansOf(all, 600, null).now, { from: 0, to: 100e9 });
	assert.equal(profilePath('folded', { from: 1, to: 2 }, { thread: 0, core: null }), '/api/v1/profile?format=folded&from=1&to=2&thread=0');
});
