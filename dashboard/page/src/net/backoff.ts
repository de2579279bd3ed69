// SPDX-License-Identifier: MIT
//
// How long to wait before the next try: doubles from half a second to 15, spread by a fifth so that many pages do not come back at once.

const FIRST_MS = 500;
const MOST_MS = 15_000;

export function backoffMs(attempt: number, random = Math.random()): number {
	const base = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
	return Math.round(base * (0.8 + 0.4 * random));
}
