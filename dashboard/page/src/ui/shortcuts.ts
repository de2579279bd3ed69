// SPDX-License-Identifier: MIT
//
// Every key of the page, once: the listener and the help page walk this list.
import type { Shortcut } from '../lib/keys';
import { go } from '../lib/router';
import { togglePause } from '../state/session';
import { choose, settings } from '../state/settings';
import { saveSnapshot } from '../state/snapshot';
import { VIEWS } from './rail';
import { copyPointed } from './term';

const THEMES = ['system', 'light', 'dark'] as const;

export function nextTheme(): void {
	const at = THEMES.indexOf(settings.get().theme);
	choose({ theme: THEMES[(at + 1) % THEMES.length] ?? 'system' });
}

/** The search field of the view, or that of the top bar. */
function focusSearch(): void {
	const fields = ['main', '.top'].flatMap((part) => [
		...document.querySelectorAll<HTMLInputElement>(`${part} input[type=search]`),
	]);
	const field = fields.find((f) => f.offsetParent !== null);
	if (field) {
		field.focus();
		field.select();
	} else go({ view: 'flows', query: { focus: '1' } });
}

export function shortcuts(toggleHelp: () => void): Shortcut[] {
	return [
		{ keys: 'space', what: 'Pause and resume', group: 'Everywhere', run: togglePause },
		{ keys: '/', what: 'Search', group: 'Everywhere', run: focusSearch },
		{ keys: '?', what: 'This help', group: 'Everywhere', run: toggleHelp },
		{ keys: 't', what: 'Theme: system, light, dark', group: 'Everywhere', run: nextTheme },
		{
			keys: 'u',
			what: 'Bits or bytes',
			group: 'Everywhere',
			run: () => choose({ units: settings.get().units === 'bits' ? 'bytes' : 'bits' }),
		},
		{
			keys: 'z',
			what: 'UTC or local time',
			group: 'Everywhere',
			run: () => choose({ zone: settings.get().zone === 'utc' ? 'local' : 'utc' }),
		},
		{ keys: 'c', what: 'Copy what is pointed at, or the chosen row', group: 'Everywhere', run: copyPointed },
		{ keys: 'S', what: 'Save a snapshot of all views', group: 'Everywhere', run: () => void saveSnapshot() },
		{ keys: 'Esc', what: 'Leave a field, close', group: 'Everywhere' },
		...VIEWS.map((v): Shortcut => ({
			keys: `g ${v.key}`,
			what: v.label,
			group: 'Views',
			run: () => go({ view: v.view }),
		})),
		{ keys: '↑ ↓', what: 'Move (also k, j)', group: 'Tables' },
		{ keys: 'PgUp PgDn', what: 'A screen', group: 'Tables' },
		{ keys: 'Home End', what: 'First, last', group: 'Tables' },
		{ keys: 'Enter', what: 'Open', group: 'Tables' },
		{ keys: '↑ ↓ ', what: 'Walk the fields', group: 'Packet' },
		{ keys: '← →', what: 'Close, open a field', group: 'Packet' },
		{ keys: 'n p', what: 'Next, previous packet', group: 'Packet' },
		{ keys: 'Enter', what: 'Flows with this value', group: 'Packet' },
		{ keys: 'drag', what: 'Zoom', group: 'Charts' },
		{ keys: 'double click', what: 'Back to now', group: 'Charts' },
		{ keys: '← →', what: 'Move the window, walk the marks', group: 'Charts' },
		{ keys: '+ −', what: 'Nearer, farther (also w, s)', group: 'Timeline' },
		{ keys: '← →', what: 'Earlier, later (also a, d)', group: 'Timeline' },
		{ keys: '↑ ↓', what: 'Thread above, below', group: 'Timeline' },
		{ keys: 'n p', what: 'Next, previous span', group: 'Timeline' },
		{ keys: 'Enter', what: 'Go near to the span', group: 'Timeline' },
		{ keys: 'Home', what: 'What was there first; End: all', group: 'Timeline' },
		{ keys: '↑ ↓', what: 'Caller, largest callee', group: 'Flame graph' },
		{ keys: '← →', what: 'Function beside it', group: 'Flame graph' },
		{ keys: 'Enter', what: 'As wide as the picture; Esc, Home: back', group: 'Flame graph' },
	];
}
