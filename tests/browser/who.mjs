#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// Who: groups, the page of a host, talkers, links and copies, places kept on the way back, against the mock.
import { assert, check, clean, finish, mockedPage, needBrowser, shot, show, until } from './harness.mjs';

needBrowser();
const stage = await mockedPage();
const { page, text, rows } = stage;
const hash = () => page.evaluate(() => decodeURIComponent(location.hash.replaceAll('+', ' ')));
const { groupsAnswer } = await import('../../dashboard/page/mock/groups.mjs');
const ask = (query) => groupsAnswer(stage.mock.engine, query, stage.mock.options);
const active = () =>
	page.evaluate(() => document.activeElement?.dataset.table ?? document.activeElement?.getAttribute('href') ?? '');

await check('who used most in the last minute, and what for: three clicks from the overview', async () => {
	await show(page, 'overview');
	await page.click('text=Who used most in the last minute?');
	await rows('groups').first().waitFor();
	await shot(page, 'who-walk-1');
	const most = ask({ by: 'host', last: 60, limit: 5 }).rows.map((r) => r.key);
	const first = await text('[data-table=groups] .rows .line .value');
	assert(most.includes(first), `${first} is none of ${most}`);
	assert(/^\d+ hosts, exact · .* flows, last (3\d|4\d|5\d)\.\d s/.test(await text('.summary')), await text('.summary'));
	await rows('groups').first().locator('[role=gridcell]').nth(1).click();
	await page.locator(`[data-host="${first}"]`).waitFor();
	await rows('part-service').first().waitFor();
	await shot(page, 'who-walk-2');
	const what = ask({ by: 'service', filter: `host:${first}`, last: 60 });
	assert((await rows('part-service').count()) === Math.min(8, what.rows.length), 'other services');
	await rows('part-service').first().locator('[role=gridcell]').nth(1).click();
	await page.locator('.frame[data-view=flows] [data-matched]').waitFor();
	assert((await hash()).includes(`filter=host:${first} proto:`), await hash());
	await rows('flows').first().waitFor();
	await shot(page, 'who-walk-3');
});

await check('every kind of group is shown, its sums are those of the server, and its number of flows leads to them', async () => {
	for (const by of ['host', 'service', 'name', 'app', 'net24', 'asn', 'country', 'vlan', 'interface']) {
		await show(page, `who/${by}`);
		const want = ask({ by });
		await page.locator(`.summary[data-groups="${want.groups}"]`).waitFor();
		await until(`the rows of ${by}`, async () => (await rows('groups').count()) >= Math.min(10, want.rows.length));
		const keys = await page.locator('[data-table=groups] .rows .line').evaluateAll((all) =>
			all.map((e) => decodeURIComponent(e.id.replace('row-groups-', ''))),
		);
		const known = new Set(ask({ by, limit: 1000 }).rows.map((r) => r.key));
		assert(keys.length > 0 && keys.every((key) => known.has(key)), `${by}: ${keys.find((key) => !known.has(key))}`);
		if (want.without.flows) assert((await text('.summary')).includes(`${want.without.flows} flows with`), 'not said what is in no row');
	}
	await show(page, 'who/vlan');
	await page.locator('[data-table=groups] .rows .value').first().waitFor();
	const flows = page.locator('[data-table=groups] .rows a[title="Its flows"]').first();
	const count = await flows.textContent();
	await flows.click();
	await page.locator(`[data-matched="${count}"]`).waitFor();
	assert(/filter=vlan:\d+/.test(await hash()), await hash());
});

await check('sort by what the server sorts by, filter, and who is behind a service', async () => {
	await show(page, 'who/service');
	await page.click('[data-sort=flows]');
	await page.locator('[aria-sort] [data-sort=flows]').waitFor();
	const want = ask({ by: 'service', sort: 'flows' }).rows[0];
	await until('most flows first', async () => (await text('[data-table=groups] .rows .line .group-name')).startsWith(want.key.split('/')[1]));
	await rows('groups').first().locator('[role=gridcell]').nth(1).click();
	await page.locator('[aria-label=By] [aria-pressed=true]:has-text("Hosts")').waitFor();
	assert((await page.inputValue('main input[type=search]')) === want.term, await page.inputValue('main input[type=search]'));
	await page.locator(`.summary[data-groups="${ask({ by: 'host', filter: want.term }).groups}"]`).waitFor();
	await page.click('[data-table=groups] .rows .value >> nth=0');
	await page.locator('.frame[data-view=host]').waitFor();
	await show(page, 'who/host?filter=prot:443');
	await page.locator('.result .bad').waitFor();
	await show(page, 'who/host?filter=host:203.0.113.77');
	await page.waitForSelector('text=No flow matches');
});

