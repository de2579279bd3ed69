#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// The page as a person uses it, against the mock: search, sort, flow page, inspector, keys alone, pause, hidden tab, settings.
import { assert, check, clean, finish, mockedPage, needBrowser, shot, show, until } from './harness.mjs';

needBrowser();
const stage = await mockedPage();
const { page, text, rows } = stage;

await check('numbers move, and keep their place', async () => {
	await page.waitForSelector('[data-card=Packets] [data-value]');
	const first = await text('[data-card=Packets] [data-value]');
	const box = await page.locator('[data-card=Packets]').boundingBox();
	await until('another value', async () => (await text('[data-card=Packets] [data-value]')) !== first);
	assert(
		JSON.stringify(await page.locator('[data-card=Packets]').boundingBox()) === JSON.stringify(box),
		'the card moved',
	);
});

await check('the rate now is the newest of the chart, and never above the peak', async () => {
	const found = await page.evaluate(async () => {
		for (let i = 0; i < 100; i++) {
			await new Promise((done) => requestAnimationFrame(done));
			const card = document.querySelector('[data-card=Throughput]');
			const [now, peak] = [card.querySelector('.value'), card.querySelector('.detail')].map((e) => e.textContent);
			const legend = document.querySelector('[data-legend]').textContent.split('  ')[1];
			if (now === legend) return { now, peak };
			window.last = [now, legend];
		}
		return { now: window.last, peak: '' };
	});
	const bits = (text) => parseFloat(text) * { k: 1e3, M: 1e6, G: 1e9 }[/([kMG])bit/.exec(text)?.[1]];
	const peak = found.peak.replace('peak ', '');
	assert(bits(found.now) <= bits(peak) * 1.001, `now ${found.now}, peak ${peak}`);
});

await check('the chart zooms by dragging and comes back by a double click', async () => {
	const over = page.locator('.u-over');
	const box = await over.boundingBox();
	await page.mouse.move(box.x + box.width * 0.4, box.y + 50);
	await page.mouse.down();
	await page.mouse.move(box.x + box.width * 0.7, box.y + 60, { steps: 4 });
	await page.mouse.up();
	await page.waitForSelector('.zoom-reset');
	const inked = () =>
		page.locator('.traffic canvas').evaluate((c) => {
			const { data } = c.getContext('2d').getImageData(c.width * 0.3, 0, c.width * 0.4, c.height * 0.8);
			return data.filter((value, i) => i % 4 === 3 && value > 0).length;
		});
	const grid = await inked(); // lines of the grid are ink too, and stay
	for (let i = 0; i < 400; i++) stage.mock.step();
	await page.waitForTimeout(300);
	assert((await inked()) > grid / 2, `the zoomed chart went blank: ${await inked()} of ${grid} pixels`);
	await over.dblclick();
	await page.waitForSelector('.zoom-reset', { state: 'detached' });
});

await check('the line of the pointer stands at the time that the legend tells; other spans', async () => {
	await page.click('.traffic .segments >> text=5m');
	await page.click('[aria-label="Pause (space)"]');
	const seconds = (time) => time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
	const told = async () => seconds(/\d\d:\d\d:\d\d/.exec(await text('[data-legend]'))[0]);
	await page.mouse.move(10, 10);
	const end = await told();
	const box = await page.locator('.u-over').boundingBox();
	for (const part of [0.21, 0.508, 0.77]) {
		await page.mouse.move(box.x + box.width * part, box.y + 60);
		await page.waitForTimeout(50);
		const line = (await page.locator('.u-cursor-x').boundingBox()).x - box.x;
		const at = box.width * (1 - (end - (await told())) / 300);
		assert(Math.abs(line - at) < 2, `the line is at ${line} px, the time of the legend at ${at}`);
	}
	await page.click('[aria-label^="Resume"]');
	for (const span of ['3h', '30d', 'All', '15m']) {
		await page.click(`.traffic .segments >> text="${span}"`);
		await page.waitForSelector('.traffic canvas');
	}
});

