#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// The page that the program serves, over live synthetic traffic: every view, search, sort, inspector, pause, a restarted server, keys alone,
// narrow and wide, hostile names from a capture file, and the numbers of a finished file beside /api/v1/summary.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
	assert,
	check,
	clean,
	finish,
	freePort,
	needBrowser,
	needProgram,
	openBrowser,
	openPage,
	ROOT,
	shot,
	show,
	startProgram,
	temporary,
	until,
	VIEWS,
} from './harness.mjs';
import { EVIL, hostileCapture, SCRIPT } from './hostile.mjs';

needBrowser();
const program = needProgram();
const port = await freePort();
const url = `http://127.0.0.1:${port}/`;
const SYNTH = [
	'--backend',
	'synth',
	'--synth-paced',
	'--synth-rate-pps',
	'20000',
	'--synth-flows',
	'500',
	'--synth-flow-packets',
	'100',
	'--synth-loss',
	'0.01',
	'--quiet',
	'--workers',
	'2',
	'--recorder-mb',
	'16',
];
let running = await startProgram(program, SYNTH, port);
const browser = await openBrowser();
const page = await openPage(browser, url);
const text = (selector) => page.locator(selector).first().textContent();
const api = async (path) => (await fetch(`${url}api/v1/${path}`)).json();
const rows = (table) => page.locator(`[data-table=${table}] .rows .line`);

const CONTENT = {
	overview: '.traffic canvas',
	who: '[data-table=groups] .rows .line',
	flows: '[data-table=flows] .rows .line',
	tcp: '[data-sum=Retransmissions]',
	dns: '[data-sum=Queries]',
	packets: '[data-table=packets] .rows .line',
	alerts: '[data-alert], .empty',
	cores: '[data-worker]',
	profile: 'canvas[data-timeline]',
	ledger: '.waterfall svg, .waterfall .stacked',
	system: '.config dt',
};
for (const [width, height, theme] of [
	[1280, 800, 'light'],
	[320, 640, 'dark'],
	[2560, 1300, 'dark'],
]) {
	await page.setViewportSize({ width, height });
	await page.evaluate(
		(t) => localStorage.setItem('netscope.settings', JSON.stringify({ theme: t, span: 60 })),
		theme,
	);
	await page.reload();
	for (const view of VIEWS) {
		await check(`program: ${view}, ${width} px, ${theme}`, async () => {
			await show(page, view === 'flows' ? 'flows?list=all' : view);
			await page.locator(CONTENT[view]).first().waitFor();
			await page.waitForTimeout(200);
			await shot(page, `program-${view}-${width}-${theme}`);
			assert(
				(await page.evaluate(
					() => document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth,
				)) <= 0,
				'wider than the screen',
			);
			assert((await page.evaluate(() => document.documentElement.dataset.theme)) === theme, 'not that theme');
			await clean(page);
		});
	}
}
await page.setViewportSize({ width: 1280, height: 800 });

await check('program: numbers move', async () => {
	await show(page, 'overview');
	const first = await text('[data-card="Active flows"] .detail');
	await until('another number of flows', async () => (await text('[data-card="Active flows"] .detail')) !== first);
});

await check('program: search and sort over the whole table', async () => {
	await page.keyboard.press('/');
	await page.keyboard.type('proto:udp');
	await page.keyboard.press('Enter');
	await page.locator('[data-matched]').waitFor();
	await until('only udp', async () => {
		const found = await rows('flows').allTextContents();
		return found.length > 0 && found.every((row) => row.startsWith('udp'));
	});
	await page.fill('main input[type=search]', 'nonsense:1');
	await page.locator('.result .bad').waitFor();
	await page.fill('main input[type=search]', '');
	await page.click('[data-sort=packets]');
	await page.locator('[aria-sort=descending] [data-sort=packets]').waitFor();
	await page.waitForTimeout(700);
	const shown = await page.evaluate(() =>
		[...document.querySelectorAll('[data-table=flows] .rows .line')]
			.sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
			.slice(0, 10)
			.map((r) => r.id.replace('row-flows-', '')),
	);
	const told = new Map((await api('flows?sort=packets&limit=1000')).flows.map((f) => [f.key, f.packets_total]));
	const counts = shown.map((key) => told.get(key)).filter((n) => n !== undefined);
	assert(
		counts.length > 5 && counts.every((n, i) => i === 0 || n <= counts[i - 1] * 1.2 + 20),
		`not descending: ${counts}`,
	);
});