await check('an answer that is not exact says how many rows are certain and what may be missing', async () => {
	stage.mock.options.room = 20;
	await show(page, 'who/host');
	await page.locator('.summary[data-exact=false]').waitFor();
	const said = await text('.summary');
	assert(/More hosts than there is room for: the first \d+ are certain; one that is missing has at most [\d.]+ \wbit/.test(said), said);
	await shot(page, 'who-bound');
	delete stage.mock.options.room;
	await page.locator('.summary[data-exact=true]').waitFor();
});

await check('countries and systems are links: of a group, beside a host, beside the end of a flow', async () => {
	await show(page, 'who/country');
	const most = ask({ by: 'country' }).rows[0];
	await page.locator(`[data-table=groups] .rows .value:has-text("${most.key}")`).first().waitFor();
	await rows('groups').first().locator('[role=gridcell]').nth(1).click();
	await page.locator(`.summary[data-groups="${ask({ by: 'host', filter: most.term }).groups}"]`).waitFor();
	assert((await page.inputValue('main input[type=search]')) === most.term, await page.inputValue('main input[type=search]'));
	const system = page.locator('[data-table=groups] .rows a.value[href*="asn"]').first();
	const term = (await system.getAttribute('data-copy')) ?? '';
	await system.click();
	await until('both terms', async () => (await page.inputValue('main input[type=search]')) === `${most.term} ${term}`);
	await show(page, 'flows?list=all');
	const country = page.locator('[data-table=flows] .rows a.country').first();
	const place = (await country.getAttribute('data-copy')) ?? '';
	await country.click();
	await page.locator('.frame[data-view=flows] [data-matched]').waitFor();
	assert((await hash()).includes(`filter=${place}`), `${place}: ${await hash()}`);
	assert(/^(country|asn):/.test(place), place);
});

await check('behind the thousandth row the list goes on, to all that the workers hold', async () => {
	await stage.start({ flows: 12000 });
	stage.mock.options.room = 2500;
	await page.goto(`${stage.url}#/who/pair?as=table`);
	await page.reload();
	await rows('groups').first().waitFor();
	const want = ask({ by: 'pair', limit: 1000, after: '1500' });
	assert(want.groups === null && want.rows.length === 1000 && want.more === 0, `the mock has ${want.groups} pairs`);
	const table = page.locator('[data-table=groups]');
	await until('all rows have room', async () => Number(await table.getAttribute('aria-rowcount')) >= 2500);
	await table.evaluate((e) => (e.scrollTop = 2300 * 28));
	await table.locator('[aria-rowindex="2305"] [role=gridcell]').first().waitFor();
	const known = new Set(ask({ by: 'pair', limit: 1000, after: '1500' }).rows.map((r) => r.key));
	const key = decodeURIComponent((await table.locator('[aria-rowindex="2305"]').getAttribute('id')).replace('row-groups-', ''));
	assert(known.has(key), `${key} is not there`);
	assert(/one that is missing has at most/.test(await text('.summary')), await text('.summary'));
	await shot(page, 'who-behind-a-thousand');
	await stage.start();
	await page.goto(`${stage.url}#/who/host`);
	await page.reload();
});

await check('back from a host: the rows, the cursor and the focus are where they were', async () => {
	await show(page, 'who/host');
	await rows('groups').first().waitFor();
	const table = page.locator('[data-table=groups]');
	await until('all rows have room', async () => Number(await table.getAttribute('aria-rowcount')) > 500);
	await table.evaluate((e) => (e.scrollTop = 300 * 28));
	await until('rows down there', async () => (await table.locator('[aria-rowindex="305"]').count()) === 1);
	await table.locator('[aria-rowindex="305"] [role=gridcell]').nth(1).click();
	await page.locator('.frame[data-view=host]').waitFor();
	await page.goBack();
	await until('the same place', async () => Math.abs((await table.evaluate((e) => e.scrollTop)) - 300 * 28) < 3 * 28);
	await until('the focus', async () => (await active()) === 'groups');
	await table.locator('[aria-rowindex="305"]').waitFor();
	await until('the cursor', async () => (await table.locator('.line.cursor').count()) === 1);
	await table.press('ArrowDown');
	await until('the cursor goes on from there', async () => {
		const at = await table.locator('.line.cursor').getAttribute('aria-rowindex', { timeout: 1000 }).catch(() => 0);
		return Math.abs(at - 306) < 8;
	});
});

