#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// What the page does when things are not usual: a server that goes, 100,000 rows, nothing to show, hostile names, a clock that is off.
import { assert, check, clean, finish, mockedPage, needBrowser, shot, show, until } from './harness.mjs';

needBrowser();
const stage = await mockedPage();
const { page, text, rows, start, url } = stage;

await check('the server goes and comes back: greyed, said, tried again, counters anew', async () => {
	await stage.stop();
	await page.waitForSelector('.frame.stale');
	await page.waitForSelector('[role=alert]:has-text("No connection for")');
	await shot(page, 'use-stale');
	await start({ seed: 8 });
	await page.waitForSelector('.frame:not(.stale)', { timeout: 240_000 });
	await page.waitForSelector('[role=alert]', { state: 'detached' });
	await page.waitForSelector('text=restarted');
	await until('frames of the new server', async () => /\d/.test(await text('[data-card=Packets] [data-value]')));
});

await check('a server that has no room for one more browser says so', async () => {
	await start({ full: '32 browsers are connected, and there is no room for more' });
	await page.goto(url);
	await page.reload();
	await page.waitForSelector('[role=alert]:has-text("32 browsers are connected")');
	await shot(page, 'use-full');
	stage.mock.options.full = undefined;
	await page.waitForSelector('[role=alert]', { state: 'detached' });
});

await check('a run that publishes nothing says so over every view', async () => {
	for (const view of ['overview', 'flows', 'system']) {
		await start({ state: 'stalled', text: 'packets arrive, but no tick has ended for 12 s' });
		await page.goto(`${url}#/${view}`);
		await page.reload();
		await page.waitForSelector('[role=alert]:has-text("no tick has ended for 12 s")');
		assert((await text('[data-state]')).includes('stalled'), 'the source does not say stalled');
	}
	await start({});
	await page.waitForSelector('[role=alert]', { state: 'detached' });
});

const CLAIMS =
	/starting|No frame|No flow moved|No traffic|No second|no second yet|Nothing to|No packet|No alert|none since|No worker|None of its|No border|0 border|No event|No flow of that|is kept|Not measured|not look|No query|No answer yet/;

await check('no view makes a statement before the server has told anything', async () => {
	await start({ late_ms: 250, past: 259_200 });
	const at = stage.mock.engine.clock - 60;
	const key = encodeURIComponent(stage.mock.engine.moving[0].key);
	await page.addInitScript(() => {
		window.said = new Set();
		const read = () => {
			for (const line of (document.body?.innerText ?? '').split('\n')) window.said.add(line);
			if (performance.now() < 1000) requestAnimationFrame(read);
			else window.read = true;
		};
		read();
	});
	for (const view of ['overview', `overview?span=86400&compare=day&at=${at}`, 'tcp', 'dns', 'flows', 'packets', 'alerts', 'cores', 'ledger', `flow/${key}`]) {
		await page.goto(`${url}#/${view}`);
		await page.reload();
		await page.waitForFunction(() => window.read);
		const said = await page.evaluate(() => [...window.said]);
		assert(said.some((line) => line.startsWith('Waiting for')) && said.length > 20, `${view}: not read: ${said}`);
		assert(!said.some((line) => CLAIMS.test(line)), `${view}: ${said.filter((line) => CLAIMS.test(line))}`);
	}
});

await check('a link that goes down is said over the view, and the chart has a band and no zeros', async () => {
	await start({ history: 60 });
	await page.goto(`${url}#/overview`);
	await page.reload();
	await page.waitForSelector('.traffic canvas');
	[stage.mock.state, stage.mock.text] = ['link_down', 'eth0 has no carrier'];
	await page.waitForSelector('[role=alert]:has-text("eth0 has no link")');
	await page.waitForSelector('.state.warn:has-text("link down")');
	await until('the chart says so', async () => (await text('[data-legend]')).includes('link down'));
	await until('a band', () => stage.mock.engine.points.filter((p) => p[6]).length > 8);
	await shot(page, 'use-link-down');
	stage.mock.state = 'running';
	await page.waitForSelector('[role=alert]', { state: 'detached' });
	await until('rates again', async () => (await text('[data-legend]')).includes('bit/s'));
});

await check('of several interfaces the ledger shows each, and what is wrong with it', async () => {
	const each = { outages: 0, received_bytes: 1e9, filtered: 0, stack_drops: 0, nic_drops: 0, kernel_drops: 0 };
	const interfaces = [
		{ ...each, name: 'eth0', state: 'up', received: 61_234_567 },
		{ ...each, name: 'eth1', state: 'down', received: 1_234, outages: 1 },
		{ ...each, name: 'eth2', state: 'up', received: 44_000, kernel_drops: 1_200, nic_drops: 3 },
	];
	await start({ history: 30, interfaces });
	await page.goto(`${url}#/ledger`);
	await page.reload();
	await page.waitForSelector('[data-interface=eth2]');
	assert((await text('[data-interface=eth0]')).includes('up, nothing was lost'), 'eth0 is well');
	assert((await text('[data-interface=eth1]')).includes('is down: nothing can arrive'), 'eth1 is down');
	assert((await text('[data-interface=eth2]')).includes("1,200 lost in the kernel's ring; 3 lost in the interface"), 'eth2 lost');
	await shot(page, 'use-interfaces');
	await start({ history: 30, interfaces: interfaces.slice(0, 1) });
	await page.reload();
	await page.waitForSelector('.waterfall');
	assert((await page.locator('[data-interface]').count()) === 0, 'one interface needs no list');
});

