#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// The flame graph in Chromium, against the mock: search, zoom, threads and cores, spans that are compared, starting and stopping, the
// files, and what is said when there is no profile. Pictures in build/screens.
import { assert, check, clean, finish, mockedPage, needBrowser, shot, show, until } from './harness.mjs';

needBrowser();
const stage = await mockedPage();
const { page, text } = stage;
const flame = 'canvas[data-flame]';
const chosen = () => text('#flame-chosen');
const samples = async () => Number(await page.locator('[data-samples]').getAttribute('data-samples'));
const press = async (...keys) => {
	for (const key of keys) await page.keyboard.press(key);
};
const address = () => page.evaluate(() => location.hash);

async function open(hash = 'profile/flame', options = {}) {
	await stage.start(options);
	await page.goto(`${stage.url}#/overview`);
	await page.reload();
	await show(page, hash);
	await page.waitForSelector(`${flame}, .panel .empty`);
}

/** The colour in the middle of a row of the picture, at a part of its width. */
const colour = (part, row) =>
	page.evaluate(
		([p, r]) => {
			const canvas = document.querySelector('canvas[data-flame]');
			const scale = canvas.width / canvas.clientWidth;
			const at = canvas.getContext('2d').getImageData(Math.round(p * canvas.width), Math.round((r * 19 + 4) * scale), 1, 1);
			return [...at.data.slice(0, 3)];
		},
		[part, row],
	);

await open();
await check('all samples are there: as a picture, as a list, and each function with its share', async () => {
	assert((await samples()) === 60_000, `${await samples()} samples`);
	const first = await page.locator('[data-table=functions] .rows .line').first().textContent();
	assert(/^nsc_flow_table_burst41\.0 %63\.0 %/.test(first), first);
	await page.click('[data-sort=name]');
	await until('by name', async () => (await text('[data-table=functions] .rows .line')).startsWith('[kernel]'));
	await shot(page, 'flame');
});

await check('the keyboard alone: down to a function, its words, near to it, and back', async () => {
	await page.focus(flame);
	await press('ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown');
	assert(/^nsc_flow_table_burst: 37\.0 % \(± 0\.4\), 22,200 samples, itself 21\.0 %/.test(await chosen()), await chosen());
	await press('ArrowLeft');
	assert((await chosen()).startsWith('nsc_decode_burst'), await chosen());
	await press('ArrowRight', 'Enter');
	const [left, right] = [await colour(0.02, 6), await colour(0.98, 6)];
	assert(String(left) === String(right), `the function is not as wide as the picture: ${left} and ${right}`);
	await shot(page, 'flame-near');
	await press('Escape', 'Home');
	assert(String(await colour(0.02, 6)) !== String(await colour(0.98, 6)), 'not back');
});

await check('the pointer: what is under it is told, a click zooms, a press shows the whole', async () => {
	const box = await page.locator(flame).boundingBox();
	await page.mouse.move(box.x + box.width * 0.85, box.y + 6 * 19 + 8);
	const tip = '.flame .timeline-tip:has-text("nsc_flow_table_burst")';
	await page.waitForSelector(tip);
	for (let i = 0; i < 2; i++) await page.waitForResponse(/api.v1.profile/);
	assert((await page.locator(tip).count()) === 1, 'gone when a newer profile came');
	await page.mouse.click(box.x + box.width * 0.85, box.y + 6 * 19 + 8);
	assert((await chosen()).startsWith('nsc_flow_table_burst'), await chosen());
	assert(String(await colour(0.02, 6)) === String(await colour(0.98, 6)), 'not zoomed');
	await page.click('text=Whole');
	await until('the whole', async () => String(await colour(0.02, 6)) !== String(await colour(0.98, 6)));
});

await check('a search lights what it finds and tells its share; the address keeps it', async () => {
	const pale = await colour(0.6, 4);
	await press('/');
	await page.keyboard.type('flow_table');
	await page.waitForSelector('[data-found]:has-text("63.0 %")');
	assert(/find=flow_table/.test(await address()), await address());
	assert(String(await colour(0.6, 4)) !== String(pale), 'what does not match is not paler');
	await page.reload();
	await page.waitForSelector('[data-found]:has-text("63.0 %")');
	await shot(page, 'flame-find');
	await page.fill('.flame-find input', '');
	await page.waitForSelector('[data-found]', { state: 'detached' });
});

await check('by thread and by core', async () => {
	await page.selectOption('[aria-label=Thread]', { label: 'nsc-worker-1' });
	await until('a thread', async () => (await samples()) === 30_000);
	await page.selectOption('[aria-label=Core]', { label: 'core 0' });
	await until('a core of it', async () => (await samples()) === 1200);
	assert(/thread=1&core=0/.test(await address()), await address());
	const href = await page.locator('a[download="netscope.pb.gz"]').getAttribute('href');
	assert(href === '/api/v1/profile?format=pprof&thread=1&core=0', href);
	await page.selectOption('[aria-label=Thread]', '');
	await page.selectOption('[aria-label=Core]', '');
});

await check('two spans: what grew is red, what shrank is blue, in points', async () => {
	await show(page, 'profile/flame?span=300&compare=1');
	await page.waitForSelector('[data-table=functions] [data-sort=points]');
	await page.click('[data-sort=points]');
	const row = page.locator('[data-table=functions] .rows .line').first();
	await until('most first', async () => /tcp_remember.*\+20\.0 ± 0\.6/.test(await row.textContent()));
	const [red, , blue] = await colour(0.75, 7);
	assert(red > 180 && blue < 60, `tcp_remember is ${await colour(0.75, 7)}`);
	const decode = await colour(0.55, 6);
	assert(decode[2] > decode[0], `nsc_decode_burst is ${decode}`);
	await page.focus(flame);
	await press('Escape', 'ArrowDown');
	assert(/, 0\.0 points \(± /.test(await chosen()), await chosen());
	await shot(page, 'flame-compare');
});

await check('a mark begins a span', async () => {
	await show(page, 'profile/flame');
	await page.waitForSelector(flame);
	await page.click('text=Mark now');
	await page.waitForSelector('.empty:has-text("No sample in this span")');
	assert(/mark=600000000000/.test(await address()), await address());
	await page.click('text=Show all');
	await until('all', async () => (await page.locator(flame).count()) === 1 && (await samples()) === 60_000);
});

await check('sampling is stopped and started, with the header that a POST needs', async () => {
	await page.click('text=Stop sampling');
	await page.waitForSelector('text=Start sampling');
	assert(stage.mock.profile.running === false, 'it still runs');
	await page.waitForSelector('.flame-panel :text("Sampling is stopped.")');
	await open('profile/flame', { profile: { running: false, started: false } });
	await page.waitForSelector('.empty:has-text("Nothing is sampled")');
	await shot(page, 'flame-none');
	await page.click('text=Start sampling');
	await page.waitForSelector(flame);
	assert(stage.mock.profile.running, 'it does not run');
});

await check('where there is none the reason is told', async () => {
	await open('profile/flame', { profile: { reason: 'kernel.perf_event_paranoid is 3: see docs' } });
	await page.waitForSelector('.empty:has-text("kernel.perf_event_paranoid is 3")');
	await shot(page, 'flame-refused');
});

await check('nothing was refused or thrown on the way', () => clean(page));
await finish();
