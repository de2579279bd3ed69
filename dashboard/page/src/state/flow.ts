// SPDX-License-Identifier: MIT
//
// What the page derives from a flow row: who opened it, names, and what changed between two looks at it.
import type { Endpoint, FlowRow } from '../net/wire';

export const endpoint = (e: Endpoint): string => (e.ip.includes(':') ? `[${e.ip}]:${e.port}` : `${e.ip}:${e.port}`);

export interface Side {
	name: 'a' | 'b';
	end: Endpoint;
	packets: number; // sent by it
	bytes: number;
	country: string | null;
	asn: number | null;
	org: string | null;
}

/** The side that opened the flow first; a before b when nobody knows. */
export function sides(flow: FlowRow): { left: Side; right: Side; known: boolean } {
	const a: Side = {
		name: 'a',
		end: flow.endpoint_a,
		packets: flow.packets_a_to_b,
		bytes: flow.bytes_a_to_b,
		country: flow.country_a,
		asn: flow.asn_a,
		org: flow.as_org_a,
	};
	const b: Side = {
		name: 'b',
		end: flow.endpoint_b,
		packets: flow.packets_b_to_a,
		bytes: flow.bytes_b_to_a,
		country: flow.country_b,
		asn: flow.asn_b,
		org: flow.as_org_b,
	};
	return flow.client === 'b_to_a'
		? { left: b, right: a, known: true }
		: { left: a, right: b, known: flow.client !== null };
}

/** Where an address is registered: "DE AS64500 Example Net", or as much of it as --geoip knows; empty: nothing. */
export const registered = (side: Side): string =>
	[side.country, side.asn && `AS${side.asn}`, side.org].filter(Boolean).join(' ');

/** What a flow is called: whom its client asked for, else its application; `guess`: only a port says so. Null: nothing is known. */
export function calledBy(flow: FlowRow): { text: string; guess: boolean } | null {
	if (flow.name) return { text: flow.name, guess: false };
	return flow.app ? { text: flow.app, guess: flow.app_source === 'port' } : null;
}

const TAIL = 24; // characters

/** A name in two parts, of which the first may be cut: its end says most. "cdn-7.static." and "example.com". */
export function nameParts(name: string): [string, string] {
	const labels = name.split('.');
	const tail = labels.slice(-2).join('.');
	return labels.length < 3 || tail.length > TAIL ? [name, ''] : [name.slice(0, -tail.length), tail];
}

/** A filter for all flows with the same text in a column; null when the language cannot say it. */
export const sameText = (field: string, text: string | null): string | null =>
	text && !/[\s,]/.test(text) ? `${field}:${text}` : null;

export type Tone = 'good' | 'warn' | 'bad' | 'accent' | '';

const STATE_TONE: Record<string, Tone> = { established: '', syn_sent: 'warn', reset: 'bad' };
export const stateTone = (state: string | null): Tone => STATE_TONE[state ?? ''] ?? '';
export const stateText = (state: string | null): string => (state === null ? '–' : state.replaceAll('_', ' '));

/** One look at a flow, as much of it as its page draws over time. */
export interface Look {
	clock: number; // seconds, the engine's clock
	bytes: [number, number]; // sent by a, by b
	packets: number;
	rtt: number | null; // ms, the last sample
	rttSamples: number | null;
	troubles: number; // retransmissions + lost segments + zero windows
	state: string | null;
	firstSeen: number; // another value: another flow with the same addresses and ports
}

export function look(flow: FlowRow, clock: number): Look {
	return {
		clock,
		bytes: [flow.bytes_a_to_b, flow.bytes_b_to_a],
		packets: flow.packets_total,
		rtt: flow.rtt_last_ms,
		rttSamples: flow.rtt_samples,
		troubles: (flow.retransmissions ?? 0) + (flow.lost_segments ?? 0) + (flow.zero_windows ?? 0),
		state: flow.tcp_state,
		firstSeen: flow.first_seen,
	};
}

export const LOOKS_KEPT = 300;

export function addLook(looks: Look[], next: Look): Look[] {
	const last = looks[looks.length - 1];
	if (last && last.firstSeen !== next.firstSeen) return [next];
	if (last && next.clock <= last.clock) return [...looks.slice(0, -1), { ...next, clock: last.clock }];
	return [...looks, next].slice(-LOOKS_KEPT);
}

/** Bits per second between two looks, sent by a and by b; null without two of them. */
export function rates(looks: Look[]): [number, number] | null {
	const last = looks[looks.length - 1];
	const before = looks[looks.length - 2];
	if (!last || !before || last.clock <= before.clock) return null;
	const per = (i: 0 | 1): number =>
		Math.max(0, ((last.bytes[i] - before.bytes[i]) * 8) / (last.clock - before.clock));
	return [per(0), per(1)];
}

export interface StateSpan {
	state: string;
	from: number;
	to: number;
	seen: boolean; // false: it may have begun before this page looked
}

/** States in the order in which this page saw them. */
export function stateSpans(looks: Look[]): StateSpan[] {
	const spans: StateSpan[] = [];
	for (const at of looks) {
		const state = at.state ?? 'none';
		const last = spans[spans.length - 1];
		if (last && last.state === state) last.to = at.clock;
		else {
			if (last) last.to = at.clock;
			spans.push({ state, from: spans.length ? at.clock : at.firstSeen, to: at.clock, seen: spans.length > 0 });
		}
	}
	return spans;
}

/** Rates for the rows of a polled list, by key, from the list before. */
export function rowRates(before: Map<string, [number, number]>, flows: FlowRow[], clock: number): Map<string, number> {
	const found = new Map<string, number>();
	for (const flow of flows) {
		const old = before.get(flow.key);
		if (old && clock > old[0] && flow.bytes_total >= old[1])
			found.set(flow.key, ((flow.bytes_total - old[1]) * 8) / (clock - old[0]));
	}
	return found;
}

export const totalsOf = (flows: FlowRow[], clock: number): Map<string, [number, number]> =>
	new Map(flows.map((flow) => [flow.key, [clock, flow.bytes_total]]));
