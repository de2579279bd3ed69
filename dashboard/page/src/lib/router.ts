// SPDX-License-Identifier: MIT
//
// Routes live in the hash, so that every view, search and selection is a permalink and the server needs to know none:
//   #/flows?q=port%3A443&sort=bytes   #/packets/81   #/flow/<id>
import { keepPlace, startPlaces } from './place';
import { createStore, useStore, type Store } from './store';

export interface Route {
	view: string;
	id: string | null;
	query: Record<string, string>;
}

const decode = (text: string): string => {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
};

export function parseRoute(hash: string): Route {
	const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2);
	const [view = '', ...rest] = path.split('/');
	const query: Record<string, string> = {};
	for (const [key, value] of new URLSearchParams(search)) query[key] = value;
	const id = rest.length && rest[0] !== '' ? rest.map(decode).join('/') : null;
	return { view: view === '' ? 'overview' : view, id, query };
}

export function formatRoute(route: {
	view: string;
	id?: string | null;
	query?: Record<string, string | null>;
}): string {
	const search = new URLSearchParams();
	for (const [key, value] of Object.entries(route.query ?? {})) if (value) search.set(key, value);
	const id = route.id === null || route.id === undefined ? '' : `/${encodeURIComponent(route.id)}`;
	const tail = search.toString();
	return `#/${route.view}${id}${tail ? `?${tail}` : ''}`;
}

const browser = typeof location !== 'undefined';
export const route: Store<Route> = createStore(parseRoute(browser ? location.hash : ''));

export function startRouter(): void {
	startPlaces();
	addEventListener('hashchange', () => route.set(parseRoute(location.hash)));
}

/** As a click on a link to it. */
export function follow(hash: string): void {
	keepPlace();
	location.hash = hash;
}

export function go(to: Parameters<typeof formatRoute>[0], replace = false): void {
	const hash = formatRoute(to);
	if (hash === location.hash) return;
	if (!replace) {
		follow(hash);
		return;
	}
	history.replaceState(null, '', hash);
	route.set(parseRoute(hash));
}

/** Changes some of the query of the current view; nothing is added to the browser's history. */
export function setQuery(change: Record<string, string | null>): void {
	const now = route.get();
	go({ view: now.view, id: now.id, query: { ...now.query, ...change } }, true);
}

export const useRoute = (): Route => useStore(route, (r) => r);