await check('program: a flow page', async () => {
	await page.focus('[data-table=flows]');
	await page.keyboard.press('Home');
	await page.keyboard.press('Enter');
	await page.locator('.ends').waitFor();
	await until('rates', async () => !(await text('.end-box .pairs dd')).startsWith('–'));
	await shot(page, 'program-flow');
	const recorded = page.locator('a[data-recorder]');
	await recorded.waitFor();
	const file = Buffer.from(await (await fetch(new URL(await recorded.getAttribute('href'), url))).arrayBuffer());
	assert(file.length > 28 && file.readUInt32LE(0) === 0x0a0d0d0a, 'no capture file out of the recorder');
});

await check('program: inspector, and the buffer as a capture file', async () => {
	const { packets } = await api('packets?limit=20');
	await show(page, `packets/${packets[5].id}`);
	await page.locator('.hex .b').first().waitFor();
	await page.hover('[data-field="eth.dst"]');
	assert((await page.locator('.hex .b.hot').count()) === 6, 'six bytes of the destination are to be lit');
	await page.hover('.hex .b[data-at="6"]');
	assert((await page.locator('.field-row.hot').getAttribute('data-field')) === 'eth.src', 'byte 6 is the source');
	await page.focus('[role=tree]');
	await page.keyboard.press('ArrowDown');
	await page.locator('[data-field="eth.dst"][aria-selected=true]').waitFor();
	await shot(page, 'program-inspector');
	const href = await page.locator('a[download="netscope-packets.pcapng"]').getAttribute('href');
	const bytes = Buffer.from(await (await fetch(new URL(href, url))).arrayBuffer());
	assert(bytes.length > 1000 && bytes.readUInt32LE(0) === 0x0a0d0d0a, 'no pcapng');
	await show(page, 'packets?filter=tcp');
	const shown = page.locator('a[download="netscope-packets.pcapng"]');
	await until('the file of what is shown', async () => /ids=\d+,\d+/.test(await shown.getAttribute('href')));
});

await check('program: the timeline is shown, every thread in it, and saved', async () => {
	await show(page, 'profile');
	await page.locator('canvas[data-timeline]').waitFor();
	const threads = (await page.locator('.timeline-names button').allTextContents()).join();
	assert(threads === 'control,writer,publisher,worker 0,worker 1,capture,web', `threads: ${threads}`);
	const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=for Perfetto')]);
	const trace = JSON.parse(readFileSync(await download.path(), 'utf8'));
	assert(trace.traceEvents.some((e) => e.ph === 'X' && e.name === 'flow'), 'no stage in the timeline');
});

await check('program: the flame graph samples its own threads, or says why it cannot', async () => {
	await show(page, 'profile/flame');
	const refused = page.locator('.empty:has-text("cannot sample itself")');
	const start = page.locator('button:has-text("Start sampling")');
	await refused.or(start).first().waitFor();
	if (await refused.count()) return;
	await start.click();
	await until('samples', async () => Number(await page.locator('[data-samples]').getAttribute('data-samples', { timeout: 240_000 })) > 20);
	const functions = page.locator('[data-table=functions] .rows .line');
	await until('functions of the program', async () => /\bnsc_|run_/.test((await functions.allTextContents()).join()));
	await shot(page, 'program-flame');
	const href = await page.locator('a[download="netscope.folded"]').getAttribute('href');
	const folded = await (await fetch(new URL(href, url))).text();
	assert(/^nsc-worker-\d;.* \d+$/m.test(folded), folded.slice(0, 300));
	await page.click('text=Stop sampling');
	await start.waitFor();
});

await check('program: pause stands still, going on goes on', async () => {
	await show(page, 'overview');
	await page.evaluate(() => document.activeElement?.blur());
	await page.keyboard.press(' ');
	await page.locator('[data-state=paused]').waitFor();
	await page.waitForTimeout(300);
	const value = await text('.clock');
	await page.waitForTimeout(2300);
	assert((await text('.clock')) === value, 'it moved');
	await page.keyboard.press(' ');
	await until('the clock moves', async () => (await text('.clock')) !== value);
});

