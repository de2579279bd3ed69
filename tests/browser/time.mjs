#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// Time on the page: ranges in the address, the window over the whole run, one cursor, marks and what happened then, a comparison.
import { assert, check, clean, finish, mockedPage, needBrowser, shot, show, until } from './harness.mjs';

needBrowser();
const stage = await mockedPage();
const { page, text, url } = stage;
const DAY = 86_400;
await stage.start({ past: 35 * DAY, tick_ms: 1000 });
await page.goto(`${url}#/overview`);
await page.reload();
await page.waitForSelector('.traffic canvas');

const hash = () => page.evaluate(() => location.hash);
const query = async () => Object.fromEntries(new URLSearchParams((await hash()).split('?')[1] ?? ''));
const asked = []; // of the history, by every view
page.on('request', (request) => request.url().includes('/api/v1/history?') && asked.push(new URL(request.url()).searchParams));

async function drag(box, from, to) {
	await page.mouse.move(box.x + box.width * from, box.y + box.height / 2);
	await page.mouse.down();
	await page.mouse.move(box.x + box.width * to, box.y + box.height / 2, { steps: 5 });
	await page.mouse.up();
}

await check('every span is asked for as a range with no more than 1000 points', async () => {
	for (const [name, seconds] of [['3h', 10_800], ['1d', DAY], ['7d', 7 * DAY], ['30d', 30 * DAY], ['All', 0]]) {
		asked.length = 0;
		await page.click(`.time-bar .segments >> text="${name}"`);
		const ask = await until(`the answer for ${name}`, () => asked.find((q) => q.get('series')?.startsWith('packets,bytes')));
		const span = stage.mock.engine.clock - Number(ask.get('from'));
		assert(seconds ? Math.abs(span - seconds) < 5 : !ask.has('from'), `${name}: from ${ask.get('from')}, ${span} s`);
		assert(Number(ask.get('points')) <= 1000, `${ask.get('points')} points`);
		assert((await query()).span === String(seconds), `${name} is not in the address: ${await hash()}`);
	}
});

await check('a month: what is under the pointer has its date, and the window lies over most of the run', async () => {
	await page.click('.time-bar .segments >> text="30d"');
	const over = await page.locator('.u-over').boundingBox();
	await until('the date under the pointer', async () => {
		await page.mouse.move(over.x + 3 + Math.random(), over.y + 50);
		const date = /\d{4}-\d\d-\d\d/.exec(await text('[data-legend]'))?.[0];
		return date && Math.abs(Date.parse(date) / 1000 - (stage.mock.engine.clock - 30 * DAY)) < 2 * DAY;
	}, 20_000);
	const [track, window] = [await page.locator('.brush-track').boundingBox(), await page.locator('.brush-window').boundingBox()];
	const share = window.width / track.width;
	assert(share > 0.8 && share < 0.9, `the window covers ${share} of 35 days`);
	await shot(page, 'time-month');
});

await check('a drag over the chart is a range in the address; a reload shows it again, back undoes it', async () => {
	await page.click('.time-bar .segments >> text="1d"');
	await page.waitForTimeout(400);
	await drag(await page.locator('.u-over').boundingBox(), 0.25, 0.5);
	await page.waitForSelector('.zoom-reset');
	const { from, to } = await query();
	const now = stage.mock.engine.clock;
	assert(Math.abs(Number(to) - Number(from) - DAY / 4) < DAY * 0.02, `${from} to ${to}`);
	assert(Math.abs(Number(from) - (now - 0.75 * DAY)) < DAY * 0.02, `from ${from}, now ${now}`);
	const address = await hash();
	await page.reload();
	await page.waitForSelector('.zoom-reset');
	assert((await hash()) === address, 'the reload changed the address');
	await page.waitForSelector('.traffic canvas');
	await page.goBack();
	await page.waitForSelector('.zoom-reset', { state: 'detached' });
	assert((await query()).span === String(DAY), `back led to ${await hash()}`);
	await page.goForward();
	await page.waitForSelector('.zoom-reset');
});

await check('the range goes along to TCP and DNS, and a double click on a chart there leads back to now', async () => {
	const { from, to } = await query();
	await page.click('.rail >> text=TCP');
	await page.waitForSelector('[data-sum=Retransmissions]');
	assert((await query()).from === from && (await query()).to === to, await hash());
	await page.click('.rail >> text=DNS');
	await page.waitForSelector('[data-sum=Queries]');
	assert((await query()).from === from, await hash());
	await page.locator('.u-over').first().dblclick();
	await page.waitForSelector('.zoom-reset', { state: 'detached' });
	await page.click('.rail >> text=Flows');
	await page.waitForSelector('[data-table]');
	assert((await query()).span === undefined, 'a view without time has a range');
});

