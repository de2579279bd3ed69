#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// Time on the page before the program itself: what it says is what the server says, values stand soon after a reload, threads have run.
import { join } from 'node:path';
import { assert, check, clean, finish, freePort, needBrowser, needProgram, openBrowser, openPage, ROOT, shot, show, startProgram, until } from './harness.mjs';

needBrowser();
const program = needProgram();
const port = await freePort();
const url = `http://127.0.0.1:${port}/`;
const api = async (path) => (await fetch(`${url}api/v1/${path}`)).json();
const whole = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ',');
const SYNTH = ['--backend', 'synth', '--synth-paced', '--synth-rate-pps', '20000', '--synth-flows', '500', '--synth-flow-packets', '100', '--synth-loss', '0.01'];
let running = await startProgram(program, [...SYNTH, '--quiet', '--workers', '2'], port);
const page = await openPage(await openBrowser(), url);
const RELOADS = 5;

await check('program: values stand after a reload without waiting for a tick', async () => {
	await page.addInitScript(() => {
		const look = () => {
			const value = document.querySelector('[data-card=Throughput] [data-value]')?.textContent ?? '';
			const canvas = document.querySelector('.traffic canvas');
			if (/\d/.test(value) && canvas) window.painted = performance.now();
			else requestAnimationFrame(look);
		};
		look();
	});
	await until('a second of traffic', async () => (await api('history?series=packets')).points.length > 1);
	const times = [];
	for (let i = 0; i < RELOADS; i++) {
		await page.goto(`${url}#/overview`);
		await page.reload();
		await page.waitForFunction(() => window.painted !== undefined);
		times.push(await page.evaluate(() => window.painted));
	}
	times.sort((a, b) => a - b);
	console.error(`values and chart after a reload: ${times.map((t) => Math.round(t)).join(', ')} ms`);
	// A machine with other work is slower, but the fastest of five has waited for no tick, which takes a second.
	assert(times[0] < 900, `the fastest of ${RELOADS} reloads took ${times[0]} ms`);
});

await check('program: the start of the run is marked, and a reload of the view shows the same range', async () => {
	await show(page, 'overview?span=0');
	await page.waitForSelector('.mark[aria-label*="Run began"]');
	await page.click('.mark[aria-label*="Run began"]');
	await page.waitForSelector('[data-moment] .happened:has-text("Run began")');
	await page.waitForSelector('.then-flows a');
	await shot(page, 'program-moment');
});

await check('program: threads tell what they have run, by both accounts', async () => {
	await show(page, 'cores');
	for (const name of ['nsc-worker-0', 'nsc-worker-1', 'nsc-capture', 'nsc-publisher', 'control'])
		await page.waitForSelector(`[data-thread="${name}"]`);
	await until('shares of the system', async () => /\d+\.\d % *$|\d %/.test(await page.locator('[data-thread="nsc-worker-0"] b').textContent()));
	const own = await page.locator('[data-thread="nsc-capture"] td').first().textContent();
	assert(/\d/.test(own), `the capture thread has no load: ${own}`);
	await clean(page);
	await running.stop();
});

await check('program: sums of TCP and DNS are those of the history, of a file that was read', async () => {
	running = await startProgram(program, ['-r', join(ROOT, 'tests/data/sample.pcapng'), '--quiet'], port);
	await until('the end', async () => (await api('summary')).state === 'ended');
	const names = ['retransmissions', 'out_of_order', 'zero_windows', 'resets', 'dns_queries', 'dns_answers', 'dns_nxdomain'];
	const { columns, points } = await api(`history?series=${names.join(',')}`);
	const total = (name) => points.reduce((sum, p) => sum + (p[columns.indexOf(name)] ?? 0), 0);
	assert(total('dns_queries') > 0, 'the file has no DNS');
	await page.goto(`${url}#/tcp?span=0`);
	await page.reload();
	for (const [sum, name] of [['Retransmissions', 'retransmissions'], ['Out of order', 'out_of_order'], ['Zero windows', 'zero_windows'], ['Resets', 'resets']])
		await page.waitForSelector(`[data-sum="${sum}"] b:text-is("${whole(total(name))}")`);
	await shot(page, 'program-tcp');
	await show(page, 'dns?span=0');
	for (const [sum, name] of [['Queries', 'dns_queries'], ['Answers', 'dns_answers'], ['NXDOMAIN', 'dns_nxdomain']])
		await page.waitForSelector(`[data-sum="${sum}"] b:text-is("${whole(total(name))}")`);
	const { dns } = await api('dns');
	for (const row of dns.servers) await page.waitForSelector(`[data-dns=Server] a[title="${row.server}"]`);
	for (const row of dns.names) await page.waitForSelector(`[data-dns=Name] a[title="${row.name}"]`);
	await shot(page, 'program-dns');
	await clean(page);
	await running.stop();
});
await finish();
