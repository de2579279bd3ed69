#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// The timeline in Chromium, against the mock: what is shown first, keys and pointer, rounds to jump to, a fresh one, the download, and
// what is said when there is none. Pictures in build/screens.
import { readFileSync } from 'node:fs';
import { assert, check, clean, finish, mockedPage, needBrowser, shot, show, until } from './harness.mjs';

needBrowser();
const stage = await mockedPage();
const { page, text } = stage;
const { timelineText } = await import('../../dashboard/page/mock/timeline.mjs');
const SMALL = { workers: 2, events: 2048, minutes: 3 };

const shown = async () => {
	const [from, to] = (await page.locator('canvas[data-timeline]').getAttribute('data-timeline')).split(' ').map(Number);
	return { from, to, width: to - from, middle: (from + to) / 2 };
};
const chosen = () => text('#timeline-chosen');
const press = async (...keys) => {
	for (const key of keys) await page.keyboard.press(key);
};
const taken = () => page.locator('[data-taken]').getAttribute('data-taken');
const about = (a, b, part = 0.01) => Math.abs(a - b) <= part * Math.abs(b);

async function open(timeline = SMALL) {
	await stage.start({ timeline });
	await page.goto(`${stage.url}#/overview`);
	await page.reload();
	await show(page, 'profile');
	await page.waitForSelector('canvas[data-timeline]');
}

await open();
await check('what all packet threads still know is shown first, and every thread has a track', async () => {
	const { width } = await shown();
	assert(width > 3000 && width < 20_000, `${width} us are shown`);
	const names = await page.locator('.timeline-names button').allTextContents();
	assert(String(names) === 'control,writer,publisher,worker 0,worker 1,capture', `threads: ${names}`);
	const colours = await page.evaluate(() => {
		const canvas = document.querySelector('canvas[data-timeline]');
		const { data } = canvas.getContext('2d').getImageData(0, 3 * 34 + 16, canvas.width, 1);
		const found = new Set();
		for (let i = 0; i < data.length; i += 4) found.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
		return found.size;
	});
	assert(colours > 4, `only ${colours} colours on a worker's track`);
	await shot(page, 'timeline');
});

await check('the keyboard alone: nearer, along, from span to span, near to one, and back', async () => {
	const first = await shown();
	await page.focus('canvas[data-timeline]');
	await press('+', '+');
	const near = await shown();
	assert(about(near.width, first.width / 4) && about(near.middle, first.middle), `${JSON.stringify(near)} after two times +`);
	await press('ArrowRight');
	const moved = await shown();
	assert(about(moved.width, near.width) && moved.from > near.from, 'not moved to the right');
	await press('ArrowLeft', '-');
	assert(about((await shown()).width, first.width / 2), 'not farther away');
	await press('ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown');
	assert((await text('.timeline-names [aria-pressed=true]')) === 'worker 0', 'not on worker 0');
	await press('n');
	const one = await chosen();
	await press('n');
	const two = await chosen();
	await press('p');
	assert(one.startsWith('worker 0: ') && one !== two && (await chosen()) === one, `${one} / ${two}`);
	await press('Enter');
	const close = await shown();
	assert(close.width < 60, `${close.width} us around one span`);
	await shot(page, 'timeline-near');
	await press('End');
	assert((await shown()).width > 170e6, 'not all');
	await press('Home', 'Escape');
	const again = await shown();
	assert(again.from === first.from && again.to === first.to, 'not where it began');
	assert(/Choose a span/.test(await chosen()), 'still chosen');
	for (let i = 0; i < 60; i++) await press('+');
	assert((await shown()).width > 0.05, 'zoomed into nothing');
	await press('Home');
});

