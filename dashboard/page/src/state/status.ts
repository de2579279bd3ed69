// SPDX-License-Identifier: MIT
//
// The three questions that come first: is capture whole, is anything lost, is a core at its end. One sentence each.
import { duration, known, percent, plural, short, whole } from '../lib/format';
import { clock, type Zone } from '../lib/time';
import type { Link } from '../net/socket';
import type { Loss } from '../net/wire';
import { counter, type Live } from './live';

export type Tone = 'good' | 'warn' | 'bad' | 'quiet';

export interface Verdict {
	tone: Tone;
	text: string;
	detail: string;
}

const WAITING = 'waiting for the server';
export const STATES: Record<string, { tone: Tone; text: string }> = {
	starting: { tone: 'quiet', text: 'starting' },
	running: { tone: 'good', text: 'capturing' },
	link_down: { tone: 'warn', text: 'link down' },
	stalled: { tone: 'bad', text: 'stalled' },
	output_failed: { tone: 'bad', text: 'output failed' },
	ended: { tone: 'quiet', text: 'ended' },
	stopping: { tone: 'quiet', text: 'stopping' },
	failed: { tone: 'bad', text: 'failed' },
};

export function sourceState(live: Live, link: Link): { tone: Tone; text: string } {
	if (link.phase !== 'open') return { tone: 'bad', text: live.hello ? 'connection lost' : 'connecting' };
	if (!live.frame) return { tone: 'quiet', text: 'waiting for the server' };
	const state = live.frame.state;
	const source = live.hello?.source;
	if (state === 'running' && source && !source.live)
		return { tone: 'good', text: source.name === 'synth' ? 'generating' : 'reading' };
	return STATES[state] ?? { tone: 'quiet', text: state };
}

export function sourceName(live: Live): string {
	const source = live.hello?.source;
	if (!source) return '';
	const input = source.input ?? '';
	return input.split('/').pop() || source.name;
}

/** Where packets are lost that nobody analyses, in their order on the way from the wire. */
export const LOST_AT = ['rx_nic_drops', 'rx_stack_drops', 'rx_kernel_drops', 'lane_full'];

/** Packets lost on their way to the analysis; null while nobody can know. */
export function lostPackets(live: Live): number | null {
	const known = LOST_AT.map((name) => counter(live, name)).filter((n): n is number => n !== null);
	return known.length ? known.reduce((sum, n) => sum + n, 0) : null;
}

const isLimit = (live: Live, loss: Loss): boolean =>
	(loss.class ?? live.hello?.counters.find((c) => c.name === loss.counter)?.class) === 'limit';

const when = (losses: Loss[], zone: Zone): string => {
	const last = lastOf(losses);
	return last === null ? '' : `, last at ${clock(last * 1000, zone)}`;
};

const words = (losses: Loss[]): string => losses.map((l) => l.what ?? l.counter).join(', ');

const lastOf = (losses: Loss[]): number | null =>
	losses.reduce<number | null>((last, l) => (known(l.last) && l.last > (last ?? 0) ? l.last : last), null);

/** `seen`: whether a person has seen a loss as it is; `zone`: for the time of the last one. */
export function lossVerdict(live: Live, seen: (loss: Loss) => boolean = () => false, zone: Zone = 'utc'): Verdict {
	const verdict = lossFound(live, zone);
	const losses = (live.frame?.losses ?? []).filter((l) => l.count > 0);
	if (!losses.length || !losses.every(seen) || verdict.tone === 'good') return verdict;
	return { ...verdict, tone: 'quiet', detail: `seen · ${verdict.detail}` };
}

