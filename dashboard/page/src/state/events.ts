// SPDX-License-Identifier: MIT
//
// What happened when: alerts, losses, link, restarts, reloads. The server keeps as many as this page.
import { createStore, type Store } from '../lib/store';
import { getEvents } from '../net/api';
import type { EventRow } from '../net/wire';
import { appendById, mergeById } from './live';

export const EVENTS_KEPT = 4096;
export const events: Store<EventRow[]> = createStore<EventRow[]>([]);
/** Whether the server has told what was before this page. */
export const eventsKnown: Store<boolean> = createStore<boolean>(false);

/** Those of a frame. */
export function addEvents(more: EventRow[] | undefined): void {
	if (more?.length) events.update((have) => appendById(have, more, EVENTS_KEPT));
}

/** All that the server keeps, or what came since. */
export async function fetchEvents(anew: boolean): Promise<void> {
	if (anew) {
		events.set([]);
		eventsKnown.set(false);
	}
	const newest = events.get().at(-1)?.id ?? null;
	const answer = await getEvents(newest);
	events.update((have) => mergeById(have, answer.events, EVENTS_KEPT));
	eventsKnown.set(true);
}

export type Kind = 'alert' | 'loss' | 'link' | 'run' | 'change' | 'other';

const KINDS: Record<string, Kind> = {
	alert_begin: 'alert',
	alert_end: 'alert',
	loss_begin: 'loss',
	loss_end: 'loss',
	output_failed: 'loss',
	output_ok: 'loss',
	link_down: 'link',
	link_up: 'link',
	start: 'run',
	stop: 'run',
	failed: 'run',
	stalled: 'run',
	stalled_end: 'run',
	reload: 'change',
	reload_refused: 'change',
	filter: 'change',
};
export const kindOf = (event: EventRow): Kind => KINDS[event.kind] ?? 'other';

const WORDS: Record<string, string> = {
	start: 'Run began',
	stop: 'Run ended',
	alert_begin: 'Alert began',
	alert_end: 'Alert ended',
	link_down: 'Link down',
	link_up: 'Link up',
	loss_begin: 'Loss began',
	loss_end: 'Loss ended',
	reload: 'Configuration taken over',
	reload_refused: 'Configuration refused',
	filter: 'Capture filter changed',
	output_failed: 'Output failed',
	output_ok: 'Outputs work again',
	stalled: 'No tick ended',
	stalled_end: 'Ticks end again',
	clock_step: 'Packet time jumped',
	failed: 'Run failed',
};
export const wordsOf = (event: EventRow): string => WORDS[event.kind] ?? event.kind.replaceAll('_', ' ');

export interface Mark {
	at: number; // place, 0 to `width`
	events: EventRow[]; // in order of time
	kind: Kind; // the gravest of them
}

const GRAVITY: Kind[] = ['alert', 'loss', 'link', 'run', 'change', 'other'];

/** Events of a span as marks; those that would lie over one another are one mark. */
export function marksOf(all: EventRow[], from: number, to: number, width: number, apart: number): Mark[] {
	const marks: Mark[] = [];
	if (to <= from || width <= 0) return marks;
	const shown = all.filter((e) => e.time >= from && e.time <= to).sort((a, b) => a.time - b.time || a.id - b.id);
	for (const event of shown) {
		const at = ((event.time - from) / (to - from)) * width;
		const last = marks[marks.length - 1];
		if (!last || at - last.at >= apart) marks.push({ at, events: [event], kind: kindOf(event) });
		else {
			last.events.push(event);
			if (GRAVITY.indexOf(kindOf(event)) < GRAVITY.indexOf(last.kind)) last.kind = kindOf(event);
		}
	}
	return marks;
}
