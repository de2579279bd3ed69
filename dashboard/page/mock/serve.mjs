// SPDX-License-Identifier: MIT
//
// The page against the mock: node mock/serve.mjs [PORT] [--flows=100000 --rows=100000 --state=link_down --tick_ms=100 ...]
// Builds the page into a temporary directory, and again whenever a source changes; reload to see it.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Mock } from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const options = {};
for (const [, name, value] of process.argv.slice(2).map((a) => /^--(\w+)=(.*)$/.exec(a) ?? []))
	if (name) options[name] = /^(true|false|null|[\d.]+)$/.test(value) ? JSON.parse(value) : value;
const port = Number(process.argv.slice(2).find((a) => /^\d+$/.test(a)) ?? 8090);
const page = await mkdtemp(join(tmpdir(), 'netscope-page-'));
const builder = spawn(process.execPath, [join(here, '../build.mjs'), page, '--watch', '--map'], { stdio: 'inherit' });
const mock = new Mock({ ...options, page });
await mock.listen(port);
console.log(`http://127.0.0.1:${mock.port}/`);
process.on('SIGINT', async () => {
	builder.kill();
	await mock.close();
	await rm(page, { recursive: true, force: true });
	process.exit(0);
});