function lossFound(live: Live, zone: Zone): Verdict {
	const lost = lostPackets(live);
	const received = counter(live, 'rx_received');
	if (live.frame === null) return { tone: 'quiet', text: 'Loss', detail: WAITING };
	const told = (live.frame.losses ?? []).filter((l) => l.count > 0);
	const limits = told.filter((l) => isLimit(live, l));
	const others = told.filter((l) => !isLimit(live, l) && !LOST_AT.includes(l.counter));
	if (lost !== null && lost > 0) {
		const places = told.filter((l) => LOST_AT.includes(l.counter)).sort((a, b) => b.count - a.count);
		const [worst] = places;
		return {
			tone: 'bad',
			text: `${short(lost)} packets lost`,
			detail: `${percent(lost, (received ?? 0) + lost)} of all${worst ? `, mostly at ${worst.place}` : ''}${when(places, zone)}`,
		};
	}
	const [first] = others;
	if (first)
		return {
			tone: 'bad',
			text: others.length > 1 ? plural(others.length, 'loss', 'losses') : `${short(first.count)} ${first.unit} lost`,
			detail: words(others) + when(others, zone),
		};
	if (limits.length)
		return { tone: 'warn', text: plural(limits.length, 'limit') + ' reached', detail: words(limits) + when(limits, zone) };
	if (lost === null && live.hello?.source.live)
		return { tone: 'quiet', text: 'Loss not known', detail: 'the source does not count drops' };
	return {
		tone: 'good',
		text: 'Nothing lost',
		detail: live.hello?.source.live ? 'interface, driver, kernel ring and lanes' : 'offline: the reader waits, nothing can be lost',
	};
}

export function ledgerVerdict(live: Live): Verdict {
	const ledger = live.frame?.ledger;
	if (!ledger) return { tone: 'quiet', text: 'Ledger', detail: WAITING };
	if (!ledger.lines.length) return { tone: 'quiet', text: 'Ledger', detail: 'nothing to check yet' };
	const broken = ledger.lines.filter((line) => line.have !== line.want);
	if (!ledger.balanced)
		return { tone: 'bad', text: 'Not balanced', detail: broken.map((line) => line.what).join('; ') };
	return {
		tone: 'good',
		text: 'Balanced',
		detail: `${plural(ledger.lines.length, 'border')} checked${ledger.exact ? ', final' : ''}`,
	};
}

export function coreVerdict(live: Live): Verdict {
	if (live.frame === null) return { tone: 'quiet', text: 'Cores', detail: WAITING };
	const cores = live.frame.cores;
	if (!cores.length) return { tone: 'quiet', text: 'No worker yet', detail: '' };
	const capture = live.frame.capture;
	const loads = [...cores.map((c) => c.load ?? 0), ...(capture ? [capture.load] : [])];
	const most = Math.max(...loads);
	const busiest = loads.indexOf(most);
	const which = busiest === cores.length ? 'capture' : cores.length > 1 ? `worker ${busiest}` : 'one worker';
	const text = `Busiest core ${Math.round(most * 100)} %`;
	const reading = live.hello !== null && !live.hello.source.live; // as fast as it can: a busy worker is no sign of want
	const over = live.frame.state === 'ended';
	if (most > 0.95 && !reading) return { tone: 'bad', text, detail: `${which} is saturated` };
	if (most > 0.8 && !reading) return { tone: 'warn', text, detail: `${which} has little room` };
	return { tone: 'good', text, detail: reading && most > 0.8 ? `${which}: ${over ? 'read' : 'reads'} as fast as it can` : which };
}

/** How unevenly the workers are loaded: the busiest over the mean; null when there is one, or none works. */
export function imbalance(live: Live): number | null {
	const rates = (live.frame?.cores ?? []).map((c) => c.pps ?? 0);
	const mean = rates.reduce((sum, n) => sum + n, 0) / (rates.length || 1);
	return rates.length < 2 || mean <= 0 ? null : Math.max(...rates) / mean;
}

/** "1383 syns" of an alert as a person writes it: "1,383 SYNs". */
export const alertText = (text: string): string =>
	text.replace(/\b(\d+) syns\b/g, (_, n: string) => `${whole(Number(n))} SYNs`);

/** How long something has lasted, in whole seconds. */
export function forText(ms: number): string {
	const seconds = Math.max(1, Math.round(ms / 1000));
	return seconds < 60 ? `${seconds} s` : duration(seconds);
}
