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

/** Where storage is blocked, what was kept holds until the page is closed. */
export function keepStored(key: string, value: unknown): void {
	try {
		localStorage.setItem(key, JSON.stringify(value));
	} catch {
		// as above
	}
}
