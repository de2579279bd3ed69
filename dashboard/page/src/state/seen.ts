// SPDX-License-Identifier: MIT
//
// What a person has seen of losses and alerts, kept in this browser for one run of the program: what is seen is quiet until there is more.
import { keepStored, stored } from '../lib/stored';
import { createStore, type Store } from '../lib/store';
import { fileSource } from '../net/source';
import type { Loss } from '../net/wire';
import { live } from './live';

export interface Seen {
	boot: string;
	losses: Record<string, number>; // by counter: its count when it was seen
	alerts: number; // how many there had been
}

const KEY = 'netscope.seen';
const NOTHING: Seen = { boot: '', losses: {}, alerts: 0 };

export function readSeen(text: string | null): Seen {
	try {
		const { boot, losses, alerts } = JSON.parse(text ?? '{}') as Partial<Seen>;
		if (typeof boot === 'string' && typeof losses === 'object' && losses !== null && typeof alerts === 'number')
			return { boot, losses, alerts };
	} catch {
		// as if nothing had been seen
	}
	return NOTHING;
}

export const seen: Store<Seen> = createStore<Seen>(readSeen(stored(KEY)));

export const lossIsSeen = (s: Seen, boot: string | undefined, loss: Loss): boolean =>
	s.boot === boot && loss.count <= (s.losses[loss.counter] ?? 0);

export const alertsSeen = (s: Seen, boot: string | undefined): number => (s.boot === boot ? s.alerts : 0);

function keep(change: (now: Seen) => Partial<Seen>): void {
	const boot = live.get().hello?.boot_id ?? '';
	seen.update((s) => {
		const now = s.boot === boot ? s : { ...NOTHING, boot };
		return { ...now, ...change(now) };
	});
	if (!fileSource()) keepStored(KEY, seen.get()); // of a snapshot it holds until the page is closed
}

export function seeLosses(): void {
	const losses = live.get().frame?.losses ?? [];
	keep(() => ({ losses: Object.fromEntries(losses.map((l) => [l.counter, l.count])) }));
}

export function seeAlerts(): void {
	keep(() => ({ alerts: live.get().frame?.tick?.alerts ?? 0 }));
}
