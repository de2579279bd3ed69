// SPDX-License-Identifier: MIT
//
// Keys of the whole page. A key belongs to whoever has the focus when that is a field or a widget that uses it.

export interface Shortcut {
	keys: string; // as shown: "g o"
	what: string;
	group: 'Everywhere' | 'Views' | 'Tables' | 'Packet' | 'Charts' | 'Timeline' | 'Flame graph';
	run?: () => void;
}

const FIELD = 'input, textarea, select, [contenteditable]';
const USES_SPACE = 'button, a, summary, [role=row], [role=treeitem], [role=tab]';
const PREFIX_MS = 1200;

export function inField(target: EventTarget | null): boolean {
	return target instanceof Element && target.matches(FIELD);
}

/** Calls `run` of the shortcut that was typed; "g o" is two keys within a moment. Returns what ends it. */
export function listen(shortcuts: Shortcut[]): () => void {
	let prefix = '';
	let prefixAt = 0;
	const onKey = (event: KeyboardEvent): void => {
		if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
		if (inField(event.target)) return;
		if (event.key === ' ' && event.target instanceof Element && event.target.closest(USES_SPACE)) {
			if (!event.target.closest('[data-space=pause]')) return;
		}
		const typed = prefix && Date.now() - prefixAt < PREFIX_MS ? `${prefix} ${event.key}` : event.key;
		const found = shortcuts.find((s) => s.run && (s.keys === typed || (s.keys === 'space' && typed === ' ')));
		prefix = '';
		if (found?.run) {
			event.preventDefault();
			found.run();
		} else if (shortcuts.some((s) => s.run && s.keys.startsWith(`${event.key} `))) {
			prefix = event.key;
			prefixAt = Date.now();
		}
	};
	document.addEventListener('keydown', onKey);
	return () => document.removeEventListener('keydown', onKey);
}