await check('search: a filter of the language, by the keyboard, is a permalink', async () => {
	await page.keyboard.press('/');
	await page.keyboard.type('port:443 rtt>5ms');
	await page.keyboard.press('Enter');
	await page.waitForSelector('[data-matched]');
	assert((await page.evaluate(() => location.hash)).includes('filter=port%3A443+rtt%3E5ms'), 'not in the address');
	const want = stage.mock.query({ filter: 'port:443 rtt>5ms' }).matched;
	await until(
		'the count',
		async () => Math.abs(Number(await page.locator('[data-matched]').getAttribute('data-matched')) - want) <= 12,
	);
	const shown = await rows('flows').allTextContents();
	assert(shown.length > 0 && shown.every((row) => row.includes(':443')), 'a row without port 443');
	await page.reload();
	await page.waitForSelector('[data-matched]');
	assert(
		(await page.inputValue('main input[type=search]')) === 'port:443 rtt>5ms',
		'the field is empty after a reload',
	);
});

await check('a filter that cannot be read is explained, one that matches nothing says what to do', async () => {
	await page.fill('main input[type=search]', 'prot:443');
	await page.waitForSelector('.result .bad');
	assert((await text('.result .bad')).includes('prot'), 'no reason');
	const dimmed = () => page.locator('.outdated .rows').evaluate((e) => Number(getComputedStyle(e).opacity));
	assert((await dimmed()) < 0.7, 'rows of the filter before look like an answer');
	assert((await text('.result .bad')).includes('the rows answer "port:443 rtt>5ms"'), 'it is not said what the rows are');
	await shot(page, 'use-bad-filter');
	await page.fill('main input[type=search]', 'host:203.0.113.77');
	await page.waitForSelector('text=No flow matches');
	await page.fill('main input[type=search]', '');
	await rows('flows').first().waitFor();
	await page.waitForSelector('.outdated', { state: 'detached' });
});

await check('sort by any column, both ways', async () => {
	await page.setViewportSize({ width: 1440, height: 800 });
	for (const key of ['packets', 'rtt', 'protocol', 'bytes']) {
		await page.click(`[data-sort=${key}]`);
		await page.waitForSelector(`[role=columnheader][aria-sort] [data-sort=${key}]`);
	}
	const order = () => page.locator('[role=columnheader][aria-sort]').getAttribute('aria-sort');
	await page.click('[data-sort=packets]');
	const before = await order();
	await page.click('[data-sort=packets]');
	assert((await order()) !== before, 'the order did not turn');
	await until('the order of the answer', async () => /order=asc/.test(await page.evaluate(() => location.hash)));
	const shown = async () => {
		const keys = await page.evaluate(() =>
			[...document.querySelectorAll('[data-table=flows] .rows .line')]
				.map((r) => [Number(r.getAttribute('aria-rowindex')), r.id])
				.sort((a, b) => a[0] - b[0])
				.map((r) => r[1].replace('row-flows-', '')),
		);
		return keys.map((k) => stage.mock.engine.flows.find((f) => f.key === k)?.packets_total).slice(0, 5);
	};
	await until('an ascending order', async () => {
		const packets = await shown();
		return packets.length === 5 && packets.every((n, i) => i === 0 || n >= packets[i - 1] * 0.7);
	});
	await page.click('[data-sort=client]');
	const ends = (f) => (f.client === 'a_to_b' ? [f.endpoint_a, f.endpoint_b] : [f.endpoint_b, f.endpoint_a]);
	const first = stage.mock.engine.flows
		.filter((f) => f.client)
		.map((f) => ends(f)[0].ip)
		.sort()[0];
	await until('the least client first', async () =>
		(await text('[data-table=flows] .rows .line:first-child .flowname')).includes(first),
	);
	assert((await page.locator('[data-sort=now]').count()) === 0, 'a rate that only this page knows is no order');
	await page.setViewportSize({ width: 1280, height: 800 });
});

