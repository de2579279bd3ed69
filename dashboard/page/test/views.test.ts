// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AlertRow, Field, Frame, Hello } from '../src/net/wire';
import { hostOf, matchesWords, packetsOf, unheard, withEndpoints, withoutTerm, withTerm } from '../src/state/filter';
import { shade } from '../src/state/heat';
import { EMPTY, type Live } from '../src/state/live';
import { coreVerdict, imbalance, ledgerVerdict, lossVerdict, lostPackets, sourceState } from '../src/state/status';
import { lossIsSeen, readSeen } from '../src/state/seen';
import { configSections, findings } from '../src/state/system';
import { ancestors, flatten, reveal, valueText, visible, walk } from '../src/state/tree';
import { heights, waterfall } from '../src/state/waterfall';
import { fitColumns, nextOrder, visibleRows, type Column } from '../src/ui/columns';
import { recorded } from '../src/views/alerts';
import { byOctave, histogramSentence, quantile, since } from '../src/ui/histogram';
import { largest, measureOf } from '../src/ui/mix';
import { sparkPath } from '../src/ui/spark';

const NAMES = ['rx_received', 'rx_nic_drops', 'rx_kernel_drops', 'lane_full', 'rx_stack_drops'];
function liveWith(counters: (number | null)[], more: Partial<Frame> = {}, isLive = true): Live {
	const hello = {
		source: { name: 's', input: null, live: isLive },
		counters: NAMES.map((name) => ({ name })),
	} as unknown as Hello;
	const frame = { state: 'running', counters, losses: [], cores: [], ledger: null, ...more } as unknown as Frame;
	return { ...EMPTY, hello, frame };
}

test('loss: none, some, a limit, and not known are four different words', () => {
	assert.equal(lossVerdict(liveWith([9, 0, 0, 0])).tone, 'good');
	const some = lossVerdict(
		liveWith([90, 0, 10, 0], {
			losses: [{ place: 'kernel', counter: 'rx_kernel_drops', unit: 'packets', count: 10, since: 1, advice: '' }],
		}),
	);
	assert.equal(some.tone, 'bad');
	assert.match(some.detail, /10\.0 % of all, mostly at kernel/);
	const told = (counter: string, kind: 'loss' | 'limit', place = 'x') =>
		[{ place, counter, class: kind, what: `${counter} in words`, unit: 'rows', count: 7, since: 1, advice: '' }];
	const stack = lossVerdict(liveWith([90, 0, 0, 0, 10], { losses: told('rx_stack_drops', 'loss', 'stack') }));
	assert.deepEqual([stack.tone, stack.text], ['bad', '10 packets lost'], 'what the driver drops is lost as well');
	const rows = lossVerdict(liveWith([90, 0, 0, 0, 0], { losses: told('output_lost_rows', 'loss') }));
	assert.deepEqual([rows.tone, rows.text, rows.detail], ['bad', '7 rows lost', 'output_lost_rows in words']);
	const limit = lossVerdict(liveWith([90, 0, 0, 0, 0], { losses: told('flow_evicted', 'limit') }));
	assert.deepEqual([limit.tone, limit.text], ['warn', '1 limit reached']);
	assert.equal(
		lossVerdict(
			liveWith([9, 0, 0, 0], {
				losses: [{ place: 'flow', counter: 'flow_evicted', class: 'limit', unit: 'flows', count: 1, since: 1, advice: '' }],
			}),
		).tone,
		'warn',
	);
	assert.equal(lossVerdict(liveWith([9, null, null, null])).text, 'Loss not known');
	assert.equal(lostPackets(liveWith([9, null, null, null])), null);
	assert.equal(lostPackets(liveWith([9, null, 3, null])), 3);
});

test('a loss has a time, and is quiet once it was seen, until it grows', () => {
	const loss = { place: 'kernel', counter: 'rx_kernel_drops', unit: 'packets', count: 10, since: 1, last: 3661, advice: '' };
	const now = liveWith([90, 0, 10, 0, 0], { losses: [loss] });
	const verdict = (count: number) =>
		lossVerdict(now, (l) => lossIsSeen({ boot: 'x', losses: { rx_kernel_drops: count }, alerts: 0 }, 'x', l));
	assert.match(verdict(0).detail, /last at 01:01:01$/);
	assert.deepEqual([verdict(9).tone, verdict(10).tone, verdict(11).tone], ['bad', 'quiet', 'quiet']);
	assert.equal(verdict(10).text, '10 packets lost', 'seen is not gone');
	assert.ok(!lossIsSeen({ boot: 'x', losses: { rx_kernel_drops: 10 }, alerts: 0 }, 'y', loss), 'of another run');
	assert.equal(readSeen('{"boot":"x","losses":7,"alerts":1}').boot, '');
	assert.equal(readSeen('nonsense').alerts, 0);
});

