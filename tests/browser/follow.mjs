#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// From a flow to what both sides said, and to a capture file with its packets only, out of the recorder and out of samples.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, check, clean, finish, freePort, needBrowser, needProgram, openBrowser, openPage, PAGE, ROOT, shot, show, skipUnless, startProgram, temporary, until } from './harness.mjs';

needBrowser();
const program = needProgram();
skipUnless(!spawnSync('tshark', ['-v']).error, 'tshark is not installed');
const axe = readFileSync(join(PAGE, 'node_modules/axe-core/axe.min.js'), 'utf8');
const folder = temporary('follow');
const capture = join(folder, 'made.pcap');
spawnSync('python3', [join(ROOT, 'tests/web/segments.py'), capture]);
const browser = await openBrowser();
const KEY = 'tcp-10.0.0.1-1001-10.0.0.2-1002';

for (const [source, args] of [
	['recorder', ['--recorder-mb', '16']],
	['samples', []],
]) {
	const port = await freePort();
	const url = `http://127.0.0.1:${port}/`;
	const running = await startProgram(program, ['-r', capture, '--quiet', ...args], port);
	const page = await openPage(browser, url);
	const text = (selector) => page.locator(selector).first().textContent();
	const follow = async (key) => {
		await show(page, `flow/${key}`);
		await page.locator('[data-follow]').click();
		await page.locator('.said-box').waitFor();
	};

	await check(`${source}: what both sides said`, async () => {
		await follow(KEY);
		const said = page.locator('.said-box section');
		assert((await said.count()) === 2, `${await said.count()} blocks`);
		assert((await text('[data-said=client] pre')) === 'GET / HTTP/1.0\n\n', await text('[data-said=client] pre'));
		const answer = await text('[data-said=server] pre');
		assert(answer === 'HTTP/1.0 200 OK\n\n<script>alert(1)</script>·[31m\\u{202e}gnp', answer);
		assert(/client 10\.0\.0\.1:1001/.test(await text('[data-said=client] h3')), 'the client has no name');
		assert((await text('.stream .body')).includes(source === 'recorder' ? 'from the flight recorder' : 'from samples'), 'whence');
		await shot(page, `follow-${source}`);
	});

	await check(`${source}: search, hexadecimal digits, a copy`, async () => {
		await page.getByLabel('Search in the stream').fill('http');
		await until('two places', async () => (await page.locator('.said-box mark').count()) === 2);
		await page.keyboard.press('Enter');
		await page.keyboard.press('Enter');
		assert((await page.locator('[data-said=server] mark.now').count()) === 1, 'the second place is not shown');
		await page.getByRole('button', { name: 'Hex' }).click();
		await until('rows of bytes', async () => (await text('[data-said=client] pre')).startsWith('0000  47 45 54 20 2f'));
		await shot(page, `follow-${source}-hex`);
	});

	await check(`${source}: a gap is told, and repeated bytes`, async () => {
		await follow('tcp-10.0.0.7-1007-10.0.0.8-1008');
		assert((await text('.said-box .gap')) === '[10 bytes missing]', await text('.said-box .gap'));
		await follow('tcp-10.0.0.5-1005-10.0.0.6-1006');
		assert((await text('[data-remark]')).startsWith('5 bytes came again, 3 of them with another value'), await text('[data-remark]'));
		assert((await text('[data-said=client] pre')) === 'abcdefghi', await text('[data-said=client] pre'));
	});

	await check(`${source}: a file with the packets of the flow only`, async () => {
		await show(page, `flow/${KEY}`);
		const link = page.locator(source === 'recorder' ? 'a[data-recorder]' : 'a[data-samples]');
		await link.waitFor();
		if (source === 'samples') assert((await link.textContent()).startsWith('8 packets (samples), since'), await link.textContent());
		const file = join(folder, `${source}.pcapng`);
		writeFileSync(file, Buffer.from(await (await fetch(new URL(await link.getAttribute('href'), url))).arrayBuffer()));
		const read = spawnSync('tshark', ['-r', file, '-T', 'fields', '-e', 'tcp.stream', '-e', 'tcp.port'], { encoding: 'utf8' });
		const rows = read.stdout.trim().split('\n');
		assert(rows.length === 8 && rows.every((row) => /^0\t(1001,1002|1002,1001)$/.test(row)), read.stdout + read.stderr);
	});

	await check(`${source}: accessible on a phone, dark`, async () => {
		await page.setViewportSize({ width: 375, height: 800 });
		const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
		for (let i = 0; i < 3 && (await theme()) !== 'dark'; i++) {
			await page.evaluate(() => document.activeElement?.blur());
			await page.keyboard.press('t');
			await page.waitForTimeout(100);
		}
		assert((await theme()) === 'dark', `the theme is ${await theme()}`);
		await follow(KEY);
		await page.locator('.said-box').scrollIntoViewIfNeeded();
		await shot(page, `follow-${source}-phone`);
		const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		assert(wide <= 0, `${wide} px too wide`);
		await page.evaluate(axe);
		const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
		const serious = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
		assert(!serious.length, serious.map((v) => `${v.id}: ${v.nodes[0].target}`).join(', '));
		await clean(page);
	});
	await page.close();
	await running.stop();
}

await finish();
