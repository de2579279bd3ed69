// SPDX-License-Identifier: MIT
//
// What the browser tests share: Chromium, the page's bundle, the servers that they talk to, and one line for each check.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const PAGE = join(ROOT, 'dashboard/page');
export const BUILD = resolve(process.env.BUILD_DIR ?? join(ROOT, 'build'));
export const SCREENS = join(BUILD, 'screens');
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const ARGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
	'--force-color-profile=srgb',
	'--font-render-hinting=none',
	'--js-flags=--expose-gc',
];

export const VIEWS = ['overview', 'who', 'flows', 'tcp', 'dns', 'packets', 'alerts', 'cores', 'profile', 'ledger', 'system'];

let failed = false;
const closers = [];

export function skipUnless(what, why) {
	if (what) return;
	console.log(`skip - ${why}`);
	process.exit(0);
}

export function needBrowser() {
	skipUnless(CHROMIUM, 'browser tests: Chromium is not installed (tools/setup installs it)');
	skipUnless(
		existsSync(join(PAGE, 'node_modules/playwright-core')),
		"browser tests: the page's packages are not installed (npm ci in dashboard/page)",
	);
}

/** The program with its dashboard, or one line why these checks are left out. */
export function needProgram() {
	const program = process.env.NETSCOPE ?? join(BUILD, 'release/netscope');
	skipUnless(existsSync(program), 'browser tests of the program: it is not built');
	const probe = spawnSync(program, ['--print-config', '--web', '-r', join(ROOT, 'tests/data/sample.pcapng')], {
		encoding: 'utf8',
	});
	skipUnless(
		!/not (available )?in this (build|version)/.test(probe.stderr ?? ''),
		'browser tests of the program: --web is not in this build',
	);
	return program;
}

/** Runs a check; what it throws is the reason that is printed. */
export async function check(name, run) {
	try {
		await run();
		console.log(`ok - ${name}`);
	} catch (error) {
		failed = true;
		console.log(
			`not ok - ${name}: ${String(error?.message ?? error)
				.split('\n')
				.slice(0, 3)
				.join(' | ')}`,
		);
		if (process.env.VERBOSE) console.error(error);
	}
}

export function assert(condition, message) {
	if (!condition) throw new Error(message);
}

export function onEnd(close) {
	closers.push(close);
}

export async function finish() {
	for (const close of closers.reverse()) {
		try {
			await close();
		} catch (error) {
			console.error(error);
		}
	}
	process.exit(failed ? 1 : 0);
}

export function temporary(name) {
	const made = mkdtempSync(join(process.env.TEST_TMP ?? tmpdir(), `${name}-`));
	onEnd(() => rmSync(made, { recursive: true, force: true }));
	return made;
}

/** The bundle, built from the sources that are there. */
export function buildPage() {
	const out = temporary('page');
	const built = spawnSync(process.execPath, [join(PAGE, 'build.mjs'), out, '--quiet'], { encoding: 'utf8' });
	if (built.status !== 0) throw new Error(`the page does not build: ${built.stderr}`);
	return out;
}

export async function openBrowser() {
	const { chromium } = await import(join(PAGE, 'node_modules/playwright-core/index.mjs'));
	const browser = await chromium.launchPersistentContext(temporary('chromium'), {
		executablePath: CHROMIUM,
		headless: true,
		args: ARGS,
		viewport: { width: 1280, height: 800 },
		timezoneId: 'Europe/Berlin',
		locale: 'en-GB',
	});
	onEnd(() => browser.close());
	mkdirSync(SCREENS, { recursive: true });
	return browser;
}

/** A tab that remembers what must not happen: errors, and reports of the content security policy. */
export async function openPage(browser, url, size = { width: 1280, height: 800 }) {
	const page = await browser.newPage();
	page.setDefaultTimeout(240_000);
	await page.setViewportSize(size);
	page.bad = [];
	page.on('pageerror', (error) => page.bad.push(`error: ${error.message}`));
	page.on('console', (message) => {
		if (/content security policy|refused to/i.test(message.text())) page.bad.push(message.text());
	});
	await page.addInitScript(() => {
		window.cspReports = [];
		document.addEventListener('securitypolicyviolation', (event) =>
			window.cspReports.push(`${event.violatedDirective} ${event.blockedURI}`),
		);
	});
	await page.goto(url);
	return page;
}

export async function clean(page) {
	const reports = await page.evaluate(() => window.cspReports);
	assert(reports.length === 0, `reports of the policy: ${reports.join(', ')}`);
	assert(page.bad.length === 0, page.bad.join(', '));
}

/** Goes to a view and waits until its own content is there. */
export async function show(page, hash) {
	await page.evaluate((h) => {
		location.hash = h;
	}, `#/${hash}`);
	const view = hash.split(/[/?]/)[0];
	// a locator and not waitForSelector: the handle that the latter gives back would keep the whole view alive
	await page.locator(`.frame[data-view="${view}"] .view`).waitFor();
}

export const shot = (page, name) => page.screenshot({ path: join(SCREENS, `${name}.png`) });

export async function until(what, test, ms = 240_000) {
	const end = Date.now() + ms;
	for (;;) {
		const value = await test();
		if (value) return value;
		if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
		await new Promise((done) => setTimeout(done, 50));
	}
}

/** Below the ports that the kernel gives to clients: one of another test's would take it before the server does. */
export function freePort() {
	return new Promise((done) => {
		const port = 20000 + Math.floor(Math.random() * 12000);
		const server = createServer();
		server.once('error', () => done(freePort()));
		server.listen(port, '127.0.0.1', () => server.close(() => done(port)));
	});
}

/** Starts the program and waits until its server answers; the function that comes back ends it. */
export async function startProgram(program, args, port) {
	const child = spawn(program, [...args, '--web', '--web-port', String(port)], {
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	let errors = '';
	child.stderr.on('data', (data) => (errors = (errors + data).slice(-4000)));
	const ended = new Promise((done) => child.on('exit', (code) => done(code)));
	const stop = async () => {
		if (child.exitCode !== null) return child.exitCode;
		child.kill('SIGINT');
		const timer = setTimeout(() => child.kill('SIGKILL'), 240_000);
		const code = await ended;
		clearTimeout(timer);
		return code;
	};
	onEnd(stop);
	await until(`the server of ${program}`, async () => {
		if (child.exitCode !== null) throw new Error(`the program ended with ${child.exitCode}: ${errors}`);
		return fetch(`http://127.0.0.1:${port}/api/health`).then(
			(r) => r.ok,
			() => false,
		);
	});
	return { stop, pid: child.pid };
}

/** The page in a browser before a mock that ticks five times a second; `start` puts another mock in its place, on the same port. */
export async function mockedPage() {
	const { Mock } = await import(join(PAGE, 'mock/server.mjs'));
	const bundle = buildPage();
	const port = await freePort();
	const stage = { mock: null, url: `http://127.0.0.1:${port}/` };
	stage.stop = () => stage.mock?.close();
	stage.start = async (options = {}) => {
		await stage.stop();
		stage.mock = new Mock({ page: bundle, seed: 7, tick_ms: 200, ...options });
		await stage.mock.listen(port);
	};
	onEnd(stage.stop);
	await stage.start();
	stage.page = await openPage(await openBrowser(), stage.url);
	stage.text = (selector) => stage.page.locator(selector).first().textContent();
	stage.rows = (table) => stage.page.locator(`[data-table=${table}] .rows .line`);
	return stage;
}
