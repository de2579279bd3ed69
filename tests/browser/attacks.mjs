#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// Attacks as states against the program: counted in the title, seen and muted in this browser also after a reload, flows and links a click
// away; the files that Flows offers.
import { assert, check, clean, finish, freePort, needBrowser, needProgram, openBrowser, openPage, shot, show, startProgram, until } from './harness.mjs';

needBrowser();
const program = needProgram();
const port = await freePort();
const url = `http://127.0.0.1:${port}/`;
const ATTACK = [
	...['--backend', 'synth', '--quiet', '--synth-attack', 'flood', '--synth-attack-every-s', '20', '--synth-attack-for-s', '18'],
	...['--synth-attack-share', '0.5', '--synth-rate-pps', '20000', '--synth-packets', '300000', '--anomalies', '--recorder-mb', '16'],
	...['--web-link', 'Wiki=https://wiki.example/?q={host}&t={from_ms},Names=https://wiki.example/?n={name}'],
];
const running = await startProgram(program, ATTACK, port);
const page = await openPage(await openBrowser(), url);
const api = async (path) => (await fetch(`${url}api/v1/${path}`)).json();
await until('the end', async () => (await api('summary')).state === 'ended');
const told = await api('episodes');
const title = () => page.title();

await check('attacks: the view has one panel for each, with what the server says', async () => {
	assert(told.episodes.length > 0, 'no attack');
	await show(page, 'alerts');
	await page.locator('[data-episode]').first().waitFor();
	assert((await page.locator('[data-episode]').count()) === told.episodes.length, 'not one panel for each');
	assert((await page.locator('[data-open=true]').count()) === told.open, 'another number goes on');
	await page.waitForSelector('[data-shared=false]:has-text("--web-auth")');
	await shot(page, 'program-attacks-light');
	await clean(page);
});

await check('attacks: seen and muted are quiet here, also after a reload', async () => {
	const one = page.locator('[data-episode]').first();
	await one.locator('text=Mark as seen').click();
	await page.locator('[data-episode][data-seen=true]').first().waitFor();
	await one.locator('button:has-text("Mute")').click();
	await page.locator('[data-mutes="1"]').waitFor();
	await page.reload();
	await page.locator('[data-episode][data-seen=true][data-muted=true]').first().waitFor();
	await until('a title without what is seen', async () => !(await title()).startsWith(`(${told.open})`) || told.open === 0);
	await page.locator('[data-mutes] button').click();
	await page.locator('[data-mutes]').waitFor({ state: 'detached' });
	assert((await api('episodes')).mutes.length === 0, 'the server was told');
});

await check('attacks: flows, packets and other tools are a click away', async () => {
	const one = page.locator('[data-episode]').first();
	const tool = one.locator('[data-tool=Wiki]');
	const to = new URL(await tool.getAttribute('href'));
	assert(to.host === 'wiki.example' && to.searchParams.get('q') === told.episodes[0].target_ip, String(to));
	assert((await tool.getAttribute('rel')) === 'noopener noreferrer', 'it tells where it comes from');
	assert((await one.locator('[data-tool=Names]').count()) === 0, 'a link without its value');
	await one.locator('[data-recorder]').waitFor();
	await one.locator('text=its flows').click();
	await page.locator('.frame[data-view=flows] [data-matched]').waitFor();
	await page.locator('[data-download=csv]').waitFor();
	await shot(page, 'program-attacks-flows');
});

await check('attacks: what Flows offers as a file is what the list counts', async () => {
	const matched = Number(await page.locator('[data-matched]').getAttribute('data-matched'));
	for (const format of ['csv', 'json']) {
		const answer = await fetch(new URL(await page.locator(`[data-download=${format}]`).getAttribute('href'), url));
		const body = await answer.text();
		const rows = format === 'csv' ? body.trimEnd().split('\n').length - 1 : JSON.parse(body).length;
		assert(rows === matched, `${rows} rows of ${matched} as ${format}`);
	}
});

await check('attacks: every alert is still a list of its own', async () => {
	await show(page, 'alerts');
	await page.locator('[aria-label="Which alerts"] button:has-text("Every alert")').click();
	await page.locator('[data-alert]').first().waitFor();
	await page.setViewportSize({ width: 320, height: 640 });
	await show(page, 'alerts');
	await page.locator('[data-episode]').first().waitFor();
	await shot(page, 'program-attacks-phone');
	assert((await page.evaluate(() => document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth)) <= 0, 'wider than the screen');
	await clean(page);
});

void running;
await finish();
