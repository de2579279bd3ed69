// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FlowRow, Frame, Hello, PacketRow, Point } from '../src/net/wire';
import {
	addLook,
	calledBy,
	nameParts,
	rates,
	rowRates,
	sameText,
	registered,
	sides,
	stateSpans,
	totalsOf,
	type Look,
} from '../src/state/flow';
import { goesBack, leavesGap, mergePoints } from '../src/state/history';
import {
	appendById,
	counter,
	EMPTY,
	mergeById,
	PACKETS_KEPT,
	tally,
	withFrame,
	withHello,
	withPackets,
	type Live,
} from '../src/state/live';
import { sampleWords } from '../src/state/samples';
import { toColumns } from '../src/state/series';
import { wantedRate } from '../src/state/session';
import { readSettings } from '../src/state/settings';

const packet = (id: number, protocol = 'TCP'): PacketRow => ({ id, protocol, wire_len: 100, line: '' }) as PacketRow;
const hello = (boot: string): Hello =>
	({ type: 'hello', boot_id: boot, counters: [{ name: 'a' }, { name: 'b' }] }) as unknown as Hello;
const frame = (seq: number, more: Partial<Frame> = {}): Frame =>
	({
		type: 'frame',
		frame_seq: seq,
		state: 'running',
		counters: [1, null],
		packets: [],
		alerts: [],
		points: [],
		losses: [],
		cores: [],
		...more,
	}) as unknown as Frame;

test('a new boot id begins anew, the same one goes on', () => {
	const first = withFrame(withHello(EMPTY, hello('x')), frame(5, { packets: [packet(1)] }), true);
	assert.equal(withHello(first, hello('x')).packets.length, 1);
	const again = withHello(first, hello('y'));
	assert.equal(again.packets.length, 0);
	assert.equal(again.frame, null);
	assert.equal(again.restarts, 1);
});

test('frames that were not asked for are not missed', () => {
	let now = withFrame(withHello(EMPTY, hello('x')), frame(5), true);
	now = withFrame(now, frame(9), true);
	assert.equal(now.missed, 3);
	now = withFrame(now, frame(30), false);
	assert.equal(now.missed, 3);
	assert.equal(withFrame(now, frame(30), true), now, 'an old frame changes nothing');
});

test('rows are kept in order, without doubles, bounded', () => {
	assert.deepEqual(
		appendById([packet(1), packet(2)], [packet(2), packet(3)], 2).map((p) => p.id),
		[2, 3],
	);
	const same = [packet(1)];
	assert.equal(appendById(same, [packet(1)], 9), same);
	assert.deepEqual(
		mergeById([packet(5)], [packet(3), packet(4), packet(5)], 2).map((p) => p.id),
		[4, 5],
	);
	let now = withHello(EMPTY, hello('x'));
	for (let i = 0; i < 100; i++)
		now = withFrame(
			now,
			frame(i + 1, { packets: Array.from({ length: 50 }, (_, k) => packet(i * 50 + k + 1)) }),
			true,
		);
	assert.equal(now.packets.length, PACKETS_KEPT);
	assert.equal(now.packets.at(-1)?.id, 5000);
});

test('the tally of protocols is bounded and counts each packet once', () => {
	let sampled = {};
	for (let i = 0; i < 100; i++) sampled = tally(sampled, [packet(i, `P${i}`)]);
	assert.ok(Object.keys(sampled).length <= 25);
	assert.equal(
		Object.values(sampled as Record<string, [number, number]>).reduce((n, [c]) => n + c, 0),
		100,
	);
	const now = withFrame(withHello(EMPTY, hello('x')), frame(1, { packets: [packet(2)] }), true);
	assert.deepEqual(withPackets(now, [packet(1), packet(2)]).sampled, { TCP: [2, 200] });
});

test('counters by name: unknown, absent and null are all null', () => {
	const now = withFrame(withHello(EMPTY, hello('x')), frame(1), true);
	assert.equal(counter(now, 'a'), 1);
	assert.equal(counter(now, 'b'), null);
	assert.equal(counter(now, 'c'), null);
	assert.equal(counter(EMPTY, 'a'), null);
});