await check('rows are keyed: what stays keeps its element', async () => {
	await page.click('[data-sort=bytes]');
	await page.waitForTimeout(500);
	await page.evaluate(() => {
		for (const row of document.querySelectorAll('[data-table=flows] .rows .line')) row.kept = row.id;
	});
	await page.waitForTimeout(2600);
	const kept = await page.evaluate(
		() => [...document.querySelectorAll('[data-table=flows] .rows .line')].filter((r) => r.kept === r.id).length,
	);
	assert(kept > 15, `only ${kept} rows kept their element`);
});

await check('a flow page: both ends, rates, round trips, by keyboard from the table', async () => {
	await page.focus('[data-table=flows]');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('Enter');
	await page.waitForSelector('.ends');
	await until('two looks', async () => !(await text('.end-box .pairs dd')).startsWith('–'));
	await shot(page, 'use-flow');
	await page.keyboard.press('g');
	await page.keyboard.press('f');
	await page.waitForSelector('.frame[data-view=flows]');
});

await check('an address leads to its flows; an endpoint that was copied is a filter; IPv6 keeps its end', async () => {
	await show(page, 'flows?list=all&filter=proto:tcp');
	const end = page.locator('[data-table=flows] .rows .end-text').first();
	const [ip, shown] = await end.evaluate((e) => [e.firstElementChild.dataset.copy, e.textContent]);
	await end.locator('a').first().click();
	await until('a term for it', async () => (await page.inputValue('main input[type=search]')) === `proto:tcp host:${ip}`);
	await page.waitForSelector('.panel:not(.outdated) [data-matched]');
	await page.fill('main input[type=search]', shown);
	await page.keyboard.press('Enter');
	await until('two terms', async () => (await page.inputValue('main input[type=search]')).startsWith(`host:${ip} port:`));
	await until('rows', async () => Number(await page.locator('[data-matched]').getAttribute('data-matched')) > 0);
	await page.goBack();
	const gaps = await page.locator('.end-text .clip').evaluateAll((all) => all.map((e) => e.textContent).filter((t) => t.length < 3));
	assert(gaps.length === 0, `a gap stands in an address behind ${gaps[0]}`);
	await show(page, 'flows?list=all&filter=!host:10.0.0.0/8');
	await page.waitForSelector('.end-text:has-text("[2001")');
	const ends = await page.locator('[data-table=flows] .rows .end-text').evaluateAll((all) =>
		all
			.filter((e) => e.textContent.startsWith('['))
			.map((e) => {
				const tail = e.querySelector('.cut > span:last-child');
				const box = e.closest('.end').getBoundingClientRect();
				return [tail.textContent + e.lastElementChild.textContent, box.right - e.lastElementChild.getBoundingClientRect().right];
			}),
	);
	assert(ends.length && ends.every(([tail, room]) => /[0-9a-f:]{4,}\]:\d+$/.test(tail) && room > -1), `${ends.find(([, room]) => room <= -1) ?? ends[0]}`);
});

await check('flows that have ended are there, marked, and found by ended:yes', async () => {
	const ended = stage.mock.engine.flows.filter((f) => f.end_reason === 'timeout');
	await show(page, 'flows?list=all');
	await page.waitForSelector(`.result:has-text("${ended.length} of them have ended")`);
	await show(page, 'flows?list=all&filter=ended:yes');
	await page.waitForSelector(`[data-matched="${ended.length}"]`);
	await page.waitForSelector('[data-table=flows] .tag.ended');
	await show(page, `flow/${encodeURIComponent(ended[0].key)}`);
	await page.waitForSelector('.view-head:has-text("ended: timeout")');
});

