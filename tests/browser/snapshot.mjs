#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// Snapshots: saved by a key, opened by the picker and by a drop, also without the server; every view works from the file or says that it does
// not have it, and asks the server for nothing. A file answers flows and groups as the program did. What is no snapshot gets one sentence.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import {
	assert, check, clean, finish, freePort, mockedPage, needBrowser, openPage, PAGE, ROOT, shot, show, startProgram, temporary, until, VIEWS, needProgram,
} from './harness.mjs';

needBrowser();
const HOSTILE = '<img src=x onerror=alert(1)>.example';
const stage = await mockedPage();
await stage.start({ peers: true, episodes: true, past: 90_000, name: HOSTILE });
const { page } = stage;
page.setDefaultTimeout(20_000);
await page.reload();
const axe = readFileSync(join(PAGE, 'node_modules/axe-core/axe.min.js'), 'utf8');
const out = temporary('snapshots');
const path = join(out, 'saved.json');
const requests = [];
page.on('request', (request) => requests.push(request.url()));

async function save(to) {
	const download = page.waitForEvent('download');
	await page.keyboard.press('S');
	const saved = await download;
	await saved.saveAs(to);
	return saved.suggestedFilename();
}

const open = async (file) => {
	await show(page, 'snapshot');
	await page.setInputFiles('input[type=file]', file);
};

await check('snapshot: one key saves one file with what all views hold', async () => {
	await page.locator('[data-badge=good]').waitFor();
	await page.keyboard.press('?');
	await page.locator('dialog:has-text("Save a snapshot of all views")').waitFor();
	await page.keyboard.press('Escape');
	const name = await save(path);
	assert(/^netscope-127\.0\.0\.1-\d{4}-\d\d-\d\dT[\d-]+Z\.json$/.test(name), name);
	const file = JSON.parse(readFileSync(path, 'utf8'));
	assert(file.netscope_snapshot === 1 && file.host === new URL(stage.url).host && file.zone === 'Europe/Berlin', JSON.stringify(file).slice(0, 200));
	assert(file.flows.rows.rows.length === 800 && file.flows.matched === 800, `${file.flows.rows.rows.length} flows`);
	assert(file.groups.length === 2 * file.hello.groups.length, `${file.groups.length} groups`);
	assert(file.ranges.map((r) => r.step).join(' ') === '1 10 60', file.ranges.map((r) => r.step).join(' '));
	assert(['alerts', 'events', 'episodes', 'packets', 'cores', 'config', 'dns', 'peers', 'profile'].every((part) => file.bodies[part]), Object.keys(file.bodies).join(' '));
	assert(file.details.length === 64 && file.details[0].hex, `${file.details.length} packets with bytes`);
});

const SAYS_NOTHING = /Waiting for|Asking|Fetching|on its way|The server says/;
const views = () => [
	...VIEWS.map((v) => (v === 'flows' ? 'flows?list=all' : v)),
	...['overview?span=86400', 'who/name?last=60', 'who/pair', 'who/service?filter=udp', 'flows', 'flows?list=all&filter=port:443', 'alerts?list=all'],
	...['fleet', 'profile/flame', 'snapshot', `host/${stage.mock.engine.moving[0].endpoint_b.ip}`, `flow/${encodeURIComponent(stage.mock.engine.moving[0].key)}`],
];

