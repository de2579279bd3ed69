#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// Every view against the mock, narrow to wide, light and dark: drawn, nothing beyond the edge, no report of the policy. Pictures in build/screens.
import {
	assert,
	buildPage,
	check,
	clean,
	finish,
	needBrowser,
	onEnd,
	openBrowser,
	openPage,
	shot,
	show,
	until,
	VIEWS,
} from './harness.mjs';

needBrowser();
const { Mock } = await import('../../dashboard/page/mock/server.mjs');
const mock = new Mock({ page: buildPage(), seed: 7, clock: 1764046800, peers: true });
await mock.listen();
onEnd(() => mock.close());
const browser = await openBrowser();
const url = `http://127.0.0.1:${mock.port}/`;
const flow = () => `flow/${encodeURIComponent(mock.engine.flows.find((f) => f.name?.length > 200 && f.ja4).key)}`;
const packet = () => `packets/${mock.engine.packets.at(-40).row.id}`;

const CONTENT = {
	overview: '[data-card=Throughput] [data-value], .traffic canvas',
	who: '[data-table=groups] .rows .line',
	names: '[data-table=groups] .rows .line',
	sankey: '.sankey .ribbon',
	matrix: '.matrix td a',
	host: '[data-table=host-flows] .rows .line',
	flows: '[data-table=flows] .rows .line, [data-table=top] .rows .line',
	tcp: '[data-sum=Retransmissions]',
	dns: '[data-sum=Queries]',
	packets: '[data-table=packets] .rows .line',
	alerts: '[data-alert]',
	cores: '[data-worker]',
	profile: 'canvas[data-timeline]',
	ledger: '.waterfall svg, .waterfall .stacked',
	system: '.config dt',
	flow: '.ends .end-name',
	inspector: '.hex .b',
	flame: 'canvas[data-flame]',
	fleet: '[data-table=fleet] .rows .line',
};
const PAGES = [
	...VIEWS.map((v) => [v, () => (v === 'flows' ? 'flows?list=all' : v)]),
	['names', () => 'who/name?last=60'],
	['sankey', () => 'who/pair'],
	['matrix', () => 'who/pair?as=matrix&filter=host:10.0.0.0/8'],
	['host', () => `host/${mock.engine.flows.find((f) => f.as_org_b?.includes('<img')).endpoint_b.ip}`],
	['flow', flow],
	['fleet', () => 'fleet'],
	['inspector', packet],
	['flame', () => 'profile/flame?span=300&compare=1'],
];

for (const [width, height, theme] of [
	[320, 640, 'light'],
	[320, 640, 'dark'],
	[1280, 800, 'light'],
	[1280, 800, 'dark'],
	[2560, 1300, 'light'],
	[2560, 1300, 'dark'],
]) {
	const page = await openPage(browser, url, { width, height });
	await page.evaluate(
		(t) => localStorage.setItem('netscope.settings', JSON.stringify({ theme: t, span: 900 })),
		theme,
	);
	await page.reload();
	for (const [name, hash] of PAGES) {
		await check(`${name}, ${width} px, ${theme}`, async () => {
			await show(page, hash());
			await page.waitForSelector(CONTENT[name]);
			if (name === 'overview') await page.waitForSelector('.traffic canvas');
			await page.waitForTimeout(150);
			const edges = await page.evaluate(() => {
				const main = document.querySelector('main');
				const wide = [...document.querySelectorAll('main *')].filter(
					(e) =>
						e.getBoundingClientRect().right > innerWidth + 1 &&
						!e.closest('.heat-scroll, .clip, .table, .chips, svg, .histogram'),
				);
				return {
					over: main.scrollWidth - main.clientWidth,
					body: document.documentElement.scrollWidth - innerWidth,
					wide: wide.slice(0, 3).map((e) => `${e.tagName}.${e.className}`),
					theme: document.documentElement.dataset.theme,
				};
			});
			await shot(page, `${name}-${width}-${theme}`);
			const hidden = await page.evaluate(() => {
				const box = (e) => e.getBoundingClientRect();
				const svg = document.querySelector('.waterfall svg');
				const labels = [...document.querySelectorAll('.fate-name')].filter(
					(e) => box(e).right > box(svg).right + 1 || box(e).bottom > box(svg).bottom + 1,
				);
				const chart = document.querySelector('.rtt-chart');
				const line = chart && box(chart.querySelector('svg')).bottom > box(chart).bottom + 1;
				return [...labels.map((e) => e.textContent), ...(line ? ['the round trips lie over the text'] : [])];
			});
			assert(hidden.length === 0, `cut: ${hidden}`);
			assert(edges.theme === theme, `theme is ${edges.theme}`);
			assert(
				edges.over <= 0 && edges.body <= 0,
				`wider than the screen by ${edges.over} and ${edges.body} px: ${edges.wide}`,
			);
			await clean(page);
		});
	}
	await page.close();
}
await check('a phone reaches help, search, units and zone', async () => {
	const page = await openPage(browser, url, { width: 320, height: 640 });
	await page.click('[aria-label="Help and settings (?)"]');
	await page.click('dialog [aria-label=Units] >> text=bytes');
	await page.click('dialog [aria-label=Time] >> text=local');
	await shot(page, 'help-320');
	await page.fill('dialog input[type=search]', 'port:443');
	await page.keyboard.press('Enter');
	await page.waitForSelector('dialog', { state: 'detached' });
	await page.waitForSelector('[data-matched]');
	assert((await page.evaluate(() => location.hash)).includes('filter=port%3A443'), 'not searched');
	await page.close();
});
await finish();