test('a search for what this run does not keep is told from one that finds nothing', () => {
	const off = { apps: false, names: false };
	const apps = { apps: true, names: false };
	assert.equal(unheard('port:443 !name:a.example', off), 'name');
	assert.equal(unheard('sni!=a.example', apps), 'sni');
	assert.equal(unheard('ja4=t13*', apps), null);
	assert.equal(unheard('ja4:t13*', off), 'ja4');
	assert.equal(unheard('name:a', { apps: true, names: true }), null);
	assert.equal(unheard('host:10.0.0.1 rename:x', off), null);
	assert.equal(unheard('', off), null);
});

test('ledger, cores and source in words', () => {
	assert.equal(ledgerVerdict(liveWith([])).tone, 'quiet');
	const broken = ledgerVerdict(
		liveWith([], {
			ledger: {
				balanced: false,
				exact: true,
				lines: [
					{ what: 'a = b', have: 1, want: 2 },
					{ what: 'c', have: 1, want: 1 },
				],
			},
		}),
	);
	assert.deepEqual([broken.tone, broken.detail], ['bad', 'a = b']);
	const core = (load: number, pps = 1): Frame['cores'][0] => ({
		load,
		busy: load,
		empty: 0,
		pps,
		cycles: null,
		waiting: null,
		round_ns: null,
	});
	assert.equal(coreVerdict(liveWith([], { cores: [core(0.2), core(0.97)] })).tone, 'bad');
	assert.equal(
		coreVerdict(liveWith([], { cores: [core(0.97)] }, false)).tone,
		'good',
		'a file is read as fast as can be',
	);
	const capture = coreVerdict(liveWith([], { cores: [core(0.2), core(0.3)], capture: { load: 0.96 } }));
	assert.deepEqual([capture.tone, capture.detail], ['bad', 'capture is saturated']);
	const ended = coreVerdict(liveWith([], { state: 'ended', cores: [core(1)] }, false));
	assert.equal(ended.tone, 'good', 'a file that was read: nothing is saturated any more');
	assert.equal(imbalance(liveWith([], { cores: [core(0.1, 100), core(0.1, 300)] })), 1.5);
	assert.equal(imbalance(liveWith([], { cores: [core(0.1, 100)] })), null);
	assert.equal(
		sourceState(liveWith([]), { phase: 'waiting', attempt: 1, retryAt: 1, lostAt: 1, reason: '' }).text,
		'connection lost',
	);
});

test('the waterfall gives each packet one way, and what is not known says so', () => {
	const values: Record<string, number | null> = {
		rx_received: 90,
		rx_kernel_drops: 10,
		rx_nic_drops: null,
		rx_stack_drops: 3,
		rx_filtered: 20,
		rx_delivered: 70,
		lane_full: 5,
	};
	const fates = [
		{ name: 'arp', help: '', count: 5 },
		{ name: 'flow', help: '', count: 60 },
		{ name: 'icmp', help: '', count: 0 },
	];
	const data = waterfall((name) => values[name] ?? null, fates, true, true);
	assert.deepEqual(
		data.steps.map((s) => [s.name, s.count]),
		[
			['Wire', 103],
			['NIC', 103],
			['Driver', 103],
			['Kernel', 100],
			['Source', 90],
			['Lanes', 70],
			['Decode', 65],
		],
	);
	assert.equal(data.steps[1]?.unknown, true);
	data.steps
		.slice(0, -1)
		.forEach((step, i) =>
			assert.equal(step.count - step.exits.reduce((n, e) => n + e.count, 0), data.steps[i + 1]?.count),
		);
	assert.deepEqual(
		data.fates.map((f) => f.name),
		['flow', 'arp'],
	);
	assert.equal(
		data.fates.reduce((n, f) => n + f.count, 0),
		65,
	);
	assert.deepEqual(heights([0, 1, 500], 1000, 100), [0, 2, 50]);
});

