// SPDX-License-Identifier: MIT
import { createStore, type Store } from '../lib/store';

export const note: Store<string> = createStore('');

let timer: ReturnType<typeof setTimeout> | undefined;

/** One short line at the foot of the page, for a few seconds. */
export function notify(text: string, ms = 2500): void {
	note.set(text);
	clearTimeout(timer);
	timer = setTimeout(() => note.set(''), ms);
}
