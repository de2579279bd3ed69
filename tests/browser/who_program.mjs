#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// "Who used most in the last minute, and what for?" against the program, live and on a file: three clicks from the overview; what the
// page says is what /api/v1/groups says.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, check, clean, finish, freePort, needBrowser, needProgram, openBrowser, openPage, ROOT, shot, show, startProgram, temporary, until } from './harness.mjs';
import { hostileCapture } from './hostile.mjs';

needBrowser();
const program = needProgram();
const port = await freePort();
const url = `http://127.0.0.1:${port}/`;
const SYNTH = ['--backend', 'synth', '--synth-paced', '--synth-rate-pps', '20000', '--synth-flows', '400', '--quiet', '--workers', '2'];
const FILE = ['-r', join(ROOT, 'tests/data/sample.pcapng'), '--quiet', '--names', 'full'];
const groups = async (query) => (await fetch(`${url}api/v1/groups?${new URLSearchParams(query)}`)).json();
let page;
const rows = (table) => page.locator(`[data-table=${table}] .rows .line`);
const text = (selector) => page.locator(selector).first().textContent();
const cell = (row, n) => row.locator('[role=gridcell]').nth(n);

async function walk(name) {
	await show(page, 'overview');
	await page.click('text=Who used most in the last minute?');
	await rows('groups').first().waitFor();
	await shot(page, `program-who-${name}-1`);
	assert(/ hosts, exact · .* flows, last /.test(await text('.summary')), await text('.summary'));
	const host = await text('[data-table=groups] .rows .line .value');
	const told = (await groups({ by: 'host', last: '60', limit: '20' })).rows.map((row) => row.key);
	assert(told.includes(host), `${host} is none of ${told}`);
	await cell(rows('groups').first(), 1).click();
	await page.locator(`[data-host="${host}"]`).waitFor();
	await rows('part-service').first().waitFor();
	await rows('host-flows').first().waitFor();
	await page.locator(name === 'live' ? '.host-time [data-sum=Retransmissions]' : '.host-time').first().waitFor();
	await shot(page, `program-who-${name}-2`);
	const service = await text('[data-table=part-service] .rows .line .value');
	await cell(rows('part-service').first(), 1).click();
	await page.locator('.frame[data-view=flows] [data-matched]').waitFor();
	await rows('flows').first().waitFor();
	await shot(page, `program-who-${name}-3`);
	const filter = await page.inputValue('main input[type=search]');
	assert(filter.startsWith(`host:${host} proto:`) && filter.endsWith(` port:${service}`), filter);
	const shown = await rows('flows').allTextContents();
	assert(shown.length > 0 && shown.every((row) => row.includes(`:${service}`)), 'a flow of another service');
}

let running = await startProgram(program, SYNTH, port);
page = await openPage(await openBrowser(), url);
await check('program, live: who used most in the last minute, and what for', () => walk('live'));

await check('program, live: every kind of group answers, or says why it has none', async () => {
	for (const by of ['host', 'service', 'name', 'app', 'net24', 'asn', 'country', 'vlan', 'interface', 'pair']) {
		await show(page, `who/${by}?as=table`);
		await page.locator(`[aria-label=By] [aria-pressed=true]`).waitFor();
		await rows('groups').or(page.locator('.empty b:not(:has-text("Waiting"))')).first().waitFor();
		if (['asn', 'country'].includes(by)) await page.waitForSelector('.empty:has-text("--geoip")');
	}
	await show(page, 'who/pair');
	await page.locator('.sankey a.ribbon').first().waitFor();
	await shot(page, 'program-sankey');
	await page.click('[aria-label=As] >> text=Matrix');
	await page.locator('.matrix td a').first().waitFor();
	await clean(page);
	await running.stop();
});

await check('program, a file that has ended: the same three clicks', async () => {
	running = await startProgram(program, FILE, port);
	await page.goto(`${url}#/overview`);
	await page.reload();
	await page.locator('[data-state=ended]').waitFor();
	await walk('file');
});

await check('program, a file: rows, sums and shares are those of /api/v1/groups', async () => {
	for (const by of ['host', 'service', 'name', 'app', 'net24', 'pair']) {
		const told = await groups({ by, limit: '32' });
		await show(page, `who/${by}?as=table`);
		await page.locator(`.summary[data-groups="${told.groups}"][data-exact="${told.exact}"]`).waitFor();
		if (!told.rows.length) continue;
		await until(`the rows of ${by}`, async () => {
			const keys = await page.locator('[data-table=groups] .rows .line').evaluateAll((all) =>
				all
					.sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
					.map((e) => decodeURIComponent(e.id.replace('row-groups-', ''))),
			);
			return keys.length > 0 && keys.every((key, i) => key === told.rows[i]?.key);
		});
		const share = `${((told.rows[0].bytes / told.total.bytes) * 100).toFixed(1)} %`;
		assert((await cell(rows('groups').first(), 1).textContent()) === share, `${by}: not ${share}`);
	}
	await clean(page);
	await running.stop();
});

await check('program: names that try to be script are text in groups and on the page of their host', async () => {
	const file = join(temporary('hostile'), 'hostile.pcap');
	writeFileSync(file, hostileCapture());
	running = await startProgram(program, ['-r', file, '--quiet', '--names', 'full'], port);
	await page.goto(`${url}#/who/name`);
	await page.reload();
	await page.waitForSelector('[data-table=groups]:has-text("img%20src")');
	await show(page, 'host/10.0.0.1');
	await page.waitForSelector('[data-table=part-name]:has-text("img%20src")');
	await page.click('[data-table=part-name] .rows .line >> nth=0 >> [role=gridcell] >> nth=1');
	await page.locator('.frame[data-view=flows] [data-matched]').waitFor();
	await until('its flow', async () => (await rows('flows').count()) > 0);
	assert((await page.evaluate(() => window.hacked)) === undefined, 'it ran');
	assert((await page.locator('main img, main script').count()) === 0, 'it became an element');
	await clean(page);
	await running.stop();
});
await finish();