await check('the window is moved by pointer and by keys, its ends too', async () => {
	await show(page, 'overview?span=86400');
	await page.waitForSelector('.brush-window');
	await drag(await page.locator('.brush-track').boundingBox(), 0.2, 0.4);
	await page.waitForSelector('.zoom-reset');
	const before = await query();
	assert(Math.abs(Number(before.to) - Number(before.from) - 7 * DAY) < DAY, JSON.stringify(before));
	await page.focus('[aria-label="Shown span"]');
	await page.keyboard.press('ArrowRight');
	await until('the window has moved', async () => Number((await query()).from) > Number(before.from));
	const moved = await query();
	assert(Math.abs(Number(moved.to) - Number(moved.from) - (Number(before.to) - Number(before.from))) < 1, 'it changed its length');
	await page.focus('[aria-label="End of the span"]');
	await page.keyboard.press('End');
	await until('its end is now', async () => Math.abs(Number((await query()).to) - stage.mock.engine.clock) < 120);
	assert((await page.getAttribute('[aria-label="Begin of the span"]', 'aria-valuetext')).startsWith('20'), 'no date for who cannot see');
	await page.locator('.brush-track').dblclick({ position: { x: 5, y: 5 } });
	await page.waitForSelector('.zoom-reset', { state: 'detached' });
});

await check('one cursor over all charts, at one time', async () => {
	await show(page, 'tcp?span=900');
	await page.waitForSelector('[data-sum=Resets]');
	await page.waitForTimeout(500);
	await page.click('[aria-label="Pause (space)"]');
	const first = await page.locator('.u-over').first().boundingBox();
	await page.mouse.move(first.x + first.width * 0.4, first.y + 40);
	await page.waitForTimeout(150);
	const told = await page.locator('[data-said=time]').allTextContents();
	assert(told.length === 5 && new Set(told).size === 1, `the charts tell ${told}`);
	const lines = await page.locator('.u-cursor-x').evaluateAll((all) => all.filter((e) => !e.classList.contains('u-off')).length);
	assert(lines === 5, `${lines} lines of the pointer`);
	await page.click('[aria-label^="Resume"]');
});

await check('marks: one stop of Tab, arrows walk, Enter shows what happened then, back closes it', async () => {
	await stage.start({ tick_ms: 1000, alerts: false, live: false });
	await page.goto(`${url}#/overview?span=900`);
	await page.reload();
	await page.waitForSelector('.mark');
	stage.mock.engine.happen('reload', 'the configuration was read again', stage.mock.engine.clock - 300);
	stage.mock.engine.happen('alert_begin', 'SYN flood <img src=x> of a test', stage.mock.engine.clock - 100, 1);
	await page.waitForSelector('.mark[aria-label*="of a test"]');
	assert((await page.locator('.mark[tabindex="0"]').count()) === 1, 'more than one stop, or none');
	await page.focus('.mark[tabindex="0"]');
	await page.keyboard.press('Home');
	const first = await page.evaluate(() => document.activeElement.getAttribute('aria-label'));
	await page.keyboard.press('ArrowRight');
	const second = await page.evaluate(() => document.activeElement.getAttribute('aria-label'));
	assert(first !== second && second, `${first}, then ${second}`);
	await page.focus('.mark[aria-label*="of a test"]');
	await page.keyboard.press('Enter');
	await page.waitForSelector('[data-moment]');
	await page.waitForSelector('.then-flows a[href*="flow/"]');
	assert((await text('.happened')).includes('SYN flood <img src=x> of a test'), 'the event is not there');
	assert((await page.evaluate(() => document.activeElement.tagName)) === 'H2', 'the keyboard was left behind');
	await shot(page, 'time-moment');
	const address = await hash();
	await page.reload();
	await page.waitForSelector('[data-moment]');
	assert((await hash()) === address, await hash());
	await page.click('text=Zoom to these 2 minutes');
	await page.waitForSelector('.zoom-reset');
	assert(Math.abs(Number((await query()).to) - Number((await query()).from) - 120) < 0.01, await hash());
	await page.click('[data-moment] [aria-label=Close]');
	await page.waitForSelector('[data-moment]', { state: 'detached' });
	await page.goBack();
	await page.waitForSelector('[data-moment]');
});

await check('a comparison is in the legend and in the address, and says when nothing is kept', async () => {
	await stage.start({ past: 35 * DAY, tick_ms: 1000 });
	await page.goto(`${url}#/overview?span=3600`);
	await page.reload();
	await page.selectOption('[aria-label="Compare with"]', 'day');
	await page.waitForSelector('.key.ghost:has-text("throughput the day before")');
	await until('a value of the day before', async () => (await text('[data-legend]')).includes('before'));
	assert((await query()).compare === 'day', await hash());
	await shot(page, 'time-compare');
	await page.click('.rail >> text=TCP');
	await page.waitForSelector('.line-key:has-text("retransmissions the day before")');
	await until('a value of the day before', async () => /\d/.test(await text('[data-said=before]')));
	await page.click('.rail >> text=Overview');
	await stage.start({ tick_ms: 1000 });
	await page.reload();
	await page.waitForSelector('.key.ghost:has-text("nothing is kept")');
});

await check('a range of which nothing is kept, and an address that cannot be, are no error', async () => {
	await show(page, 'tcp?from=1000&to=2000');
	await page.waitForSelector('text=Nothing is kept of this time.');
	await show(page, 'tcp?from=zz&to=-1');
	await page.waitForSelector('[data-sum=Retransmissions]');
	await clean(page);
});
await finish();