await check('the pointer: a drag zooms, Shift and a drag moves, Ctrl and the wheel zooms, a click chooses', async () => {
	await page.locator('canvas[data-timeline]').scrollIntoViewIfNeeded();
	const box = await page.locator('canvas[data-timeline]').boundingBox();
	const first = await shown();
	const y = box.y + 3 * 34 + 16;
	const drag = async (from, to) => {
		await page.mouse.move(box.x + from * box.width, y);
		await page.mouse.down();
		await page.mouse.move(box.x + ((from + to) / 2) * box.width, y);
		await page.mouse.move(box.x + to * box.width, y);
		await page.mouse.up();
	};
	await drag(0.5, 0.75);
	const near = await shown();
	assert(about(near.width, first.width / 4) && about(near.from - first.from, first.width / 2), JSON.stringify(near));
	await page.keyboard.down('Shift');
	await drag(0.75, 0.25);
	await page.keyboard.up('Shift');
	const moved = await shown();
	assert(about(moved.width, near.width) && about(moved.from - near.from, near.width / 2), JSON.stringify(moved));
	await page.mouse.move(box.x + box.width / 2, y);
	await page.keyboard.down('Control');
	await page.mouse.wheel(0, -100);
	await page.keyboard.up('Control');
	await until('nearer', async () => about((await shown()).width, moved.width / 2));
	assert(about((await shown()).middle, moved.middle), 'not around the pointer');
	await page.mouse.move(box.x + box.width / 2 + 3, y);
	await page.waitForSelector('.timeline-tip');
	await page.mouse.click(box.x + box.width / 2, y);
	assert((await chosen()).startsWith('worker 0: '), await chosen());
	await page.mouse.dblclick(box.x + box.width / 2, y);
	await until('back', async () => (await shown()).width === first.width);
});

await check('the longest round of each minute is an entry that leads there', async () => {
	const rows = page.locator('[data-table=rounds] .rows .line');
	assert((await rows.count()) === 3 * 5, `${await rows.count()} rounds of 3 minutes and 5 threads`);
	assert(/^worker 1/.test(await rows.first().textContent()), 'not the longest first');
	await page.focus('[data-table=rounds]');
	await press('ArrowDown', 'Enter');
	const { width, middle, to } = await shown();
	assert(width > 240 * 1.9 && width < 243 * 2.1, `${width} us around a round of 241`);
	const last = JSON.parse(timelineText({ ...SMALL })).traceEvents.findLast((e) => e.cat === 'round' && e.tid % 2 ** 30 === 4246);
	assert(about(middle, last.ts + last.dur / 2, 1e-6) && to > last.ts, `at ${middle}, the round is at ${last.ts}`);
	const share = await page.locator('.timeline-shares [aria-pressed=true]').textContent();
	assert(/worker 1.*flow 45\.0 %/.test(share), share);
	await shot(page, 'timeline-round');
});

await check('what is shown is what is saved', async () => {
	const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=for Perfetto')]);
	assert(download.suggestedFilename() === 'netscope-timeline.json', download.suggestedFilename());
	const saved = readFileSync(await download.path(), 'utf8');
	assert(saved === timelineText({ ...SMALL, number: 0 }), 'not the document that came');
});

await check('another one is taken by a press; one that fails leaves the one before', async () => {
	const before = [await taken(), await shown()];
	await page.click('text=Take a new one');
	await until('another one', async () => (await taken()) !== before[0]);
	assert((await shown()).from > before[1].from, 'the same time');
	stage.mock.options.timeline = false;
	const now = await taken();
	await page.click('text=Take a new one');
	await page.waitForSelector('text=No new one: no timeline is kept');
	assert((await taken()) === now && (await page.locator('canvas[data-timeline]').count()) === 1, 'it is gone');
});

await check('a run without a timeline says so, and asks again by a press', async () => {
	await stage.start({ timeline: false });
	await page.goto(`${stage.url}#/profile`);
	await page.reload();
	await page.waitForSelector('.empty:has-text("--no-timeline")');
	await shot(page, 'timeline-none');
	stage.mock.options.timeline = SMALL;
	await page.click('text=Ask again');
	await page.waitForSelector('canvas[data-timeline]');
});

await check('full rings of 16 workers: every span is there, and it is walked like a small one', async () => {
	await open({ workers: 16, events: 16384, minutes: 60 });
	const told = await page.locator('[data-taken]').textContent();
	const spans = Number(told.match(/([\d,]+) spans/)[1].replaceAll(',', ''));
	assert(spans > 17 * 16_000, told);
	assert((await page.locator('.timeline-names button').count()) === 20, 'not every thread');
	await page.focus('canvas[data-timeline]');
	for (let i = 0; i < 16; i++) await press('ArrowDown');
	const top = await page.locator('.timeline-scroll').evaluate((e) => e.scrollTop);
	assert(top > 0, 'the track of the keyboard is not in sight');
	await press('End', '+', '+', 'Home');
	await shot(page, 'timeline-full');
});

await check('nothing was refused or thrown on the way', () => clean(page));
await finish();