await check('only the rows in sight are asked for; back from a flow the table stands where it was', async () => {
	const asked = [];
	stage.mock.heard = (m) => m.type === 'query_flows' && !m.key && asked.push(m.limit);
	await show(page, 'flows?list=all');
	await until('an answer', () => asked.length > 0);
	const table = page.locator('[data-table=flows]');
	await until('all rows have room', async () => Number(await table.getAttribute('aria-rowcount')) === 801);
	assert(Math.max(...asked) <= 100, `${asked} rows were asked for`);
	await table.evaluate((e) => (e.scrollTop = 600 * 28));
	const row = rows('flows').filter({ has: page.locator('[role=gridcell]') }).locator('nth=12');
	await until('rows down there', async () => Number(await row.getAttribute('aria-rowindex')) > 590);
	const before = await table.evaluate((e) => e.scrollTop);
	await row.locator('[role=gridcell]').first().click();
	await page.waitForSelector('.ends');
	await page.goBack();
	await until('the same place', async () => Math.abs((await table.evaluate((e) => e.scrollTop)) - before) < 3 * 28);
	await until('the focus', () => page.evaluate(() => document.activeElement?.dataset.table === 'flows'));
	stage.mock.heard = null;
});

await check('names: before the addresses, found, sorted, copied; what only a port says is marked', async () => {
	const flows = stage.mock.engine.flows;
	await show(page, 'flows?list=all&filter=name:cdn.example.net');
	const want = flows.filter((f) => f.name?.endsWith('cdn.example.net')).length;
	await page.waitForSelector(`[data-matched="${want}"]`);
	const cells = rows('flows').first().locator('.cell');
	const heads = await page.locator('[data-table=flows] [role=columnheader]').allTextContents();
	const [name, ends] = [heads.indexOf('Name'), heads.indexOf('Client → server')];
	assert(name >= 0 && name < ends, `the columns are ${heads}`);
	assert((await cells.nth(name).textContent()).endsWith('cdn.example.net'), 'no name in the row');
	await show(page, 'flows?list=all');
	await page.click('[data-sort=name]');
	const least = flows.map((f) => f.name).filter(Boolean).sort()[0];
	await until('the least name first', async () => (await text('[data-table=flows] .rows .said')) === least);
	const guess = flows.find((f) => f.app_source === 'port');
	await show(page, `flow/${encodeURIComponent(guess.key)}`);
	await page.waitForSelector('.pairs.said');
	const marked = page.locator('.pairs.said dd .muted[title]').first();
	assert((await marked.textContent()) === `${guess.app}?`, 'not marked as a guess');
	assert((await text('h2')) === guess.key, 'a guess is no name');
	const long = flows.find((f) => f.name?.length > 200 && f.ja4);
	await show(page, `flow/${encodeURIComponent(long.key)}`);
	await page.waitForSelector(`.flow-title:has-text("${long.name}")`);
	for (const said of [long.name, long.ja4]) {
		await page.click(`.pairs.said [aria-label="Copy ${said}"]`);
		await page.waitForSelector(`.note:has-text("Copied ${said}")`);
	}
	await page.click('.pairs.said a[href*="ja4"]');
	await page.waitForSelector(`[data-matched="${flows.filter((f) => f.ja4 === long.ja4).length}"]`);
});

await check('a run that keeps no names has no columns for them', async () => {
	for (const [names, columns] of [
		['off', []],
		['apps', ['App']],
	]) {
		await stage.start({ names });
		await page.goto(`${stage.url}#/flows?list=all`);
		await page.reload();
		await rows('flows').first().waitFor();
		const heads = await page.locator('[data-table=flows] [role=columnheader]').allTextContents();
		const found = heads.filter((head) => ['App', 'Name'].includes(head));
		assert(String(found) === String(columns), `with ${names} there are ${heads}`);
		await show(page, 'flows?list=all&filter=name:example.org');
		await page.waitForSelector(`.empty:has-text("--names ${names}")`);
		await show(page, `flow/${encodeURIComponent(stage.mock.engine.flows[0].key)}`);
		await page.waitForSelector('.ends');
		const panels = await page.locator('.pairs.said').count();
		assert(panels === columns.length, `with ${names} there are ${panels} panels of what it said`);
	}
	await stage.start();
	await page.goto(stage.url);
	await page.reload();
});

