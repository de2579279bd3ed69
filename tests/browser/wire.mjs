#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// What a running sensor costs a browser: bytes in a second on each view. And lists: scrolled past what one answer has, and standing still under
// the pointer.
import { connect, createServer } from 'node:net';
import {
	assert,
	check,
	clean,
	finish,
	freePort,
	needBrowser,
	needProgram,
	onEnd,
	openBrowser,
	openPage,
	show,
	shot,
	startProgram,
	until,
	VIEWS,
} from './harness.mjs';

needBrowser();
const program = needProgram();
const MOST = 40_000; // bytes in a second
const SYNTH = ['--backend', 'synth', '--synth-paced', '--synth-rate-pps', '4000', '--synth-flows', '3000', '--synth-flow-packets', '400', '--quiet', '--poll', 'block', '--workers', '2'];

/** Counts what comes back from a server. */
async function counted(port) {
	const count = { bytes: 0 };
	const proxy = createServer((client) => {
		const server = connect(port, '127.0.0.1');
		server.on('data', (data) => {
			count.bytes += data.length;
			client.write(data);
		});
		client.on('data', (data) => server.write(data));
		for (const [one, other] of [[client, server], [server, client]]) {
			one.on('close', () => other.destroy());
			one.on('error', () => other.destroy());
		}
	});
	count.port = await freePort();
	await new Promise((done) => proxy.listen(count.port, '127.0.0.1', done));
	onEnd(() => proxy.close());
	return count;
}

const port = await freePort();
await startProgram(program, SYNTH, port);
const count = await counted(port);
const browser = await openBrowser();
const page = await openPage(browser, `http://127.0.0.1:${count.port}/#/overview`);
const api = async (path) => (await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)).json();

const key = encodeURIComponent((await api('flows?limit=1&sort=bytes')).flows[0].key);
const views = [...VIEWS.map((v) => (v === 'flows' ? 'flows?list=all' : v)), 'flows?list=top', `flow/${key}`, 'profile/flame'];
const told = [];
for (const view of views)
	await check(`${view.replace(key, 'KEY')}: at most ${MOST / 1000} kB in a second`, async () => {
		await show(page, view);
		await page.waitForTimeout(1500); // what is fetched once
		const began = performance.now();
		const before = count.bytes;
		await page.waitForTimeout(4000);
		const rate = ((count.bytes - before) / (performance.now() - began)) * 1000;
		told.push(`${view.replace(key, 'KEY')} ${(rate / 1000).toFixed(1)}`);
		assert(rate > 1000, `only ${rate} bytes in a second: nothing is measured`);
		assert(rate <= MOST, `${Math.round(rate)} bytes in a second`);
	});
console.error(`kB/s: ${told.join(', ')}`);

await check('rows keep their places under the pointer, and get new values', async () => {
	await show(page, 'flows?list=all&sort=last_seen&order=desc');
	const rows = () =>
		page.evaluate(() =>
			[...document.querySelectorAll('[data-table=flows] .rows .line')]
				.sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
				.map((row) => [row.id, row.textContent]),
		);
	await page.locator('[data-table=flows] .rows .line').nth(12).waitFor();
	const ids = (all) => all.map(([id]) => id).join(' ');
	const free = await rows();
	await until('another order', async () => ids(await rows()) !== ids(free));
	await page.locator('[data-table=flows] .rows .line').nth(5).hover();
	const first = await rows();
	await page.waitForSelector('[data-table=flows] .held');
	await shot(page, 'use-held');
	await page.waitForTimeout(4500);
	let then = first;
	await until('a new value', async () => {
		then = await rows();
		return then.some(([, text], i) => text !== first[i]?.[1]);
	});
	assert(ids(then) === ids(first), 'rows have moved under the pointer');
	await page.mouse.move(5, 5);
	await until('the order of now', async () => ids(await rows()) !== ids(first));
	await page.waitForSelector('[data-table=flows] .held', { state: 'detached' });
	await clean(page);
});

await check('the page of a table is asked for where it is in sight, far behind the first thousand rows', async () => {
	const asked = [];
	const session = await page.context().newCDPSession(page);
	await session.send('Network.enable');
	session.on('Network.webSocketFrameSent', ({ response }) => {
		const message = JSON.parse(response.payloadData);
		if (message.type === 'query_flows') asked.push(message);
	});
	await show(page, 'flows?list=all&sort=first_seen&order=asc');
	const table = page.locator('[data-table=flows]');
	await until('all rows are known', async () => Number(await table.getAttribute('aria-rowcount')) > 2500);
	const lastRow = () => page.evaluate(() => Math.max(...[...document.querySelectorAll('[data-table=flows] .rows [aria-rowindex]')].map((r) => Number(r.ariaRowIndex))));
	await until('more than 2000 rows', async () => {
		await table.evaluate((element) => (element.scrollTop = element.scrollHeight));
		await page.waitForTimeout(100);
		return (await lastRow()) > 2000;
	});
	await page.waitForTimeout(2500);
	const newest = asked.at(-1);
	assert(newest.after, 'it was asked for without a cursor');
	assert(newest.limit <= 128, `${newest.limit} rows are asked for`);
	await table.evaluate((element) => (element.scrollTop = 0));
	await until('the first row', () => page.locator('[data-table=flows] .rows [aria-rowindex="2"]').count());
	await clean(page);
});
await page.close();

await finish();
