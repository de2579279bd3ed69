// SPDX-License-Identifier: MIT
//
// What this browser keeps for the page.

/** The text under a key; null: there is none, or the browser keeps nothing. */
export function stored(key: string): string | null {
	try {
		return typeof localStorage === 'undefined' ? null : localStorage.getItem(key);
	} catch {
		return null;
	}
}