await check('a flow page: what the machine calls the port, when it has a name', async () => {
	for (const [port, said] of [
		[443, ['https']],
		[9000, []],
	]) {
		const { key } = stage.mock.engine.flows.find((f) => f.endpoint_b.port === port);
		await show(page, `flow/${encodeURIComponent(key)}`);
		await page.waitForSelector('text=min TTL');
		const has = await page.locator('dd[title*="the server\'s port"]').allTextContents();
		assert(JSON.stringify(has) === JSON.stringify(said), `${port}: ${has}`);
	}
});

await check('histograms: of all workers or one, since the start or since the view was opened, in words', async () => {
	await show(page, 'cores');
	const words = page.locator('[data-histogram=round_ns]');
	await words.filter({ hasText: 'half within' }).waitFor();
	const count = async () => Number((await words.textContent()).match(/^([\d,]+) /)[1].replaceAll(',', ''));
	const all = await count();
	await page.selectOption('[aria-label$="from poll to sweep: worker"]', { label: 'worker 1' });
	await until('a quarter', async () => Math.abs((await count()) - all / 4) < 1);
	await page.click('[aria-label$="from poll to sweep: since when"] >> text=since this was opened');
	await words.filter({ hasText: 'no round yet' }).waitFor();
});

await check('inspector: fields and bytes light each other, arrow keys walk', async () => {
	await show(page, `packets/${stage.mock.engine.packets.at(-30).row.id}`);
	await page.waitForSelector('.hex .b');
	await page.hover('[data-field="ip.src"]');
	assert((await page.locator('.hex .b.hot').count()) === 4, 'four bytes of the source are to be lit');
	await page.hover('.hex .b[data-at="30"]');
	assert(
		(await page.locator('.field-row.hot').getAttribute('data-field')) === 'ip.dst',
		'byte 30 is the destination',
	);
	await page.click('.hex .b[data-at="23"]');
	await page.waitForSelector('[data-field="ip.proto"][aria-selected=true]');
	assert(/Internet Protocol.*Protocol/.test(await text('[data-crumbs]')), 'no path');
	await page.focus('[role=tree]');
	await page.keyboard.press('ArrowDown');
	await page.waitForSelector('[data-field="ip.checksum"][aria-selected=true]');
	await page.keyboard.press('ArrowLeft');
	await page.keyboard.press('ArrowLeft');
	await page.waitForSelector('[data-field="ip"][aria-selected=true][aria-expanded=false]');
	assert((await page.locator('[data-field="ip.ttl"]').count()) === 0, 'closed, yet its fields are there');
	await page.keyboard.press('ArrowRight');
	await page.waitForSelector('[data-field="ip.ttl"]');
	const before = await page.evaluate(() => location.hash);
	await page.keyboard.press('n');
	await until('the next packet', async () => (await page.evaluate(() => location.hash)) !== before);
	await page.keyboard.press('Escape');
	await page.waitForSelector('.packet-detail', { state: 'detached' });
});

await check('packets: how many of all are here, how they are sampled, how many were missed', async () => {
	await show(page, 'packets');
	await page.waitForFunction(() =>
		/^[\d,]+ of [\d,]+ packets · sampling every packet · [\d,]+ missed$/.test(
			document.querySelector('[data-packet-count]').textContent,
		),
	);
});

await check('a packet that is not kept any more says so', async () => {
	await show(page, 'packets/1');
	await page.waitForSelector('text=not kept any more');
});

