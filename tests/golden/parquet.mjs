// SPDX-License-Identifier: MIT
// Rows of a Parquet file by hyparquet, as JSON lines: names, then values as texts; null stays null, times are nanoseconds.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , page, file] = process.argv;
const from = createRequire(pathToFileURL(`${page}/package.json`));
const load = (name) => import(pathToFileURL(from.resolve(name)));
const { asyncBufferFromFile, parquetMetadataAsync, parquetQuery } = await load('hyparquet');
const { compressors } = await load('hyparquet-compressors');

const parsers = { timestampFromNanoseconds: (ns) => ns };
const buffer = await asyncBufferFromFile(file);
const metadata = await parquetMetadataAsync(buffer);
const names = metadata.schema.slice(1).map((element) => element.name);
const text = (value) => (value === null || value === undefined ? null : String(value));

process.stdout.write(`${JSON.stringify({ names, groups: metadata.row_groups.length, rows: Number(metadata.num_rows) })}\n`);
const rows = await parquetQuery({ file: buffer, metadata, compressors, parsers });
let out = '';
for (const row of rows) out += `${JSON.stringify(names.map((name) => text(row[name])))}\n`;
process.stdout.write(out);