test('how many packets are here, of how many, and why', () => {
	const names = ['worker_packets', 'sample_missed'];
	const told = (packets: number, missed: number, rate: number): Live =>
		({
			hello: { counters: names.map((name) => ({ name })), settings: { sample_rate: rate } },
			frame: { counters: [packets, missed] },
		}) as unknown as Live;
	assert.deepEqual(sampleWords(told(266, 0, 1), 266), ['266 packets · sampling every packet', '']);
	const [text, why] = sampleWords(told(4709, 3241, 1), 1468);
	assert.equal(text, '1,468 of 4,709 packets · sampling every packet · 3,241 missed');
	assert.match(why, /do not wait/);
	assert.equal(sampleWords(told(90_000, 0, 16), 2000)[0], '2,000 of 90,000 packets · sampling one of 16');
	assert.match(sampleWords(told(90_000, 0, 1), 2000)[1], /packet_buffer/);
	const chosen = (matched: number, missed: number): Live => ({ frame: { sampling: { matched, missed } } }) as unknown as Live;
	assert.equal(sampleWords(chosen(1, 0), 1)[0], '1 of 1 packet that matched');
	assert.equal(sampleWords(chosen(2811, 46), 50)[0], '50 of 2,811 packets that matched · 46 missed');
	assert.equal(sampleWords(chosen(16, 0), 18)[0], '18 of 18 packets that matched'); // the list is newer than the frame
});

test('points: newer words win, order holds, the oldest go, holes are seen', () => {
	const p = (t: number, bytes = 1): Point => [t, 1, 1, bytes, 0, 1];
	assert.deepEqual(mergePoints([p(1), p(2)], [p(2, 9), p(3)], 10), [p(1), p(2, 9), p(3)]);
	assert.deepEqual(mergePoints([p(5)], [p(3), p(4)], 2), [p(4), p(5)]);
	const same = [p(1), p(2), p(3)];
	assert.equal(mergePoints(same, [p(2), p(3)], 10), same, 'nothing new: the same array, nothing is drawn');
	assert.notEqual(mergePoints(same, [p(3, 2)], 10), same);
	assert.ok(leavesGap([p(1)], [p(3)]));
	assert.ok(!leavesGap([p(1)], [p(2)]));
	assert.ok(!leavesGap([], [p(2)]));
	assert.ok(goesBack([p(7200)], [p(3600), p(3601)]));
	assert.ok(!goesBack([p(7200)], [p(7199), p(7200)]));
	assert.ok(!goesBack([], [p(2)]));
});

test('a gap in the points is a gap in the line, a second without packets is not', () => {
	const columns = toColumns(
		[
			[10, 1, 5, 100, 0, 1],
			[11, 1, 0, 0, null, 1],
			[20, 2, 4, 50, 3, 1],
		],
	);
	assert.deepEqual(columns.bits, [800, 0, null, 200]);
	assert.deepEqual(columns.packets, [5, 0, null, 2]);
	assert.deepEqual(columns.drops, [0, null, null, 3]);
	assert.deepEqual(columns.x, [11, 12, 12.001, 22]);
	const down = toColumns([[10, 1, 5, 100, 0, 1, false], [11, 1, 0, 0, 0, 1, true], [12, 1, 2, 50, 0, 1, true]]);
	assert.deepEqual(down.bits, [800, null, 400], 'no traffic while the link is down is no zero');
	assert.deepEqual(down.down, [null, 11, null]);
});

const flow = (more: Partial<FlowRow>): FlowRow =>
	({
		key: 'k',
		endpoint_a: { ip: '1', port: 1 },
		endpoint_b: { ip: '2', port: 2 },
		packets_a_to_b: 3,
		packets_b_to_a: 4,
		bytes_a_to_b: 30,
		bytes_b_to_a: 40,
		bytes_total: 70,
		client: null,
		...more,
	}) as FlowRow;

