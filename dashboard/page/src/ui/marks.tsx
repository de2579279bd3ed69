// SPDX-License-Identifier: MIT
//
// What happened, on the time axis of the charts: a mark for each alert, loss, change of the link, restart and reload. One stop of the
// Tab key; the arrow keys walk, Enter opens what happened then.
import { useMemo, useRef, useState } from 'preact/hooks';
import { go, route, useRoute } from '../lib/router';
import { useStore } from '../lib/store';
import { events, eventsKnown, marksOf, wordsOf, type Kind, type Mark } from '../state/events';
import { useSettings } from '../state/settings';
import { alertText } from '../state/status';
import type { Plot } from './chart';
import { moment } from './time_axis';

const APART = 16; // px
const SHAPES: Record<Kind, string> = {
	alert: 'M6 1 11.5 11H.5z',
	loss: 'M6 11 .5 1h11z',
	link: 'M1 4.2h10v3.6H1z',
	run: 'M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1Z',
	change: 'M1.5 1.5h9v9h-9z',
	other: 'M6 .5 11.5 6 6 11.5.5 6z',
};

export const Shape = ({ kind }: { kind: Kind }) => (
	<svg class={`mark-shape of-${kind}`} viewBox="0 0 12 12" aria-hidden="true">
		<path d={SHAPES[kind]} />
	</svg>
);

const countOf = (mark: Mark): string => (mark.events.length > 99 ? '99+' : String(mark.events.length));

export function Marks({ from, to, plot }: { from: number; to: number; plot: Plot }) {
	const all = useStore(events, (e) => e);
	const known = useStore(eventsKnown, (k) => k);
	const { zone } = useSettings();
	const chosen = Number(useRoute().query['at'] ?? NaN);
	const marks = useMemo(() => marksOf(all, from, to, plot.width, APART), [all, from, to, plot.width]);
	const [place, setPlace] = useState(0);
	const list = useRef<HTMLDivElement>(null);
	const stop = Math.min(place, marks.length - 1);
	const words = (mark: Mark): string => {
		const [first, ...more] = mark.events;
		if (!first) return '';
		const text = `${moment(first.time * 1000, zone)}: ${wordsOf(first)}${first.text ? `. ${alertText(first.text)}` : ''}`;
		return more.length ? `${countOf(mark)} events. ${text}` : text;
	};
	const key = (event: KeyboardEvent): void => {
		const next = { ArrowLeft: stop - 1, ArrowRight: stop + 1, Home: 0, End: marks.length - 1 }[event.key];
		if (next === undefined) return;
		event.preventDefault();
		event.stopPropagation();
		const to = Math.max(0, Math.min(marks.length - 1, next));
		setPlace(to);
		list.current?.querySelectorAll('button')[to]?.focus();
	};
	return (
		<div
			ref={list}
			class="marks"
			role="group"
			aria-label="What happened"
			style={{ marginLeft: `${plot.left}px`, width: `${plot.width}px` }}
			onKeyDown={key}
			data-marks={marks.length}
		>
			{marks.map((mark, i) => {
				const at = mark.events[0]?.time ?? 0;
				return (
					<button
						key={mark.events[0]?.id}
						type="button"
						class="mark"
						tabIndex={i === stop ? 0 : -1}
						style={{ left: `${mark.at}px` }}
						title={words(mark)}
						aria-label={words(mark)}
						aria-pressed={Math.abs(chosen - at) < 0.001}
						onClick={() => {
							setPlace(i);
							showMoment(at);
						}}
					>
						<Shape kind={mark.kind} />
						{mark.events.length > 1 && <sub>{countOf(mark)}</sub>}
					</button>
				);
			})}
			{known && marks.length === 0 && <span class="muted small">No event in this span</span>}
		</div>
	);
}

/** Opens what happened at a time, as a step of the browser's history; null closes it. */
export function showMoment(at: number | null): void {
	const { view, id, query } = route.get();
	go({ view, id, query: { ...query, at: at === null ? null : String(Math.round(at * 1000) / 1000) } });
}