const layers: Field[] = [
	{
		name: 'eth',
		label: 'Ethernet',
		offset: 0,
		length: 14,
		fields: [{ name: 'eth.dst', label: 'Destination', value: '02', offset: 0, length: 6 }],
	},
	{
		name: 'ip',
		label: 'IP',
		offset: 14,
		length: 20,
		fields: [
			{
				name: 'ip.flags',
				label: 'Flags',
				value: 2,
				text: '0x2',
				offset: 20,
				length: 1,
				fields: [{ name: 'ip.df', label: 'DF', value: true, offset: 20, length: 1 }],
			},
		],
	},
];

test('the tree: parents before children, walked by keys, closed parts are passed over', () => {
	const nodes = flatten(layers);
	assert.deepEqual(
		nodes.map((n) => [n.field.name, n.depth, n.parent]),
		[
			['eth', 0, -1],
			['eth.dst', 1, 0],
			['ip', 0, -1],
			['ip.flags', 1, 2],
			['ip.df', 2, 3],
		],
	);
	assert.deepEqual(
		ancestors(nodes, 4).map((n) => n.field.name),
		['ip', 'ip.flags', 'ip.df'],
	);
	const closed = new Set([2]);
	assert.deepEqual(
		visible(nodes, closed).map((n) => n.index),
		[0, 1, 2],
	);
	assert.deepEqual([...reveal(nodes, closed, 4)], []);
	assert.deepEqual(walk(nodes, closed, 2, 'ArrowDown'), { select: 2 });
	assert.deepEqual(walk(nodes, closed, 2, 'ArrowRight'), { open: 2 });
	assert.deepEqual(walk(nodes, new Set(), 2, 'ArrowLeft'), { close: 2 });
	assert.deepEqual(walk(nodes, new Set(), 4, 'ArrowLeft'), { select: 3 });
	assert.equal(walk(nodes, new Set(), 4, 'x'), null);
	assert.equal(valueText(layers[1]?.fields?.[0] as Field), '0x2');
	assert.equal(valueText({ name: '', label: '', offset: 0, length: 0, value: false }), 'no');
});

test('columns go by priority, rows by what can be seen', () => {
	const column = (key: string, width: number, priority: number): Column<number> => ({
		key,
		label: key,
		width,
		priority,
		cell: () => '',
	});
	const all = [column('a', 100, 1), column('b', 100, 3), column('c', 100, 2)];
	assert.deepEqual(
		fitColumns(all, 260).map((c) => c.key),
		['a', 'c'],
	);
	assert.deepEqual(
		fitColumns(all, 10).map((c) => c.key),
		['a'],
	);
	assert.deepEqual(
		fitColumns(all, 999).map((c) => c.key),
		['a', 'b', 'c'],
	);
	assert.deepEqual(visibleRows(0, 280, 28, 100_000, 6), { from: 0, to: 16 });
	const far = visibleRows(2_799_720, 280, 28, 100_000, 6);
	assert.ok(far.to === 100_000 && far.to - far.from < 40);
	assert.deepEqual(visibleRows(5000, 280, 28, 3), { from: 3, to: 3 });
	assert.equal(nextOrder(false, 'desc', true), 'desc');
	assert.equal(nextOrder(true, 'desc', true), 'asc');
	assert.equal(nextOrder(false, 'desc', false), 'asc');
});