await check('back to a page that was scrolled, by a link that had the focus', async () => {
	const ip = stage.mock.engine.moving[0].endpoint_b.ip;
	await show(page, `host/${ip}`);
	await rows('host-flows').first().waitFor();
	await rows('part-host').first().waitFor();
	const link = page.locator('.host-flows header a');
	await link.focus();
	const before = await page.evaluate(() => document.getElementById('main').scrollTop);
	assert(before > 200, `not scrolled: ${before}`);
	await page.keyboard.press('Enter');
	await page.locator('.frame[data-view=flows]').waitFor();
	await page.goBack();
	await page.locator('.frame[data-view=host]').waitFor();
	await until('the same place', async () => Math.abs((await page.evaluate(() => document.getElementById('main').scrollTop)) - before) < 30);
	await until('the focus', async () => (await active()).includes('filter=host'));
});

await check('keys alone: from anywhere to the hosts, down the rows, to the page of one, and back', async () => {
	await show(page, 'overview');
	await page.keyboard.press('Escape');
	await page.evaluate(() => document.activeElement?.blur());
	await page.keyboard.press('g');
	await page.keyboard.press('w');
	await rows('groups').first().waitFor();
	await page.keyboard.press('/');
	await page.keyboard.press('ArrowDown');
	assert((await active()) === 'groups', `the focus is in ${await active()}`);
	await page.keyboard.press('Home');
	await page.keyboard.press('ArrowDown');
	const row = decodeURIComponent((await page.locator('[data-table=groups] .line.cursor').getAttribute('id')).replace('row-groups-', ''));
	await page.keyboard.press('Enter');
	await page.locator(`[data-host="${row}"]`).waitFor();
	await page.goBack();
	await until('the focus in the table', async () => (await active()) === 'groups');
});

await check('a value is copied by its key, from the pointer and from the chosen row, and is a filter', async () => {
	await show(page, 'who/host');
	await rows('groups').first().waitFor();
	await page.keyboard.press('Escape');
	const host = page.locator('[data-table=groups] .rows .value').first();
	await host.hover();
	const ip = await host.getAttribute('data-copy');
	await page.keyboard.press('c');
	await page.locator(`.note:has-text("Copied ${ip}")`).waitFor();
	await page.mouse.move(5, 400);
	await show(page, 'who/vlan');
	await rows('groups').first().waitFor();
	await page.focus('[data-table=groups]');
	await page.keyboard.press('Home');
	await page.keyboard.press('c');
	const note = page.locator('.note:has-text("Copied vlan:")');
	await note.waitFor();
	const copied = (await note.textContent()).replace('Copied ', '');
	await show(page, 'who/host');
	await page.fill('main input[type=search]', copied);
	await page.keyboard.press('Enter');
	await page.locator(`.summary[data-groups="${ask({ by: 'host', filter: copied }).groups}"]`).waitFor();
});

await check('the page of a host: totals, peers, services, names, its alerts, health over all flows', async () => {
	const { engine } = stage.mock;
	const ip = '192.0.2.9';
	engine.alerts.push({
		id: (engine.alerts.at(-1)?.id ?? 0) + 1, time: engine.clock, kind: 'syn_flood', description: 'SYN flood suspected: 900 syns to 192.0.2.9:443',
		source_ip: null, target_ip: ip, target_port: 443, window_secs: 5, observed: null, thresholds: null,
	});
	await page.reload();
	await show(page, `host/${ip}?last=60`);
	await page.locator('.host-alerts li').first().waitFor();
	for (const part of ['part-service', 'part-host', 'host-flows']) await rows(part).first().waitFor();
	const want = ask({ by: 'host', filter: `host:${ip}` });
	await page.locator(`h2:has-text("Flows: ${want.total.flows}")`).waitFor();
	await page.locator('h2:has-text("TCP health, all flows")').waitFor();
	await page.locator('dt:has-text("mean rate")').first().waitFor();
	const peers = await page.locator('[data-table=part-host] .rows [data-copy]').evaluateAll((all) => all.map((e) => e.dataset.copy));
	assert(peers.length > 0 && !peers.includes(ip), `its peers are ${peers}`);
	await shot(page, 'who-host');
	await page.click('[aria-label="Which time"] >> text=All flows');
	await page.locator('dt:has-text("packets sent")').waitFor();
	await show(page, 'host/203.0.113.99');
	await page.waitForSelector('text=No flow of this host is held');
	await show(page, 'host/nonsense%20host');
	await page.waitForSelector('text=This is not the address of a host');
});

