// SPDX-License-Identifier: MIT
//
// The smallest store that does: one immutable value, subscribers, and a hook that draws only when its selection changes.
import { useEffect, useReducer, useRef } from 'preact/hooks';

export interface Store<T> {
	get(): T;
	set(next: T): void;
	update(change: (now: T) => T): void;
	subscribe(listener: () => void): () => void;
}

export function createStore<T>(initial: T): Store<T> {
	let value = initial;
	const listeners = new Set<() => void>();
	const set = (next: T): void => {
		if (Object.is(next, value)) return;
		value = next;
		for (const listener of [...listeners]) listener();
	};
	return {
		get: () => value,
		set,
		update: (change) => set(change(value)),
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}

export function shallowEqual(a: unknown, b: unknown): boolean {
	if (Object.is(a, b)) return true;
	if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
	return a.every((item, i) => Object.is(item, b[i]));
}

/** What `select` takes from the store; the component is drawn again when that differs (tuples: member by member). */
export function useStore<T, S>(store: Store<T>, select: (value: T) => S): S {
	const [, redraw] = useReducer<number, void>((n) => n + 1, 0);
	const kept = useRef<S | undefined>(undefined);
	const now = select(store.get());
	if (!shallowEqual(kept.current, now)) kept.current = now;
	const latest = useRef(select);
	latest.current = select;
	useEffect(() => {
		const check = (): void => {
			if (!shallowEqual(kept.current, latest.current(store.get()))) redraw();
		};
		check();
		return store.subscribe(check);
	}, [store]);
	return kept.current as S;
}