await check('one key press leads past the frame; what moves is not read aloud all the time', async () => {
	await show(page, 'flows?list=all');
	await page.evaluate(() => document.activeElement?.blur());
	await page.reload();
	await rows('flows').first().waitFor();
	await page.keyboard.press('Tab');
	assert((await page.evaluate(() => document.activeElement.textContent)) === 'Skip to the content', 'no link to skip');
	await page.keyboard.press('Enter');
	assert((await page.evaluate(() => document.activeElement.id)) === 'main', 'the focus is not in the content');
	for (const view of ['overview', 'flows?list=all', 'packets']) {
		await show(page, view);
		await page.waitForTimeout(300);
		const spoken = await page.evaluate(async () => {
			const regions = [...document.querySelectorAll('[aria-live], [role=status], [role=alert], output')];
			let changes = 0;
			const observer = new MutationObserver((records) => (changes += records.length));
			for (const region of regions) observer.observe(region, { childList: true, characterData: true, subtree: true });
			await new Promise((done) => setTimeout(done, 2300));
			return changes;
		});
		assert(spoken === 0, `${view}: ${spoken} announcements in two seconds`);
	}
});

await check('the keyboard alone reaches every view and every control', async () => {
	for (const [key, view] of ['ooverview', 'wwho', 'fflows', 'rtcp', 'ddns', 'ppackets', 'aalerts', 'ccores', 'tprofile', 'lledger', 'ssystem'].map(
		(s) => [s[0], s.slice(1)],
	)) {
		await page.keyboard.press('g');
		await page.keyboard.press(key);
		await page.waitForSelector(`.frame[data-view=${view}]`);
	}
	await page.keyboard.press('g');
	await page.keyboard.press('o');
	const reached = new Set();
	for (let i = 0; i < 60; i++) {
		await page.keyboard.press('Tab');
		reached.add(
			await page.evaluate(
				() =>
					document.activeElement
						?.closest('.rail a, .top button, .top a, .search, .verdict, .card, .segments, .table')
						?.className.split(' ')[0] ?? document.activeElement?.parentElement?.className,
			),
		);
	}
	for (const part of ['brand', 'search', 'badge', 'icon-button', 'verdict', 'card', 'table'])
		assert(reached.has(part), `Tab does not reach ${part}: ${[...reached]}`);
	await page.keyboard.press('?');
	await page.waitForSelector('dialog[open]');
	await shot(page, 'use-help');
	await page.keyboard.press('Escape');
	await page.waitForSelector('dialog', { state: 'detached' });
});

await check('pause by space stands still and asks for nothing; going on fills the gap', async () => {
	const rates = [];
	stage.mock.heard = (m) => m.type === 'set_rate' && rates.push(m.tick_ms);
	await page.evaluate(() => document.activeElement?.blur());
	await page.keyboard.press(' ');
	await page.waitForSelector('[data-state=paused]');
	await page.waitForTimeout(300);
	const value = await text('[data-card=Packets] [data-value]');
	await page.waitForTimeout(900);
	assert((await text('[data-card=Packets] [data-value]')) === value, 'it moved');
	assert(rates[0] === 0, `asked for ${rates[0]} ms`);
	await page.keyboard.press(' ');
	await until('it moves again', async () => (await text('[data-card=Packets] [data-value]')) !== value);
	assert(rates[1] === 200, `asked for ${rates[1]} ms`);
});

await check('a hidden tab asks for a low rate', async () => {
	const rates = [];
	stage.mock.heard = (m) => m.type === 'set_rate' && rates.push(m.tick_ms);
	const turn = (hidden) =>
		page.evaluate((h) => {
			Object.defineProperty(document, 'hidden', { value: h, configurable: true });
			document.dispatchEvent(new Event('visibilitychange'));
		}, hidden);
	await turn(true);
	await until('10 s', () => rates.at(-1) === 10000);
	await turn(false);
	await until('all frames', () => rates.at(-1) === 200);
});

