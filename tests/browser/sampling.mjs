#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// The filter for samples on the page, against the program with thousands of flows: the page of a flow gets its packets by one press,
// every browser reads what is set, and it is set and taken back with the keys alone, on a narrow screen too.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, check, clean, finish, freePort, needBrowser, needProgram, openBrowser, openPage, PAGE, shot, show, startProgram, until } from './harness.mjs';

needBrowser();
const program = needProgram();
const port = await freePort();
const url = `http://127.0.0.1:${port}/`;
const SYNTH = ['--backend', 'synth', '--synth-paced', '--synth-rate-pps', '50000', '--synth-flows', '5000', '--quiet', '--workers', '2'];
const running = await startProgram(program, SYNTH, port);
const axe = readFileSync(join(PAGE, 'node_modules/axe-core/axe.min.js'), 'utf8');
const api = async (path) => (await fetch(`${url}api/v1/${path}`)).json();
const browser = await openBrowser();
const page = await openPage(browser, url);
const rows = (at, table = 'packets') => at.locator(`[data-table=${table}] .rows .line`);

async function accessible(at) {
	await at.evaluate(axe);
	const found = await at.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations);
	const bad = found.filter((v) => ['serious', 'critical'].includes(v.impact));
	assert(bad.length === 0, bad.map((v) => `${v.id}: ${v.nodes[0].html}`).join('\n'));
}

/** What the page may not do: be wider than the screen. */
async function fits(at) {
	assert((await at.evaluate(() => document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth)) <= 0, 'wider than the screen');
}

let key;
await check('one press on the page of a flow, and its packets are there', async () => {
	const { flows } = await api('flows?sort=packets&order=asc&limit=50&filter=packets>20%20!ended:yes');
	key = flows.at(-1).key;
	await show(page, `flow/${encodeURIComponent(key)}`);
	await page.locator('.sampled .empty, .sampled .line').first().waitFor();
	const began = Date.now();
	await page.focus('text=Sample this flow\'s packets');
	await page.keyboard.press('Enter');
	await page.locator('.sampled [data-sampling]').waitFor();
	assert(await page.evaluate(() => document.activeElement.hasAttribute('data-sample-all')), 'the focus is lost');
	await rows(page).first().waitFor({ timeout: 20_000 });
	console.log(`# its first packet was shown after ${Date.now() - began} ms`);
	const { sampling } = await api('sampling');
	assert(sampling.key === key, `sampled is ${sampling.key}`);
	await shot(page, 'sampling-flow');
	await accessible(page);
});

await check('another browser reads what is set, sees only that, and takes it back', async () => {
	const other = await openPage(browser, url, { width: 360, height: 740 });
	await show(other, 'packets');
	await other.locator('.sampling [data-sampling]').waitFor();
	const told = await other.locator('.sampling [data-sampling]').textContent();
	assert(told.includes(key) && /matched, .* copied\. Ends in 15 minutes/.test(told), told);
	await rows(other).first().waitFor();
	const shown = await other.evaluate(() => [...document.querySelectorAll('[data-table=packets] .rows .line')].map((r) => r.textContent));
	const port_ = key.split('-')[2];
	assert(shown.length > 0 && shown.every((row) => row.includes(port_)), `a packet of another flow: ${shown[0]}`);
	assert(/^[\d,]+ of [\d,]+ packets? that matched/.test(await other.locator('[data-packet-count]').textContent()), 'the count');
	const href = await other.locator('.view-head a[download]').getAttribute('href');
	assert(/\?after=\d+$/.test(href), href);
	await fits(other);
	await shot(other, 'sampling-phone');
	await accessible(other);
	await other.click('[data-sample-all]');
	await other.locator('.sampling [data-sampling]').waitFor({ state: 'detached' });
	await page.locator('.sampled [data-sampling]').waitFor({ state: 'detached' });
	assert((await api('sampling')).sampling === null, 'still set');
	await clean(other);
	await other.close();
});

await check('with the keys alone: a filter that is wrong, one that is right, and none', async () => {
	await show(page, 'packets');
	await page.focus('#sampling');
	await page.keyboard.type('port:99999');
	await page.keyboard.press('Enter');
	await page.locator('.sampling [role=alert]:has-text("99999")').waitFor();
	await page.keyboard.press('Control+A');
	await page.keyboard.type('udp port:53');
	await page.keyboard.press('Enter');
	await page.locator('.sampling [data-sampling]:has-text("udp port:53")').waitFor();
	assert((await page.locator('.sampling [role=alert]').count()) === 0, 'the old error stays');
	await until('only port 53', async () => {
		const shown = await rows(page).allTextContents();
		return shown.length > 5 && shown.every((row) => row.includes(':53'));
	});
	await shot(page, 'sampling-packets');
	assert(await page.evaluate(() => document.activeElement.hasAttribute('data-sample-all')), 'the focus is lost when it is set');
	await page.keyboard.press('Enter');
	await page.locator('.sampling [data-sampling]').waitFor({ state: 'detached' });
	assert((await page.evaluate(() => document.activeElement.id)) === 'sampling', 'the focus is lost when it is taken back');
	await until('all flows again', async () => (await rows(page).allTextContents()).some((row) => !row.includes(':53')));
});

await check('dark; hostile words stay words', async () => {
	await page.evaluate(() => localStorage.setItem('netscope.settings', JSON.stringify({ theme: 'dark' })));
	await page.reload();
	await show(page, 'packets');
	await page.fill('#sampling', 'name:<img/src=x/onerror=alert(1)>*');
	await page.keyboard.press('Enter');
	await page.locator('.sampling [data-sampling] code:has-text("<img")').waitFor();
	await page.locator('.empty:has-text("No packet has matched yet")').waitFor();
	await accessible(page);
	await shot(page, 'sampling-dark');
	await clean(page);
	assert((await page.locator('.sampling img').count()) === 0, 'a name became an element');
	await running.stop();
});

await finish();
