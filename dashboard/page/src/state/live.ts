// SPDX-License-Identifier: MIT
//
// What the server has told, as one immutable value; the functions here make the next one from a message. Everything is bounded.
import { createStore, useStore, type Store } from '../lib/store';
import type { AlertRow, Frame, Hello, PacketRow } from '../net/wire';

export const PACKETS_KEPT = 2000;
export const ALERTS_KEPT = 1000;
const PROTOCOLS_KEPT = 24;

export interface Live {
	hello: Hello | null;
	frame: Frame | null;
	packets: PacketRow[]; // oldest first
	alerts: AlertRow[]; // oldest first
	sampled: Record<string, [number, number]>; // innermost protocol of samples: packets, bytes
	restarts: number; // boot ids seen after the first
	missed: number; // frames that this browser did not get while it wanted all
	ended: boolean;
	hosts: number | null; // that there were when this page asked last; null: it did not ask, or there was no room for all
	known: { packets: boolean; alerts: boolean }; // whether those that came before this page are here too
}

export const EMPTY: Live = {
	hello: null,
	frame: null,
	packets: [],
	alerts: [],
	sampled: {},
	restarts: 0,
	missed: 0,
	ended: false,
	hosts: null,
	known: { packets: false, alerts: false },
};

export const live: Store<Live> = createStore(EMPTY);
export const useLive = <S>(select: (l: Live) => S): S => useStore(live, select);

/** Puts newer rows behind those that are there, without doubles, and keeps the newest `most`. */
export function appendById<T extends { id: number }>(rows: T[], more: T[], most: number): T[] {
	const last = rows.length ? (rows[rows.length - 1] as T).id : -1;
	const fresh = more.filter((row) => row.id > last);
	if (!fresh.length) return rows;
	const all = rows.concat(fresh);
	return all.length > most ? all.slice(all.length - most) : all;
}

/** Joins what was fetched with what came meanwhile, in order of id. */
export function mergeById<T extends { id: number }>(rows: T[], fetched: T[], most: number): T[] {
	const byId = new Map<number, T>();
	for (const row of fetched) byId.set(row.id, row);
	for (const row of rows) byId.set(row.id, row);
	const all = [...byId.values()].sort((a, b) => a.id - b.id);
	return all.length > most ? all.slice(all.length - most) : all;
}

export function tally(sampled: Live['sampled'], packets: PacketRow[]): Live['sampled'] {
	if (!packets.length) return sampled;
	const next = { ...sampled };
	for (const packet of packets) {
		const name = packet.protocol in next || Object.keys(next).length < PROTOCOLS_KEPT ? packet.protocol : 'other';
		const [count, bytes] = next[name] ?? [0, 0];
		next[name] = [count + 1, bytes + packet.wire_len];
	}
	return next;
}

export function withHello(now: Live, hello: Hello): Live {
	const same = now.hello?.boot_id === hello.boot_id;
	if (same) return { ...now, hello };
	return { ...EMPTY, hello, restarts: now.hello ? now.restarts + 1 : 0 };
}

/** `counting`: whether this browser wants every frame, so that a gap in frame_seq is a frame that it missed. */
export function withFrame(now: Live, frame: Frame, counting: boolean): Live {
	const before = now.frame;
	if (before && frame.frame_seq <= before.frame_seq) return now;
	const gap = before && counting ? frame.frame_seq - before.frame_seq - 1 : 0;
	const packets = frame.packets ?? [];
	return {
		...now,
		frame,
		missed: now.missed + gap,
		ended: frame.state === 'ended',
		packets: appendById(now.packets, packets, PACKETS_KEPT),
		alerts: appendById(now.alerts, frame.alerts ?? [], ALERTS_KEPT),
		sampled: tally(now.sampled, packets),
	};
}

export function withPackets(now: Live, fetched: PacketRow[]): Live {
	const had = new Set(now.packets.map((p) => p.id));
	const sampled = tally(
		now.sampled,
		fetched.filter((p) => !had.has(p.id)),
	);
	const known = { ...now.known, packets: true };
	return { ...now, packets: mergeById(now.packets, fetched, PACKETS_KEPT), sampled, known };
}

export const withAlerts = (now: Live, fetched: AlertRow[]): Live => ({
	...now,
	alerts: mergeById(now.alerts, fetched, ALERTS_KEPT),
	known: { ...now.known, alerts: true },
});

/** A counter's newest value by name; null: not known, or not in this build. */
export function counter(now: Live, name: string): number | null {
	const at = now.hello?.counters.findIndex((c) => c.name === name) ?? -1;
	return at < 0 ? null : (now.frame?.counters[at] ?? null);
}