await check('snapshot: it says what it is, and every view works from it or says so', async () => {
	const key = stage.mock.engine.packets.at(-1).row.id;
	await open(path);
	const band = page.locator('[data-snapshot]');
	await band.waitFor();
	assert(/Snapshot of 127\.0\.0\.1:\d+ · eth0, \d{4}-.* UTC \(not live\) with all 800 flows/.test(await band.textContent()), await band.textContent());
	requests.length = 0;
	for (const view of [...views(), `packets/${JSON.parse(readFileSync(path, 'utf8')).details.at(-1).id}`, `packets/${key}`]) {
		await show(page, view);
		await until(`an answer in ${view}`, async () => !SAYS_NOTHING.test(await page.locator('main').innerText()), 10_000);
		assert((await page.locator('.frame .empty b:has-text("failed")').count()) === 0, `${view} failed`);
		await page.locator('[data-snapshot]').waitFor();
		if (/^(overview|who|host|alerts|profile)(?!.)/.test(view)) await shot(page, `snapshot-${view}`);
	}
	assert((await page.title()).startsWith('Snapshot · '), await page.title());
	assert((await page.locator('[data-state]').getAttribute('data-state')) === 'snapshot', 'it is called live');
	assert((await page.locator('a[href^="/api"]').count()) === 0, 'a link to the server');
	assert(requests.filter((url) => !url.startsWith('data:')).length === 0, `asked: ${requests.join(' ')}`);
	await clean(page);
});

await check('snapshot: searches, names from the wire and packets come out of the file', async () => {
	await show(page, 'flows?list=all&filter=app:tls&sort=rtt&order=asc');
	await page.locator('[data-matched]').waitFor();
	const file = JSON.parse(readFileSync(path, 'utf8'));
	const app = file.flows.rows.columns.indexOf('app');
	const tls = file.flows.rows.rows.filter((row) => row[app] === 'tls').length;
	await page.locator(`[data-matched="${tls}"]`).waitFor();
	await show(page, 'flows?list=all&filter=tunnel_id:3');
	await page.locator('[role=alert]:has-text("A snapshot does not answer \'tunnel_id\'")').waitFor();
	await show(page, 'who/name');
	await page.locator('[data-table=groups] .rows .line').first().waitFor();
	await show(page, `packets/${file.details.at(-1).id}`);
	await page.locator('.hex .b').first().waitFor();
	await show(page, `packets/${file.bodies.packets.packets[0].id}`);
	await page.locator('main:has-text("holds the bytes of 64 packets")').waitFor();
	assert((await page.locator('main img').count()) === 0, 'text became an element');
});

await check('snapshot: keys, a phone and axe', async () => {
	for (const [width, height] of [[1280, 800], [360, 740]]) {
		await page.setViewportSize({ width, height });
		for (const view of ['snapshot', 'overview', 'alerts']) {
			await show(page, view);
			await page.waitForTimeout(300);
			await page.evaluate(axe);
			const found = await page.evaluate(async () => (await window.axe.run(document, { resultTypes: ['violations'] })).violations);
			const grave = found.filter((v) => ['serious', 'critical'].includes(v.impact));
			assert(grave.length === 0, `${view}, ${width}: ${grave.map((v) => `${v.id} ${v.nodes[0].html.slice(0, 90)}`).join('; ')}`);
			const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			assert(beyond <= 0, `${view}: ${beyond} px beyond the edge at ${width}`);
		}
		await shot(page, `snapshot-${width}`);
	}
	await page.setViewportSize({ width: 1280, height: 800 });
	await page.keyboard.press('Space');
	assert((await page.locator('[data-state]').getAttribute('data-state')) === 'snapshot', 'a snapshot was paused');
	await page.keyboard.press('S');
	await page.locator('.note:has-text("snapshot already")').waitFor();
});

await check('snapshot: what is none gets one sentence, and what is shown stays', async () => {
	const good = readFileSync(path, 'utf8');
	const wrong = JSON.parse(good);
	wrong.frame.tick.top[0].bytes_total = '<img src=x onerror=alert(1)>';
	for (const [name, text, words] of [
		['cut.json', good.slice(0, 5000), 'cut.json is no snapshot that this page opens. JSON is wanted'],
		['other.json', '{"a":1}', 'netscope_snapshot: 1 is wanted, nothing was found'],
		['types.json', JSON.stringify(wrong), 'frame.tick.top[0].bytes_total: a number is wanted, "<img src=x onerror=alert(1)>" was found'],
		['deep.json', '['.repeat(1 << 20), 'JSON is wanted'],
		['large.json', ' '.repeat(33 << 20), 'at most 32 MiB are wanted, 33.0 MiB were found'],
	]) {
		writeFileSync(join(out, name), text);
		await open(join(out, name));
		await page.locator(`[role=alert]:has-text(${JSON.stringify(words)})`).waitFor();
		await page.locator('[data-snapshot]').waitFor();
	}
	assert((await page.locator('main img').count()) === 0, 'text became an element');
	await clean(page);
});

