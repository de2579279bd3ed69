#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// The fleet: five sensors on loopback, one of them slow, one gone, one with a wrong certificate. Each is named, and the page waits for none.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { join } from 'node:path';
import { assert, check, clean, finish, freePort, needBrowser, needProgram, onEnd, openBrowser, openPage, shot, show, skipUnless, startProgram, temporary, until } from './harness.mjs';

needBrowser();
const program = needProgram();
const folder = temporary('fleet');
const [cert, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=x', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', cert]);
skipUnless(made.status === 0, 'the fleet in a browser: openssl makes no certificate');

const SYNTH = ['--backend', 'synth', '--synth-paced', '--synth-rate-pps', '3000', '--synth-flows', '100', '--quiet', '--workers', '1'];
const listen = async (server) => {
	const port = await freePort();
	await new Promise((done) => server.listen(port, '127.0.0.1', done));
	onEnd(() => server.closeAllConnections() ?? server.close());
	return port;
};
const slow = await listen(createServer(() => {}));
const secured = await listen(createSecure({ cert: readFileSync(cert), key: readFileSync(keyFile) }, (_, response) => response.end('{}')));
const [one, two, gone, own] = [await freePort(), await freePort(), await freePort(), await freePort()];
const first = await startProgram(program, [...SYNTH, '--spool', join(folder, 'spool'), '--sensor', 'rack7'], one);
await startProgram(program, SYNTH, two);
const WANT = [
	[`http://127.0.0.1:${one}`, /generating/],
	[`http://127.0.0.1:${two}`, /generating/],
	[`http://127.0.0.1:${slow}`, /slow.*within 2 s/],
	[`http://127.0.0.1:${gone}`, /not reached.*Connection refused/],
	[`https://127.0.0.1:${secured}`, /certificate not trusted/],
];
await startProgram(program, [...SYNTH, '--web-peers', WANT.map(([url]) => url).join(',')], own);
const browser = await openBrowser();
const page = await openPage(browser, `http://127.0.0.1:${own}/#/overview`);
const row = (url) => page.locator(`[data-table=fleet] .rows .line:has(a[href^="${url}"])`);

await check('the rail leads to the fleet, and only where there is one', async () => {
	await page.locator('.rail a[href="#/fleet"]').waitFor();
	const alone = await openPage(browser, `http://127.0.0.1:${two}/#/overview`);
	await alone.locator('.rail a[href="#/ledger"]').waitFor();
	await alone.waitForSelector('[data-state=generating]');
	assert((await alone.locator('.rail a[href="#/fleet"]').count()) === 0, 'a server without other sensors has it, too');
	await show(alone, 'fleet');
	await alone.waitForSelector('text=--web-peers');
	await alone.close();
});

await check('five sensors: each is named, in time', async () => {
	await page.locator('.rail a[href="#/fleet"]').click();
	const began = performance.now();
	await row(WANT[0][0]).waitFor();
	for (const [url, words] of WANT)
		await until(`${url} is ${words}`, async () => words.test(await row(url).textContent()), 30_000).catch(async (error) => {
			throw new Error(`${error.message}: ${await row(url).textContent()}`);
		});
	console.error(`all five are named ${Math.round(performance.now() - began)} ms after the view was opened`);
	const healthy = await row(WANT[0][0]).textContent();
	assert(healthy.includes('rack7') && healthy.includes('balanced') && /none/.test(healthy), healthy);
	await page.waitForSelector('text=3 of 5 sensors not reached');
	await shot(page, 'fleet-1280');
	await clean(page);
});

await check('the worst come first; a name is a plain link that tells the other page nothing', async () => {
	const states = await page.locator('[data-table=fleet] .rows .line').evaluateAll((lines) =>
		lines.sort((a, b) => a.ariaRowIndex - b.ariaRowIndex).map((line) => /generating/.test(line.textContent)),
	);
	assert(states.join() === 'false,false,false,true,true', `well: ${states}`);
	const link = row(WANT[0][0]).locator('a');
	assert((await link.getAttribute('rel')).includes('noopener'), 'no rel=noopener');
	const [opened] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
	await opened.waitForSelector('[data-state]');
	assert(opened.url().startsWith(WANT[0][0]), opened.url());
	assert((await opened.evaluate(() => window.opener)) === null, 'it knows who opened it');
	await opened.close();
});

await check('a sensor that goes keeps its last numbers, with their age', async () => {
	await first.stop();
	await until('it is gone', async () => /not reached/.test(await row(WANT[0][0]).textContent()), 30_000);
	const text = await row(WANT[0][0]).textContent();
	assert(text.includes('rack7') && /0\.\d\.\d/.test(text) && / s$/.test(text), text);
	await page.waitForSelector('text=4 of 5 sensors not reached');
});

await check('a phone has a card for each sensor', async () => {
	await page.setViewportSize({ width: 320, height: 640 });
	await page.waitForSelector('[data-table=fleet].as-cards .card-line');
	await page.waitForTimeout(200);
	const wide = await page.evaluate(() => document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth);
	assert(wide <= 0, `wider than the screen by ${wide} px`);
	await shot(page, 'fleet-320');
	await clean(page);
});
await finish();
