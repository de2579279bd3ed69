#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// A day of ticks in fast forward: 86,400 frames with packets and alerts. What the page holds after the first part and after the last is the same.
import {
	assert,
	buildPage,
	check,
	clean,
	finish,
	needBrowser,
	onEnd,
	openBrowser,
	openPage,
	show,
} from './harness.mjs';

needBrowser();
const { Mock } = await import('../../dashboard/page/mock/server.mjs');
const FRAMES = 86_400;
const FIRST = 20_000;
const mock = new Mock({ page: buildPage(), seed: 7, manual: true, history: 700 });
await mock.listen();
onEnd(() => mock.close());
const browser = await openBrowser();
const page = await openPage(browser, `http://127.0.0.1:${mock.port}/#/overview`);
await page.waitForSelector('.traffic canvas, .chart-empty');
const session = await page.context().newCDPSession(page);
await session.send('Performance.enable');

/** What is alive after collecting garbage: heap, elements, listeners. */
async function held() {
	for (let i = 0; i < 3; i++) await session.send('HeapProfiler.collectGarbage');
	const { metrics } = await session.send('Performance.getMetrics');
	const value = (name) => metrics.find((m) => m.name === name).value;
	return { heap: value('JSHeapUsedSize'), nodes: value('Nodes'), listeners: value('JSEventListeners') };
}

/** One real second's message, then copies of it whose numbers and times go on: making 86,400 seconds of traffic would be the slow part. */
const second = mock.engine.second();
let made = 0;
function frameText() {
	made++;
	const e = mock.engine;
	const shift = made;
	const frame = mock.frame([]);
	frame.tick = {
		...e.tick,
		seq: e.tick.seq + shift,
		start: e.tick.start + shift,
		end: e.tick.end + shift,
		alerts: made,
		pps: 1000 + (made % 977),
	};
	frame.points = [
		[e.tick.start + shift, 1, 1000 + (made % 977), 1e6 + (made % 331) * 1000, made % 400 === 0 ? 5 : 0, 800],
	];
	frame.packets = second.slice(0, 4).map((p, i) => ({ ...p, id: 1e6 + made * 4 + i }));
	if (made % 5 === 0)
		frame.alerts = [
			{
				id: made,
				time: frame.tick.end,
				kind: 'port_scan',
				description: `Port scan suspected: ${made} ports, 3 hosts from 10.0.3.77`,
				source_ip: '10.0.3.77',
				target_ip: null,
				target_port: null,
				window_secs: 10,
				observed: { unique_ports: made },
				thresholds: { unique_ports: 100 },
			},
		];
	return JSON.stringify(frame);
}

async function forward(frames) {
	const socket = [...mock.sockets.clients][0];
	for (let i = 0; i < frames; i++) {
		socket.send(frameText());
		if (i % 40 === 39) {
			while (socket.bufferedAmount > 0) await new Promise((done) => setTimeout(done, 1));
			await new Promise((done) => setTimeout(done, 0));
		}
	}
	const last = made;
	await page.waitForFunction(
		(n) => Number(document.querySelector('[data-card=Alerts] [data-value]')?.textContent.replaceAll(',', '')) === n,
		last,
		{ timeout: 240_000 },
	);
}

async function tour() {
	for (const view of ['tcp', 'dns', 'packets', 'alerts', 'cores', 'profile', 'profile/flame', 'ledger', 'system', 'overview']) await show(page, view);
	await page.waitForTimeout(300);
}

// All lists are full after the first 20,000: packets many times over, alerts (a fifth of the frames) too. By then the browser has compiled what
// is called often: its machine code is part of the heap, 0.7 MB of it.
await check(`${FRAMES} frames: heap, elements and listeners stay flat`, async () => {
	await forward(FIRST);
	await tour();
	await tour();
	const before = await held();
	await forward((FRAMES - FIRST) / 2);
	await tour();
	const middle = await held();
	await forward((FRAMES - FIRST) / 2);
	await tour();
	const after = await held();
	console.error(
		`heap ${[before, middle, after].map((h) => (h.heap / 1e6).toFixed(2)).join(' -> ')} MB, elements ${before.nodes} -> ${after.nodes}, listeners ${before.listeners} -> ${after.listeners}`,
	);
	assert(after.heap < before.heap * 1.1 + 0.3e6, `the heap went from ${before.heap} to ${after.heap} bytes`);
	assert(after.heap < middle.heap * 1.05 + 0.2e6, `the heap still grows: ${middle.heap} to ${after.heap} bytes`);
	assert(after.nodes < before.nodes * 1.05 + 50, `elements went from ${before.nodes} to ${after.nodes}`);
	assert(
		after.listeners < before.listeners * 1.05 + 10,
		`listeners went from ${before.listeners} to ${after.listeners}`,
	);
	await clean(page);
});
await finish();