await check('program: keys alone reach every view', async () => {
	for (const view of VIEWS) {
		await page.keyboard.press('g');
		await page.keyboard.press({ profile: 't', tcp: 'r' }[view] ?? view[0]);
		await page.locator(`.frame[data-view=${view}]`).waitFor();
	}
	await page.keyboard.press('?');
	await page.locator('dialog[open]').waitFor();
	await page.keyboard.press('Escape');
});

await check('program: the page comes back after a restart of the server', async () => {
	await show(page, 'overview');
	await running.stop();
	await page.locator('.frame.stale').waitFor();
	await page.locator('[role=alert]').waitFor();
	await shot(page, 'program-stale');
	running = await startProgram(program, SYNTH, port);
	await page.locator('.frame:not(.stale)').waitFor({ timeout: 240_000 });
	await page.locator('[data-state=generating]').waitFor();
	await clean(page);
});
await running.stop();

await check('program: script in DNS name, SNI and HTTP host is text; the policy has nothing to report', async () => {
	const file = join(temporary('hostile'), '<b>hostile<b>.pcap');
	writeFileSync(file, hostileCapture());
	running = await startProgram(program, ['-r', file, '--quiet', '--names', 'full'], port);
	await page.goto(`${url}#/packets`);
	await page.reload();
	await until('three packets', async () => (await rows('packets').count()) === 3);
	for (const [id, field, name] of [
		[1, 'dns.qry.name', EVIL],
		[2, 'tls.handshake.extensions_server_name', SCRIPT],
		[3, 'http.host', EVIL],
	]) {
		await show(page, `packets/${id}`);
		const value = page.locator(`[data-field="${field}"] .field-value`).first();
		await value.waitFor();
		assert((await value.textContent()).includes(name), `${field} is "${await value.textContent()}"`);
	}
	await shot(page, 'program-hostile');
	for (const [filter, app] of [
		['port:53', 'dns'],
		['port:443', 'tls'],
		['port:80', 'http'],
	]) {
		await show(page, `flows?list=all&filter=${filter}+name:*%253cimg*`);
		await page.locator('[data-matched="1"]').waitFor(); /* may be of the filter before */
		await until(`the flow of ${app} alone`, async () => {
			const texts = await rows('flows').allTextContents();
			return texts.length === 1 && texts[0].includes(`${app}%3cimg%20src%3dx`);
		});
	}
	await show(page, 'overview');
	await page.locator('[data-state=ended]').waitFor();
	assert((await page.evaluate(() => window.hacked)) === undefined, 'it ran');
	assert((await page.locator('main img, main script, .top b b').count()) === 0, 'it became an element');
	await clean(page);
	await running.stop();
});

await check('program: a finished file: the page shows what /api/v1/summary says', async () => {
	running = await startProgram(program, ['-r', join(ROOT, 'tests/data/sample.pcapng'), '--quiet'], port);
	await page.goto(`${url}#/ledger`);
	await page.reload();
	await page.locator('[data-state=ended]').waitFor();
	const summary = await api('summary');
	const titles = await page.locator('.waterfall title').allTextContents();
	const whole = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
	assert(
		titles.includes(`Input: ${whole(summary.counters.rx_received)} packets`),
		`received ${summary.counters.rx_received}, the page says ${titles[0]}`,
	);
	for (const [fate, count] of Object.entries(summary.fates).filter(([, n]) => n > 0))
		assert(
			titles.some((t) => t.endsWith(`: ${whole(count)} packets`)),
			`${count} packets of fate ${fate} are not on the page`,
		);
	assert((await page.locator('[data-balanced=true]').count()) === 1, 'not balanced');
	assert((await page.locator('.borders li').count()) === summary.ledger.lines.length, 'other borders');
	await shot(page, 'program-ended');
	await show(page, 'overview');
	await page.waitForSelector('.verdict.good:has-text("Busiest core")');
	await shot(page, 'program-ended-overview');
	assert((await page.locator('.verdict.bad, .verdict.warn').count()) === 0, 'a file that was read whole is red');
	await show(page, 'packets');
	await page.waitForSelector('[data-packet-count="266"]:has-text("266 packets · sampling every packet")');
	await clean(page);
});
await finish();
