// SPDX-License-Identifier: MIT
//
// What a person chose, kept in this browser.
import { createStore, useStore, type Store } from '../lib/store';
import { keepStored, stored } from '../lib/stored';
import type { Units } from '../lib/format';
import type { Zone } from '../lib/time';

export type Theme = 'system' | 'dark' | 'light';

export interface Settings {
	theme: Theme;
	units: Units;
	zone: Zone;
	span: number; // seconds of the chart
}

const KEY = 'netscope.settings';
const DEFAULTS: Settings = { theme: 'system', units: 'bits', zone: 'utc', span: 300 };
export const WHOLE_RUN = 0; // as a span: all that is known
export const SPANS = [300, 900, 3600, 10_800, 86_400, 604_800, 2_592_000, WHOLE_RUN];

const oneOf = <T>(value: unknown, allowed: readonly T[], otherwise: T): T =>
	allowed.includes(value as T) ? (value as T) : otherwise;

export function readSettings(text: string | null): Settings {
	let raw: Record<string, unknown> = {};
	try {
		const parsed: unknown = JSON.parse(text ?? '{}');
		if (typeof parsed === 'object' && parsed !== null) raw = parsed as Record<string, unknown>;
	} catch {
		// what cannot be read is as good as nothing kept
	}
	return {
		theme: oneOf(raw['theme'], ['system', 'dark', 'light'] as const, DEFAULTS.theme),
		units: oneOf(raw['units'], ['bits', 'bytes'] as const, DEFAULTS.units),
		zone: oneOf(raw['zone'], ['utc', 'local'] as const, DEFAULTS.zone),
		span: oneOf(raw['span'], SPANS, DEFAULTS.span),
	};
}

export const settings: Store<Settings> = createStore(readSettings(stored(KEY)));

export function choose(change: Partial<Settings>): void {
	settings.update((s) => ({ ...s, ...change }));
	keepStored(KEY, settings.get());
}

export const useSettings = (): Settings => useStore(settings, (s) => s);

export const darkNow = (theme: Theme, systemDark: boolean): boolean =>
	theme === 'system' ? systemDark : theme === 'dark';

/** Which theme is on the screen: charts, which are pictures, read their colours anew when it changes. */
export const shownTheme: Store<'dark' | 'light'> = createStore<'dark' | 'light'>('light');

export function startTheme(): void {
	const system = matchMedia('(prefers-color-scheme: dark)');
	const apply = (): void => {
		const theme = darkNow(settings.get().theme, system.matches) ? 'dark' : 'light';
		document.documentElement.dataset['theme'] = theme;
		shownTheme.set(theme);
	};
	apply();
	settings.subscribe(apply);
	system.addEventListener('change', apply);
}
