// SPDX-License-Identifier: MIT
//
// What is wrong with an interface of a live run, in one line.
import { plural, whole } from '../lib/format';
import type { Interface } from '../net/wire';
import type { Tone } from './status';

const STATES: Record<string, string> = {
	no_carrier: 'has no carrier: nothing can arrive',
	down: 'is down: nothing can arrive',
	removed: 'was removed: what came before is kept',
	failed: 'failed: what came before is kept',
};
const PLACES: [keyof Interface, string][] = [
	['kernel_drops', "in the kernel's ring"],
	['stack_drops', 'in driver or backlog'],
	['nic_drops', 'in the interface'],
];

export function interfaceTrouble(one: Interface): { tone: Tone; words: string } {
	const lost = PLACES.filter(([place]) => Number(one[place] ?? 0) > 0).map(
		([place, where]) => `${whole(Number(one[place]))} lost ${where}`,
	);
	const state = one.state === null ? undefined : STATES[one.state];
	const before = one.outages > 0 && !state ? [`was down ${plural(one.outages, 'time')}`] : [];
	const words = [...(state ? [state] : []), ...lost, ...before];
	const tone = lost.length > 0 || one.state === 'failed' ? 'bad' : words.length > 0 ? 'warn' : 'good';
	return { tone, words: words.join('; ') || 'up, nothing was lost' };
}
