// SPDX-License-Identifier: MIT
//
// What each thread did last, and its longest rounds: docs/timeline.md.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { memory, percent, plural } from '../lib/format';
import { rulerText } from '../lib/ruler';
import { useStore } from '../lib/store';
import { clock } from '../lib/time';
import { fileSource, saidBy } from '../net/source';
import { dump, saveFile, takeDump, type Dump } from '../state/dump';
import { useLive } from '../state/live';
import { useSettings } from '../state/settings';
import {
	held,
	partsIn,
	seriesOf,
	startWindow,
	threadName,
	wholeWindow,
	windowAround,
	zoomed,
	type Round,
	type Timeline,
	type Track,
	type Window,
} from '../state/timeline';
import { Empty, Panel, Share } from '../ui/bits';
import type { Column } from '../ui/columns';
import { Icon } from '../ui/icon';
import { Table } from '../ui/table';
import { TimelineCanvas } from '../ui/timeline_canvas';
import type { Chosen } from '../ui/timeline_paint';
import { roundWords, us } from '../ui/timeline_words';

export function TimelineView() {
	const taken = useStore(dump, (d) => d);
	const boot = useLive((l) => l.hello?.boot_id ?? '');
	useEffect(() => {
		if (boot && !dump.get().timeline) void takeDump();
	}, [boot]);
	const { timeline } = taken;
	if (timeline?.tracks.length) return <Taken key={taken.taken} timeline={timeline} />;
	return (
		<section class="panel">
			<NoTimeline taken={taken} />
		</section>
	);
}

function NoTimeline({ taken }: { taken: Dump }) {
	const again = (
		<button type="button" class="button" onClick={() => void takeDump()}>
			Ask again
		</button>
	);
	if (taken.loading !== null)
		return (
			<Empty title="The timeline is on its way">
				<span data-loading>{memory(taken.loading)}</span> have come.
			</Empty>
		);
	if (taken.error)
		return (
			<Empty icon="warn" title="There is no timeline" next={fileSource() ? undefined : again}>
				{saidBy()}
				{taken.error}
			</Empty>
		);
	return (
		<Empty title={taken.timeline ? 'No thread has done anything yet' : 'No timeline was taken yet'} next={again}>
			Each thread of a run writes down what it does, unless it was started with --no-timeline.
		</Empty>
	);
}

/** What stands beside the choice of views. */
export function TimelineTools() {
	const { timeline, file, taken, loading, error } = useStore(dump, (d) => d);
	const { zone } = useSettings();
	return (
		<>
			{!fileSource() && <button
				type="button"
				class="button"
				disabled={loading !== null}
				onClick={() => void takeDump()}
				title="What the threads do now takes the place of this"
			>
				<Icon name="wait" small />
				Take a new one
			</button>}
			{file && (
				<button
					type="button"
					class="button"
					title="As a Chrome trace: open it at ui.perfetto.dev"
					onClick={() => saveFile(file, 'netscope-timeline.json')}
				>
					<Icon name="download" small />
					for Perfetto
				</button>
			)}
			<span class="small muted grow" role="status" data-taken={timeline ? taken : undefined}>
				{loading !== null
					? `on its way: ${memory(loading)}`
					: timeline &&
						`taken at ${clock(taken, zone)}, ${plural(timeline.spans, 'span')} of ${plural(timeline.tracks.length, 'thread')}`}
				{error && timeline && <span class="bad"> No new one: {error}</span>}
			</span>
		</>
	);
}

function Taken({ timeline }: { timeline: Timeline }) {
	const { zone } = useSettings();
	const all = useMemo(() => wholeWindow(timeline), [timeline]);
	const start = useMemo(() => startWindow(timeline), [timeline]);
	const [window, setWindow] = useState(start);
	const [chosen, setChosen] = useState<Chosen | null>(null);
	const [track, setTrack] = useState<Track | null>(null);
	const show = (next: Window): void => setWindow(held(next, all));
	const openRound = (round: Round): void => {
		setTrack(round.track);
		setChosen(null);
		show(windowAround(round.begin, round.end));
	};
	const middle = (window.from + window.to) / 2;
	const tools = (
		<>
			<span class="mono small" data-width>
				{us(window.to - window.from)}
			</span>
			<span class="segments" role="group" aria-label="Zoom">
				<button type="button" onClick={() => show(zoomed(window, 0.5, middle, all))} aria-label="Nearer (+)" title="Nearer (+)">
					+
				</button>
				<button type="button" onClick={() => show(zoomed(window, 2, middle, all))} aria-label="Farther (−)" title="Farther (−)">
					−
				</button>
				<button type="button" onClick={() => setWindow(start)} title="What all packet threads still know (Home)">
					last
				</button>
				<button type="button" onClick={() => setWindow(all)} title="From the first round that is kept (End)">
					all
				</button>
			</span>
		</>
	);
	return (
		<>
			<Panel title="Threads" tools={tools} flush>
				<TimelineCanvas
					{...{ timeline, window, all, chosen, track, zone }}
					onWindow={show}
					onHome={() => setWindow(start)}
					onChoose={setChosen}
					onTrack={setTrack}
				/>
				<Key timeline={timeline} />
			</Panel>
			<section class="panel col-7 rounds">
				<header>
					<h2 class="grow">Longest round of each minute</h2>
					<span class="small muted">longest first; press one to go there</span>
				</header>
				<Rounds timeline={timeline} onOpen={openRound} />
			</section>
			<Panel title="Time in this window" class="col-5">
				<Shares timeline={timeline} window={window} chosen={track} onTrack={setTrack} />
			</Panel>
		</>
	);
}

