// SPDX-License-Identifier: MIT
//
// Which attacks somebody at this browser has seen, and which targets are muted here: kept in this browser. What is said on the server holds for all, and comes with each frame.
import { keepStored, stored } from '../lib/stored';
import { createStore, type Store } from '../lib/store';
import { fileSource } from '../net/source';
import type { Episode, OpenEpisodes } from '../net/wire';

const KEY = 'netscope.episodes';
const MUTES_MOST = 256;
const SEEN_MOST = 512;

export interface Own {
	boot: string; // of the run to which `seen` belongs
	seen: number[]; // ids, the newest last
	mutes: string[]; // keys: a kind and a target
}

const NOTHING: Own = { boot: '', seen: [], mutes: [] };

export function readOwn(text: string | null): Own {
	try {
		const { boot, seen, mutes } = JSON.parse(text ?? '{}') as Partial<Own>;
		if (typeof boot === 'string' && Array.isArray(seen) && Array.isArray(mutes))
			return {
				boot,
				seen: seen.filter((id) => typeof id === 'number').slice(-SEEN_MOST),
				mutes: mutes.filter((key) => typeof key === 'string').slice(0, MUTES_MOST),
			};
	} catch {
		// as if nothing had been said
	}
	return NOTHING;
}

export const own: Store<Own> = createStore<Own>(readOwn(stored(KEY)));

export const withSeen = (now: Own, boot: string, id: number, on: boolean): Own => {
	const ids = (now.boot === boot ? now.seen : []).filter((other) => other !== id);
	return { ...now, boot, seen: on ? [...ids, id].slice(-SEEN_MOST) : ids };
};

/** The same value when there is no room for one more. */
export const withMute = (now: Own, key: string, on: boolean): Own => {
	const mutes = now.mutes.filter((other) => other !== key);
	if (on && mutes.length >= MUTES_MOST) return now;
	return { ...now, mutes: on ? [...mutes, key] : mutes };
};

function keep(next: Own): void {
	own.set(next);
	if (!fileSource()) keepStored(KEY, next); // of a snapshot it holds until the page is closed
}

export const seeHere = (boot: string, id: number, on: boolean): void => keep(withSeen(own.get(), boot, id, on));
export const muteHere = (key: string, on: boolean): void => keep(withMute(own.get(), key, on));

export const isSeen = (o: Own, boot: string, episode: Pick<Episode, 'id' | 'seen'>): boolean =>
	episode.seen || (o.boot === boot && o.seen.includes(episode.id));

export const isMuted = (o: Own, episode: Pick<Episode, 'key' | 'muted'>): boolean =>
	episode.muted || o.mutes.includes(episode.key);

/** How many attacks go on that nobody has seen: neither on the server nor here. null: the server does not tell. */
export function unseenNow(o: Own, boot: string, open: OpenEpisodes | undefined): number | null {
	if (!open) return null;
	const quiet = open.news.filter((n) => o.mutes.includes(n.key) || (o.boot === boot && o.seen.includes(n.id)));
	return open.unseen - quiet.length;
}