await check('talkers: ribbons and cells are walked by keys, lead to their flows, and the table says the same', async () => {
	for (const [as, link] of [
		['sankey', '.sankey a.ribbon'],
		['matrix', '.matrix td a'],
	]) {
		await show(page, `who/pair?as=${as}`);
		await page.locator(link).first().waitFor();
		const room = await page.locator('.pairs-picture').evaluate((e) => [e.clientHeight, e.parentElement.clientHeight]);
		assert(room[0] > room[1] - 80, `the picture has ${room[0]} of ${room[1]} px`);
		const stops = await page.locator(`${link}[tabindex="0"]`).count();
		assert(stops === 1, `${as}: Tab stops at ${stops}`);
		await page.locator(`${link}[tabindex="0"]`).focus();
		const before = await active();
		for (const key of as === 'sankey' ? ['ArrowDown'] : ['ArrowDown', 'ArrowUp', 'ArrowRight', 'ArrowLeft']) await page.keyboard.press(key);
		if (as === 'sankey') assert((await active()) !== before, 'the arrow did not move the focus');
		await page.keyboard.press('Enter');
		await page.locator('.frame[data-view=flows] [data-matched]').waitFor();
		const found = Number(await page.locator('[data-matched]').getAttribute('data-matched'));
		assert(found > 0 && /filter=host:\S+ host:/.test(await hash()), `${found} flows, ${await hash()}`);
		await page.goBack();
	}
	await page.click('[aria-label=As] >> text=Table');
	await rows('groups').first().waitFor();
});

await check('the ends of both addresses stand in the overview, whatever their length', async () => {
	for (const width of [1280, 1440]) {
		await page.setViewportSize({ width, height: 800 });
		await show(page, 'overview');
		await rows('top').first().waitFor();
		await until('an IPv6 address', async () => (await page.locator('[data-table=top] .end-text:has-text("[2001")').count()) > 0);
		const cut = await page.locator('[data-table=top] .end').evaluateAll((all) =>
			all
				.filter((e) => {
					const tail = e.querySelector('.end-text').lastElementChild.getBoundingClientRect();
					const shown = e.closest('.cell').getBoundingClientRect();
					return tail.right > Math.min(e.getBoundingClientRect().right, shown.right) + 1;
				})
				.map((e) => e.textContent),
		);
		assert(cut.length === 0, `${width} px: cut is ${cut}`);
	}
	await page.setViewportSize({ width: 1280, height: 800 });
});

await check('rows of groups stay under the pointer and the keyboard, with new values', async () => {
	await show(page, 'who/service');
	await rows('groups').first().waitFor();
	const order = () => page.locator('[data-table=groups] .rows .line').evaluateAll((all) => all.map((e) => e.id).slice(0, 6).join(' '));
	const value = (i) => rows('groups').nth(i).innerText();
	const overtake = async () => {
		const last = ask({ by: 'service', limit: 6 }).rows[5];
		const [proto, port] = last.key.split('/');
		const flow = stage.mock.engine.flows.find((f) => f.protocol === proto && f.endpoint_b.port === Number(port));
		const most = ask({ by: 'service', limit: 1 }).rows[0].bytes;
		flow.bytes_b_to_a += 2 * most;
		flow.bytes_total += 2 * most;
	};
	const box = await page.locator('[data-table=groups]').boundingBox();
	for (const [come, leave, words] of [
		[() => page.mouse.move(box.x + 300, box.y + 120), () => page.mouse.move(5, 400), 'under the pointer'],
		[async () => { await page.focus('[data-table=groups]'); await page.keyboard.press('ArrowDown'); }, () => page.evaluate(() => document.activeElement.blur()), 'while the keyboard is here'],
	]) {
		await come();
		const before = [await order(), await value(5)];
		await overtake();
		await page.locator(`.held:has-text("${words}")`).waitFor();
		assert((await order()) === before[0], `${words}: rows moved`);
		assert((await value(5)) !== before[1], `${words}: an old value`);
		await leave();
		await until('the new order', async () => (await order()) !== before[0], 10_000);
	}
});

await check('what came from the wire stays text', async () => {
	await show(page, 'who/asn');
	await page.waitForSelector('[data-table=groups]:has-text("<img src=x>")');
	await show(page, 'who/name');
	await page.waitForSelector('[data-table=groups]:has-text("%3cimg")');
	assert((await page.locator('main img, main script').count()) === 0, 'it became an element');
});

await check('a run without names, and a server without groups, say so', async () => {
	for (const [options, hash, said] of [
		[{ names: 'off' }, 'who/name', 'This run keeps no name'],
		[{ groups: false }, 'who/host', 'This server does not add up flows'],
	]) {
		await stage.start(options);
		await page.goto(`${stage.url}#/${hash}`);
		await page.reload();
		await page.waitForSelector(`text=${said}`);
	}
});

await check('nothing was refused or thrown on the way', () => clean(page));
await finish();