function Key({ timeline }: { timeline: Timeline }) {
	const kinds = new Set(timeline.names.map((n) => n.kind));
	return (
		<div class="timeline-key small muted">
			{timeline.names
				.filter((n) => n.kind === 'stage')
				.map((n) => (
					<span key={n.name}>
						<i class={`swatch series-${seriesOf(n.name)}`} /> {n.name}
					</span>
				))}
			{kinds.has('wait') && (
				<span>
					<i class="swatch waits" /> waits for another thread
				</span>
			)}
			<span>
				<i class="swatch rests" /> idle
			</span>
			<span>
				<i class="swatch longest" /> longest round of a minute
			</span>
			<span class="hint">Drag to zoom, double click for the start. Ctrl and wheel zooms, Shift and drag moves.</span>
		</div>
	);
}

const keyOf = (round: Round): string => `${round.track.tid}-${round.begin}`;
const length = (round: Round): number => round.end - round.begin;

function Rounds({ timeline, onOpen }: { timeline: Timeline; onOpen: (round: Round) => void }) {
	const { zone } = useSettings();
	const [open, setOpen] = useState<string | null>(null);
	const rows = timeline.rounds;
	const words = (round: Round): ReturnType<typeof roundWords> => roundWords(timeline, round);
	const most = rows[0] ? length(rows[0]) : 1;
	const when = (row: Round): string =>
		`${clock((timeline.began + row.begin / 1e6) * 1000, zone).slice(0, 6)}${rulerText(row.begin, timeline.began, 1000, zone)}`;
	const columns: Column<Round>[] = [
		{ key: 'thread', label: 'Thread', width: 84, priority: 1, cell: (r) => threadName(r.track) },
		{
			key: 'took',
			label: 'Took',
			width: 80,
			priority: 1,
			align: 'num',
			cell: (r) => <Share part={length(r) / most}>{us(length(r))}</Share>,
		},
		{ key: 'spent', label: 'Spent on', width: 170, grow: 1, priority: 1, cell: (r) => words(r).spent },
		{ key: 'marks', label: 'Counted in it', width: 150, grow: 1, priority: 2, cell: (r) => words(r).marks || '–' },
		{ key: 'when', label: 'Began', width: 100, priority: 3, align: 'mono', cell: when },
	];
	return (
		<Table
			label="Longest round of each minute and thread"
			testId="rounds"
			rows={rows}
			rowKey={keyOf}
			columns={columns}
			selected={open}
			onOpen={(r) => {
				setOpen(keyOf(r));
				onOpen(r);
			}}
			card={(r) => (
				<>
					<div class="card-line">
						<b>{threadName(r.track)}</b>
						<span class="grow mono small muted">{when(r)}</span>
						<span class="mono">{us(length(r))}</span>
					</div>
					<div class="card-line small muted clip">{Object.values(words(r)).filter(Boolean).join('; ')}</div>
				</>
			)}
			empty={
				<Empty title="No round is kept yet">
					The longest round of each thread appears as soon as it has done something.
				</Empty>
			}
		/>
	);
}

interface SharesProps {
	timeline: Timeline;
	window: Window;
	chosen: Track | null;
	onTrack: (track: Track) => void;
}

/** The picture in numbers: where each thread's time went. */
function Shares({ timeline, window, chosen, onTrack }: SharesProps) {
	const whole = window.to - window.from;
	return (
		<ul class="timeline-shares">
			{timeline.tracks.map((track) => {
				const parts = partsIn(track, window);
				const shown = track === chosen ? parts : parts.slice(0, 3);
				return (
					<li key={track.tid}>
						<button type="button" aria-pressed={track === chosen} onClick={() => onTrack(track)}>
							<b>{threadName(track)}</b>
							<Bar timeline={timeline} parts={parts} whole={whole} />
							<span class="small muted">
								{shown.length
									? shown.map((p) => `${timeline.names[p.what]?.name} ${percent(p.us, whole)}`).join(', ')
									: 'nothing known'}
							</span>
						</button>
					</li>
				);
			})}
		</ul>
	);
}

function Bar({ timeline, parts, whole }: { timeline: Timeline; parts: ReturnType<typeof partsIn>; whole: number }) {
	let x = 0;
	return (
		<svg class="load-bar" viewBox="0 0 1000 6" preserveAspectRatio="none" aria-hidden="true">
			{parts.map((part) => {
				const { name, kind } = timeline.names[part.what] as Timeline['names'][number];
				const width = (part.us / whole) * 1000;
				const at = x;
				x += width;
				const look = kind === 'stage' ? `series-${seriesOf(name)}` : kind === 'wait' ? 'waits' : 'idle';
				return <rect key={part.what} class={look} x={at} width={width} height="6" />;
			})}
		</svg>
	);
}