await check('snapshot: back to the live page; then dropped on it when the server has gone', async () => {
	await page.locator('[data-snapshot] button').click();
	await page.locator('[data-state=capturing]').waitFor();
	await page.locator('[data-snapshot]').waitFor({ state: 'detached' });
	const reader = page.waitForResponse((r) => r.url().endsWith('/snapshot.js'));
	await reader;
	await stage.stop();
	await page.locator('.offline').waitFor();
	const text = readFileSync(path, 'utf8');
	const data = await page.evaluateHandle((t) => {
		const transfer = new DataTransfer();
		transfer.items.add(new File([t], 'dropped.json', { type: 'application/json' }));
		return transfer;
	}, text);
	await page.dispatchEvent('main', 'drop', { dataTransfer: data });
	await page.locator('[data-snapshot]').waitFor();
	await page.locator('.frame[data-view=overview] [data-card=Throughput] [data-value]').waitFor();
	assert((await page.locator('.offline').count()) === 0, 'a snapshot misses the server');
});

const program = needProgram();
const port = await freePort();
await startProgram(program, ['--quiet', '--anomalies', '-r', join(ROOT, 'tests/data/sample.pcapng'), '--workers', '2'], port);
const url = `http://127.0.0.1:${port}/`;
const api = async (query) => (await fetch(`${url}${query}`)).json();
const tab = await openPage(page.context(), url);
tab.setDefaultTimeout(20_000);

await check('snapshot: the file answers flows, groups and history as the program did', async () => {
	await until('the end', async () => (await api('api/v1/summary')).state === 'ended');
	await tab.locator('[data-state=ended]').waitFor();
	const download = tab.waitForEvent('download');
	await tab.keyboard.press('S');
	await (await download).saveAs(join(out, 'program.json'));
	const bundle = join(out, 'bundle');
	assert(spawnSync(process.execPath, [join(PAGE, 'build.mjs'), bundle, '--quiet']).status === 0, 'the page does not build');
	writeFileSync(join(out, 'reader.mjs'), readFileSync(join(bundle, 'snapshot.js')));
	const { readSnapshot, sourceOf } = await import(pathToFileURL(join(out, 'reader.mjs')));
	const source = sourceOf(readSnapshot(readFileSync(join(out, 'program.json'), 'utf8')), () => {});
	const held = async (query) => (await source.get(`/${query}`, {})).json();
	const flows = (answer) => [answer.matched, ...answer.flows.map((f) => f.key)].join(' ');
	for (const filter of ['', 'tcp', 'udp', 'port:443', '!port:443', 'host:10.0.0.0/8', 'bytes>1k', 'client_port>1024', 'ended:yes', 'ended:no', 'app:dns', 'name:*', 'rtt>1us', 'state:established', 'ip:6', 'packets:2', 'duration<1s', 'ttl_a_to_b>60', 'app_source:payload'])
		for (const sort of ['bytes', 'first_seen', 'client', 'b', 'duration', 'state']) {
			const query = `api/v1/flows?filter=${encodeURIComponent(filter)}&sort=${sort}&limit=1000`;
			const [want, have] = [flows(await api(query)), flows(await held(query))];
			assert(want === have, `${filter} by ${sort}: ${have.slice(0, 200)} and not ${want.slice(0, 200)}`);
		}
	const range = 'api/v1/history?points=5&series=packets,bytes,flows,rtt_p95_ms,down';
	assert(JSON.stringify((await held(range)).points) === JSON.stringify((await api(range)).points), 'another history');
	await tab.close();
});
await finish();
