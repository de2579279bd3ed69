#!/usr/bin/env node
// SPDX-License-Identifier: MIT
//
// The page without a browser: its unit tests, its weight. Types and lint: tests/check/page.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { assert, buildPage, check, finish, PAGE, skipUnless } from './harness.mjs';

skipUnless(
	existsSync(join(PAGE, 'node_modules/typescript')),
	'page: its packages are not installed (npm ci in dashboard/page)',
);

const run = (program, ...args) =>
	spawnSync(process.execPath, [join(PAGE, program), ...args], { cwd: PAGE, encoding: 'utf8' });

const units = run('test.mjs', '--test-reporter=tap');
const lines = units.stdout.split('\n').filter((line) => /^(not )?ok \d+ - /.test(line));
for (const line of lines)
	await check(`unit: ${line.replace(/^(not )?ok \d+ - /, '')}`, () => assert(line.startsWith('ok'), 'see npm test'));
await check('unit tests ran to their end', () =>
	assert(units.status === 0 && lines.length > 20, units.stderr || `${lines.length} tests, status ${units.status}`),
);

await check('at most 130 kB gzipped, no other host, nothing inline', () => {
	const out = buildPage();
	const text = ['index.html', 'app.js', 'app.css', 'icon.svg'].map((name) => readFileSync(join(out, name)));
	const bytes = text.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0);
	assert(bytes <= 130_000, `${bytes} bytes`);
	const [html, script, style] = text.map(String);
	assert(!/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/i.test(html), 'index.html has something inline');
	assert(
		!/\beval\(|new Function\(|dangerouslySetInnerHTML:/.test(script.replaceAll('dangerouslySetInnerHTML:null', '')),
		'app.js makes code from text',
	);
	const hosts = [...`${html}${style}${script}`.matchAll(/https?:\/\/[a-z0-9.-]+/gi)]
		.map((m) => m[0])
		.filter((h) => !/www\.w3\.org/.test(h));
	assert(hosts.length === 0, `other hosts: ${hosts.join(' ')}`);
});

await check('the lock file names no host and pins every version', () => {
	const lock = JSON.parse(readFileSync(join(PAGE, 'package-lock.json'), 'utf8'));
	const packages = Object.entries(lock.packages).filter(([name]) => name !== '');
	assert(
		packages.every(([, p]) => !p.resolved && p.integrity && p.version),
		'a package without integrity, or with an address',
	);
	const own = lock.packages[''];
	for (const version of Object.values({ ...own.dependencies, ...own.devDependencies }))
		assert(/^\d+\.\d+\.\d+$/.test(version), `${version} is no exact version`);
});
await finish();
