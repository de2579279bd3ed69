// SPDX-License-Identifier: MIT
//
// Bundles test/*.test.ts with what they test and runs them with node's own test runner.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = await mkdtemp(join(process.env.TEST_TMP ?? tmpdir(), 'page-tests-'));
const names = (await readdir(join(here, 'test'))).filter((name) => name.endsWith('.test.ts')).sort();
try {
	await build({
		absWorkingDir: here,
		entryPoints: names.map((name) => `test/${name}`),
		outdir: out,
		outExtension: { '.js': '.mjs' },
		bundle: true,
		platform: 'node',
		format: 'esm',
		jsx: 'automatic',
		jsxImportSource: 'preact',
		logLevel: 'warning',
	});
	const files = names.map((name) => join(out, name.replace(/\.ts$/, '.mjs')));
	process.exitCode = spawnSync(process.execPath, ['--test', ...process.argv.slice(2), ...files], { stdio: 'inherit' }).status ?? 1;
} finally {
	await rm(out, { recursive: true, force: true });
}