await check('100,000 rows: only the visible ones exist, and a frame of scrolling changes only these', async () => {
	await start({ flows: 100_000, history: 30, tick_ms: 1000 });
	await page.goto(`${url}#/flows?list=all`);
	await page.reload();
	await until(
		'all rows',
		async () => Number(await page.locator('[data-table=flows]').getAttribute('aria-rowcount')) === 100_001,
		240_000,
	);
	const result = await page.evaluate(async () => {
		const table = document.querySelector('[data-table=flows]');
		const times = [];
		let last = performance.now();
		let changes = 0;
		const observer = new MutationObserver((records) => (changes += records.length));
		observer.observe(table, { childList: true, characterData: true, attributes: true, subtree: true });
		for (let i = 0; i < 90; i++) {
			table.scrollTop = (i / 90) * table.scrollHeight;
			await new Promise((done) => requestAnimationFrame(done));
			times.push(performance.now() - last);
			last = performance.now();
		}
		const lowest = () => Math.max(...[...table.querySelectorAll('[aria-rowindex]')].map((r) => Number(r.getAttribute('aria-rowindex'))));
		while (lowest() < 3000) {
			table.scrollTop = table.scrollHeight;
			await new Promise((done) => setTimeout(done, 50));
		}
		return {
			rows: table.querySelectorAll('.rows .line').length,
			changes,
			median: times.sort((a, b) => a - b)[45],
			last: lowest(),
		};
	});
	assert(result.rows < 80, `${result.rows} rows exist`);
	assert(result.last >= 3000, `the last row is ${result.last}`);
	// A frame costs what the visible rows cost, however many there are. The time of a frame also tells of other load.
	console.error(
		`100,000 rows: ${result.rows} exist, ${Math.round(result.changes / 91)} changes and median ` +
			`${result.median.toFixed(1)} ms a frame`,
	);
	assert(result.changes > 20, 'nothing has moved');
	assert(result.changes / 91 < 80 * 10, `${result.changes} changes of the document in 91 frames`);
});

await check('empty states say what is so, why, and what to do', async () => {
	const cases = [
		[{ state: 'link_down', text: 'eth0 has no carrier', history: 0 }, 'overview', 'The link is down'],
		[{ state: 'stalled', text: 'no tick has ended for 12 s', history: 0 }, 'overview', 'Restart netscope'],
		[
			{ state: 'failed', text: 'eth0: you are not allowed to capture: give it CAP_NET_RAW', history: 0 },
			'overview',
			'CAP_NET_RAW',
		],
		[{ state: 'starting', history: 0 }, 'ledger', 'Nothing to account for yet'],
		[{ alerts: false }, 'alerts', '--anomalies'],
		[{ sample_rate: 0, history: 0, state: 'starting' }, 'packets', 'Samples are off'],
		[{ doctor: null }, 'system', 'Doctor did not run'],
		[{ state: 'ended', source: { name: 'file', input: '/data/big.pcap', live: false } }, 'overview', 'ended'],
	];
	for (const [options, view, words] of cases) {
		await start(options);
		await page.goto(`${url}#/${view}`);
		await page.reload();
		await page.waitForSelector(`text=${words}`);
		if (options.state) await shot(page, `use-empty-${options.state}`);
	}
});

await check('script in names is text, and the policy has nothing to report', async () => {
	const name = '<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"\'&.example';
	await start({ name, source: { name: '<b>live</b>', input: '<script>window.hacked=1</script>', live: true } });
	await page.goto(`${url}#/packets`);
	await page.reload();
	await rows('packets').first().waitFor();
	const id = await until(
		'a name in a packet',
		() => stage.mock.engine.packets.filter((p) => p.row.protocol === 'TLS').at(-5)?.row.id,
	);
	await show(page, `packets/${id}`);
	await page.waitForSelector('[data-field="tls.handshake.extensions_server_name"]');
	assert(
		(await text('[data-field="tls.handshake.extensions_server_name"] .field-value')) === name,
		'the name is not shown as it is',
	);
	await show(page, `packets?filter=${encodeURIComponent('<img')}`);
	await show(page, 'flows?list=all');
	await page.waitForSelector('[data-table=flows] .said');
	const named = stage.mock.engine.flows.find((f) => f.name === name && f.ja4);
	await show(page, `flow/${encodeURIComponent(named.key)}`);
	await page.waitForSelector('.pairs.said .whole');
	assert((await text('.flow-title .clip')) === name, 'the name of the flow is not shown as it is');
	assert((await text('.pairs.said .whole')) === name, 'the name on the page of the flow is not shown as it is');
	await show(page, `flows?list=all&filter=${encodeURIComponent(name)}`);
	await page.waitForTimeout(800);
	assert((await page.evaluate(() => window.hacked)) === undefined, 'it ran');
	assert((await page.locator('main img, main script').count()) === 0, 'it became an element');
	await clean(page);
});

await check('?perf=1: latency from the stamp to pixels, offset with the right sign', async () => {
	await start({ skew: 4000 });
	await page.goto(`${url}?perf=1#/overview`);
	const row = (name) => text(`[data-perf-row="${name}"]`);
	await until(
		'an offset',
		async () => /^\+4\.0\d|^\+3\.9\d|^\+[34]\d{3}/.test((await row('clock offset')).replace(' s', '')),
		8000,
	);
	await until('a latency', async () => /ms$/.test(await row('latency p99')), 8000);
	const p50 = parseFloat(await row('latency p50'));
	assert(p50 > -2 && p50 < 500, `p50 ${p50} ms with a server that is 4 s ahead`);
	assert((await row('missed')) === '0', `missed ${await row('missed')}`);
	await shot(page, 'use-perf');
});
await finish();
