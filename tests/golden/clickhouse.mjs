// SPDX-License-Identifier: MIT
// A ClickHouse of the present inside this process (chdb): a line {"sql"} comes in, a line {"text"} or {"error"} goes out.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const [, , modules, folder] = process.argv;
const { Session } = createRequire(`${modules}/here.js`)('chdb');
const session = new Session(folder);
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = { text: session.query(JSON.parse(line).sql, 'TSV') };
  } catch (error) {
    answer = { error: String(error.message ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