test('who opened a flow stands left', () => {
	assert.equal(sides(flow({ client: 'b_to_a' })).left.end.ip, '2');
	assert.equal(sides(flow({ client: 'b_to_a' })).left.bytes, 40);
	assert.equal(sides(flow({ client: 'a_to_b' })).left.packets, 3);
	assert.equal(sides(flow({})).known, false);
	const b = { country_b: 'DE', asn_b: 64500, as_org_b: 'Example Net' };
	assert.equal(registered(sides(flow({ ...b, client: 'b_to_a' })).left), 'DE AS64500 Example Net');
	assert.equal(registered(sides(flow({ ...b, country_b: null, as_org_b: null })).right), 'AS64500');
	assert.equal(registered(sides(flow(b)).left), '');
});

test('a flow is called by its name, else by its application; a port alone is a guess', () => {
	const called = (some: object) => calledBy(some as FlowRow);
	assert.deepEqual(called({ name: 'a.example', app: 'tls', app_source: 'payload' }), {
		text: 'a.example',
		guess: false,
	});
	assert.deepEqual(called({ name: null, app: 'ssh', app_source: 'payload' }), { text: 'ssh', guess: false });
	assert.deepEqual(called({ name: null, app: 'ssh', app_source: 'port' }), { text: 'ssh', guess: true });
	assert.equal(called({ name: null, app: null, app_source: null }), null);
	assert.equal(called({}), null, 'a server that knows no names');
});

test('the end of a name stays, and its parts are the name', () => {
	assert.deepEqual(nameParts('cdn-7.static.example.com'), ['cdn-7.static.', 'example.com']);
	assert.deepEqual(nameParts('example.com'), ['example.com', '']);
	assert.deepEqual(nameParts('[2001:db8::1]'), ['[2001:db8::1]', '']);
	for (const name of ['', '.', '..', 'a..b', 'x.'.repeat(120), `a.${'b'.repeat(60)}.${'c'.repeat(60)}`])
		assert.equal(nameParts(name).join(''), name);
});

test('a filter for the same text, when the language can say it', () => {
	assert.equal(sameText('name', 'a.example'), 'name:a.example');
	assert.equal(sameText('name', '<a b>'), null);
	assert.equal(sameText('alpn', 'a,b'), null);
	assert.equal(sameText('ja4', null), null);
});

const seen = (clock: number, more: Partial<Look> = {}): Look => ({
	clock,
	bytes: [clock * 100, 0],
	packets: 1,
	rtt: 1,
	rttSamples: 1,
	troubles: 0,
	state: 'established',
	firstSeen: 1,
	...more,
});

test('looks at a flow: rates, states, and another flow of the same name', () => {
	const looks = [seen(10, { state: 'syn_sent' }), seen(11), seen(13), seen(13)].reduce<Look[]>(addLook, []);
	assert.equal(looks.length, 3);
	assert.deepEqual(rates(looks), [800, 0]);
	assert.equal(rates(looks.slice(0, 1)), null);
	assert.deepEqual(
		stateSpans(looks).map((s) => [s.state, s.from, s.to, s.seen]),
		[
			['syn_sent', 1, 11, false],
			['established', 11, 13, true],
		],
	);
	assert.equal(addLook(looks, seen(14, { firstSeen: 12 })).length, 1);
	const rowed = rowRates(totalsOf([flow({ bytes_total: 70 })], 10), [flow({ bytes_total: 170 })], 12);
	assert.equal(rowed.get('k'), 400);
	assert.equal(rowRates(new Map(), [flow({})], 12).size, 0);
});

test('paused asks for nothing, a hidden tab for little', () => {
	assert.equal(wantedRate(false, false, 100), 100);
	assert.equal(wantedRate(true, false, 100), 10_000);
	assert.equal(wantedRate(true, false, 20_000), 20_000);
	assert.equal(wantedRate(false, true, 100), 0);
	assert.equal(wantedRate(true, true, 100), 0);
});

test('settings that make no sense become the defaults', () => {
	assert.equal(readSettings('{"theme":"dark","units":"bytes"}').units, 'bytes');
	assert.deepEqual(readSettings('{"theme":7,"span":-1}'), readSettings(null));
	assert.deepEqual(readSettings('nonsense'), readSettings(null));
});