test('words, terms, shades, octaves, parts', () => {
	assert.ok(matchesWords(['TCP', '!ack'], 'tcp [SYN]'));
	assert.ok(!matchesWords(['tcp', '!syn'], 'tcp [SYN]'));
	assert.equal(withTerm('a b', 'b'), 'a b');
	assert.equal(withEndpoints('10.0.0.1:443'), 'host:10.0.0.1 port:443');
	assert.equal(withEndpoints('tcp [2001:db8::1]:80 x'), 'tcp host:2001:db8::1 port:80 x');
	assert.equal(withEndpoints('!t13d1516h2_8daaf6152771_e5627efa2ab1'), '!ja4:t13d1516h2_8daaf6152771_e5627efa2ab1');
	for (const same of ['port:443', 'ja4:t13d1516h2_8daaf6152771_e5627efa2ab1', 'host:10.0.0.1', '2001:db8::1', 'port:80,443', 'rtt>1.5ms'])
		assert.equal(withEndpoints(same), same);
	assert.equal(hostOf('tcp host:10.0.0.1'), '10.0.0.1');
	assert.deepEqual(packetsOf('host:10.0.0.1'), { host: '10.0.0.1' });
	assert.deepEqual(packetsOf('host:10.0.0.1 !port:22 proto=tcp'), { filter: 'host:10.0.0.1 !port:22 proto=tcp' });
	for (const none of ['', 'state:reset port:80', 'portal:1', 'port', `port:${'1,'.repeat(99)}1`]) assert.equal(packetsOf(none), null);
	for (const none of ['host:10.0.0.0/8', '!host:10.0.0.1', 'host:10.0.0.1 host:10.0.0.2', 'port:443', ''])
		assert.equal(hostOf(none), null);
	const alert = { time: 100, window_secs: 5, source_ip: null, target_ip: '2001:db8::1', target_port: 80 };
	assert.deepEqual(recorded(alert as AlertRow), { host: '[2001:db8::1]:80', from: '85' });
	assert.deepEqual(recorded({ ...alert, source_ip: '10.0.0.1' } as AlertRow), { host: '10.0.0.1', from: '85' });
	assert.equal(withoutTerm('a  b c', 1), 'a c');
	assert.equal(shade(null, 5), 0);
	assert.equal(shade(5, 5), 9);
	assert.equal(shade(0.001, 5), 1);
	assert.deepEqual(
		byOctave([
			[130, 2],
			[200, 1],
			[600, 4],
		]),
		[
			{ from: 128, count: 3 },
			{ from: 256, count: 0 },
			{ from: 512, count: 4 },
		],
	);
	const parts = largest(
		[
			{ name: 'a', packets: 1, bytes: null },
			{ name: 'b', packets: 9, bytes: null },
			{ name: 'c', packets: 2, bytes: null },
		],
		2,
	);
	assert.deepEqual(
		parts.map((p) => [p.name, p.packets]),
		[
			['b', 9],
			['2 others', 3],
		],
	);
	const mixed = [
		{ name: 'many', packets: 9, bytes: 100 },
		{ name: 'large', packets: 1, bytes: 900 },
	];
	assert.equal(measureOf(mixed)(mixed[1] as (typeof mixed)[0]), 900, 'a share is of what stands beside it');
	assert.equal(largest(mixed, 9)[0]?.name, 'large');
	assert.equal(measureOf([{ name: 'a', packets: 3, bytes: null }])({ name: 'a', packets: 3, bytes: null }), 3);
	assert.equal(sparkPath([1, null, 1, 2], 30, 12, 2).split('M').length - 1, 2);
});

test('configuration by section; findings of any shape, the worst first', () => {
	const sections = configSections({
		capture: { filter: '', promiscuous: true },
		'web.tls.enabled': false,
		web: { port: 8080, allowed_hosts: [] },
	});
	assert.deepEqual(
		sections.map((s) => s.name),
		['capture', 'web.tls', 'web'],
	);
	assert.deepEqual(sections[0]?.rows, [
		{ key: 'filter', value: '–' },
		{ key: 'promiscuous', value: 'yes' },
	]);
	assert.equal(findings(null), null);
	const list = findings([{ status: 'ok', name: 'A' }, { severity: 'error', title: 'B', fix: 'do' }, 'plain', 7]);
	assert.deepEqual(
		list?.map((f) => [f.level, f.title]),
		[
			['bad', 'B'],
			['note', 'plain'],
			['ok', 'A'],
		],
	);
	assert.deepEqual(list?.[0]?.lines, ['fix: do']);
	assert.deepEqual(findings({ findings: [] }), []);
});

test('a histogram in words: since when, and how many are within what', () => {
	const before: [number, number][] = [
		[100, 5],
		[200, 1],
	];
	const now: [number, number][] = [
		[100, 995],
		[200, 1],
		[5000, 10],
		[90_000, 1],
	];
	assert.deepEqual(since(before, now), [
		[100, 990],
		[5000, 10],
		[90_000, 1],
	]);
	assert.equal(quantile(now, 0.5), 100);
	assert.equal(quantile(now, 0.99), 5000);
	assert.equal(quantile(now, 1), 90_000);
	assert.equal(quantile([], 0.5), null);
	assert.equal(
		histogramSentence(now, 'round'),
		'1,007 rounds: half within 100 ns, 99 % within 5.00 µs, 99.9 % within 5.00 µs, all within 90.0 µs',
	);
	assert.equal(histogramSentence([], 'burst'), 'no burst yet');
});