await check('losses and alerts are red with their time until they are marked as seen, also after a reload', async () => {
	const { engine } = stage.mock;
	stage.mock.options.live = false; // no further drops, and no further alerts
	engine.alert = () => {};
	await show(page, 'overview');
	await page.waitForSelector('.verdict.bad:has-text("last at")');
	assert((await page.locator('.count.bad').count()) === 2, 'losses and alerts are not red in the rail');
	for (const view of ['ledger', 'alerts']) {
		await show(page, view);
		await page.click('text=Mark as seen');
		await page.waitForSelector('[data-seen=true]');
	}
	for (const again of [false, true]) {
		await show(page, 'overview');
		if (again) await page.reload();
		await page.waitForSelector('.verdict.quiet:has-text("packets lost")');
		await page.waitForSelector('[data-card=Alerts]:not(.bad) [data-value]');
		assert((await page.locator('.count.bad').count()) === 0, 'the rail is red');
	}
	await shot(page, 'use-seen');
	engine.totals.rx_kernel_drops++;
	engine.lose('kernel', 'rx_kernel_drops', 'packets');
	await page.waitForSelector('.verdict.bad:has-text("packets lost")');
	delete stage.mock.options.live;
	delete engine.alert;
});

await check('theme, units and zone are switched by keys and kept', async () => {
	const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
	await page.keyboard.press('t');
	await page.keyboard.press('t');
	assert((await theme()) === 'dark', 'not dark');
	await page.keyboard.press('u');
	await until('bytes', async () => /B\/s/.test(await text('[data-card=Throughput] .value')));
	await page.keyboard.press('z');
	await until('local time', async () => /UTC\+0[12]:00/.test(await text('.clock')));
	await page.reload();
	await page.waitForSelector('[data-card=Throughput] [data-value]');
	assert((await theme()) === 'dark', 'not kept');
	await shot(page, 'use-dark');
	for (const key of ['t', 'u', 'z']) await page.keyboard.press(key);
});

await check('packets out of the recorder: of a flow, a host and an alert, where there is one', async () => {
	const { key } = stage.mock.engine.moving[0];
	for (const recorder of [false, true]) {
		stage.mock.options.recorder = recorder;
		for (const [view, want] of [
			[`flow/${encodeURIComponent(key)}`, `?flow=${key}`],
			['flows?list=all&filter=host:10.0.0.1', '?host=10.0.0.1'],
			['alerts', '&from='],
		]) {
			await show(page, view);
			if (recorder) await page.waitForSelector(`[data-recorder][href*="${want}"]:has-text("last 43.0 s")`);
			else {
				await page.waitForTimeout(500);
				assert((await page.locator('[data-recorder]').count()) === 0, `${view}: a button for what there is not`);
			}
		}
	}
	await shot(page, 'use-recorder');
	stage.mock.options.recorder = false;
});

await check('words are those of an engineer', async () => {
	const odd = /\d syns|of the last tick|moved a byte|every packet is a candidate|\ba look\b|\bleast\b|\bLasts\b|Go on|nothing to say/;
	await stage.start({ doctor: [] });
	await page.goto(`${stage.url}#/overview`);
	await page.reload();
	const flow = stage.mock.engine.moving.find((f) => f.rtt_samples > 0);
	for (const view of ['overview', 'flows', 'flows?list=all', `flow/${encodeURIComponent(flow.key)}`, 'packets', 'alerts', 'system']) {
		await show(page, view);
		await page.waitForTimeout(400);
		const said = await page.evaluate(() =>
			[document.body.innerText, ...[...document.querySelectorAll('[title],[aria-label]')].map((e) => `${e.title} ${e.ariaLabel}`)].join('\n'),
		);
		assert(!odd.test(said), `${view}: ${odd.exec(said)?.[0]}`);
	}
});

await check('nothing was refused or thrown on the way', () => clean(page));
await finish();
