#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// axe-core on every view, light and dark, wide and narrow: no finding that is serious or critical.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
	assert,
	buildPage,
	check,
	finish,
	needBrowser,
	onEnd,
	openBrowser,
	openPage,
	PAGE,
	show,
	VIEWS,
} from './harness.mjs';

needBrowser();
const { Mock } = await import('../../dashboard/page/mock/server.mjs');
const axe = readFileSync(join(PAGE, 'node_modules/axe-core/axe.min.js'), 'utf8');
const mock = new Mock({ page: buildPage(), seed: 7, peers: true, episodes: true });
await mock.listen();
onEnd(() => mock.close());
const browser = await openBrowser();

const hashes = () => [
	...VIEWS,
	`overview?span=86400&compare=hour&at=${Math.round(mock.engine.events.at(-1).time)}`,
	'alerts?list=all',
	'snapshot',
	'who/name?last=60',
	'who/pair',
	'who/pair?as=matrix',
	`host/${mock.engine.moving[0].endpoint_b.ip}`,
	'flows?list=all',
	'fleet',
	'profile/flame?span=300&compare=1',
	`flow/${encodeURIComponent(mock.engine.flows.find((f) => f.name?.length > 200 && f.ja4).key)}`,
	`packets/${mock.engine.packets.at(-40).row.id}`,
];
for (const [width, theme] of [
	[1280, 'light'],
	[1280, 'dark'],
	[320, 'light'],
	[320, 'dark'],
]) {
	const page = await openPage(browser, `http://127.0.0.1:${mock.port}/`, { width, height: 800 });
	await page.evaluate((t) => localStorage.setItem('netscope.settings', JSON.stringify({ theme: t })), theme);
	await page.reload();
	for (const hash of hashes()) {
		await check(`axe: ${hash.slice(0, 30)}, ${width} px, ${theme}`, async () => {
			await show(page, hash);
			await page.waitForTimeout(700);
			await page.evaluate(axe);
			const found = await page.evaluate(async () => {
				const result = await window.axe.run(document, { resultTypes: ['violations'] });
				return result.violations.map((v) => ({
					id: v.id,
					impact: v.impact,
					nodes: v.nodes.slice(0, 2).map((n) => `${n.target} ${n.any[0]?.message ?? ''}`),
					all: v.nodes.length,
				}));
			});
			const serious = found.filter((v) => v.impact === 'serious' || v.impact === 'critical');
			for (const v of found.filter((f) => !serious.includes(f)))
				console.error(`${hash}: ${v.impact} ${v.id} ${v.nodes[0]}`);
			assert(serious.length === 0, serious.map((v) => `${v.id} (${v.all}): ${v.nodes.join('; ')}`).join(' / '));
		});
	}
	await page.close();
}
await finish();
