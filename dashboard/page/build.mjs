// SPDX-License-Identifier: MIT
//
// Bundles the page: index.html, app.js, app.css, icon.svg and snapshot.js in the directory that is the first argument or $OUT_DIR.
//   node build.mjs DIR [--watch] [--map] [--quiet]
// Fails when what a page loads, or snapshot.js, which it loads later, is above its budget, compressed as they are served.
import { build, context } from 'esbuild';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const BUDGET_BYTES = 130_000;
const LATER_BYTES = 9_000;
const here = dirname(fileURLToPath(import.meta.url));
const flags = process.argv.slice(2).filter((a) => a.startsWith('--'));
const target = process.argv.slice(2).find((a) => !a.startsWith('--')) ?? process.env.OUT_DIR;
if (!target) {
	console.error('build.mjs: the directory to write to is missing: node build.mjs DIR');
	process.exit(2);
}
const out = resolve(target);

const options = {
	absWorkingDir: here,
	entryPoints: { app: 'src/main.tsx', snapshot: 'src/snapshot.ts' },
	outdir: out,
	bundle: true,
	minify: true,
	format: 'esm',
	target: ['es2020', 'chrome96', 'firefox100', 'safari15'],
	jsx: 'automatic',
	jsxImportSource: 'preact',
	legalComments: 'none',
	charset: 'utf8',
	sourcemap: flags.includes('--map') ? 'linked' : false,
	logLevel: 'warning',
};

async function weigh() {
	let total = 0;
	const parts = [];
	for (const name of ['index.html', 'app.js', 'app.css', 'icon.svg']) {
		const size = gzipSync(await readFile(join(out, name)), { level: 9 }).length;
		total += size;
		parts.push(`${name} ${(size / 1000).toFixed(1)}`);
	}
	const later = gzipSync(await readFile(join(out, 'snapshot.js')), { level: 9 }).length;
	if (!flags.includes('--quiet'))
		console.log(`page: ${(total / 1000).toFixed(1)} kB gzipped (${parts.join(', ')}), later snapshot.js ${(later / 1000).toFixed(1)}`);
	for (const [what, size, budget] of [
		['page', total, BUDGET_BYTES],
		['snapshot.js', later, LATER_BYTES],
	]) {
		if (size <= budget) continue;
		console.error(`${what}: ${size} bytes gzipped, the budget is ${budget}`);
		process.exitCode = 1;
	}
}

await mkdir(out, { recursive: true });
for (const name of ['index.html', 'icon.svg']) await copyFile(join(here, 'src', name), join(out, name));
if (flags.includes('--watch')) await (await context(options)).watch();
else {
	await build(options);
	await weigh();
}
