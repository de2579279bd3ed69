// SPDX-License-Identifier: MIT
//
// The timeline as a picture that is walked with the pointer or the keyboard. Names of threads stand beside it, times above it, and what is
// chosen as text below it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { rulerTicks } from '../lib/ruler';
import { hourMinute, zoneName, type Zone } from '../lib/time';
import {
	firstEndingAfter,
	longestIn,
	panned,
	threadName,
	windowAround,
	zoomed,
	type Timeline,
	type Track,
	type Window,
} from '../state/timeline';
import { useDrawing } from './canvas';
import { paintTimeline, ROW, type Chosen } from './timeline_paint';
import { spanSentence, spanWords } from './timeline_words';
import { useSize } from './use';

const NEAR = 2; // px around the pointer in which a short span is looked for
const CLICK = 4; // px that a click may move
const STEP = 0.15; // of the window, for a key

interface CanvasProps {
	timeline: Timeline;
	window: Window;
	all: Window;
	chosen: Chosen | null;
	track: Track | null;
	zone: Zone;
	onWindow: (window: Window) => void;
	onHome: () => void;
	onChoose: (chosen: Chosen | null) => void;
	onTrack: (track: Track) => void;
}

interface Hover {
	x: number;
	y: number;
	at: Chosen | null;
}

type Drag = { id: number; from: number; x: number; pan: boolean };

export function TimelineCanvas(props: CanvasProps) {
	const { timeline, window, chosen, track, zone } = props;
	const [scroller, size] = useSize<HTMLDivElement>();
	const [plot, plotSize] = useSize<HTMLDivElement>();
	const canvas = useRef<HTMLCanvasElement>(null);
	const ruler = useRef<HTMLCanvasElement>(null);
	const [scroll, setScroll] = useState(0);
	/** Of the window in which the pointer moved: in another one something else lies below it. */
	const [pointed, setPointed] = useState<{ hover: Hover; window: Window } | null>(null);
	const [marked, setMarked] = useState<Window | null>(null);
	const width = plotSize.width;
	const height = Math.min(size.height, timeline.tracks.length * ROW);
	const timeAt = (x: number): number => window.from + (x / width) * (window.to - window.from);

	const hover = pointed?.window === window ? pointed.hover : null;
	const setHover = (next: Hover | null): void => setPointed(next && { hover: next, window });

	useDrawing(
		canvas,
		width,
		height,
		(context, look) =>
			paintTimeline(context, look, {
				timeline,
				window,
				width,
				height,
				scroll,
				chosen,
				track,
				marked,
				cursor: hover?.x ?? null,
			}),
		[timeline, window, scroll, chosen, track, marked, hover],
	);
	useDrawing(
		ruler,
		width,
		22,
		(context, look) => {
			context.fillStyle = look.color('muted');
			for (const tick of rulerTicks(window.from, window.to, timeline.began, Math.max(2, width / 110), zone)) {
				const x = ((tick.at - window.from) / (window.to - window.from)) * width;
				context.fillRect(x, 15, 1, 7);
				if (x + 6 * tick.text.length < width) context.fillText(tick.text, x + 4, 10);
			}
		},
		[timeline, window, zone],
	);

	const spanAt = (x: number, y: number): Chosen | null => {
		const under = timeline.tracks[Math.floor((y + scroll) / ROW)];
		if (!under) return null;
		const span = longestIn(under, { from: timeAt(x - NEAR), to: timeAt(x + NEAR) });
		return span < 0 ? null : { track: under, span };
	};
	const pointer = usePointer({ ...props, timeAt, width, setMarked, spanAt, setHover });
	useWheel(canvas, (event) => {
		if (event.ctrlKey || event.metaKey) {
			const factor = 2 ** (Math.max(-100, Math.min(100, event.deltaY)) / 100);
			props.onWindow(zoomed(window, factor, timeAt(event.offsetX), props.all));
		} else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
			const by = event.deltaX || event.deltaY;
			props.onWindow(panned(window, (by / width) * (window.to - window.from), props.all));
		} else return false;
		return true;
	});

	const showTrack = (of: Track): void => {
		props.onTrack(of);
		const top = timeline.tracks.indexOf(of) * ROW;
		const element = scroller.current;
		if (!element) return;
		if (top < element.scrollTop) element.scrollTop = top;
		else if (top + ROW > element.scrollTop + element.clientHeight) element.scrollTop = top + ROW - element.clientHeight;
	};
	const onKeyDown = (event: KeyboardEvent): void => {
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		if (walk(event.key, props, showTrack)) event.preventDefault();
	};

	return (
		<div class="timeline">
			<div class="timeline-head">
				<span class="small muted nowrap">
					{hourMinute((timeline.began + window.from / 1e6) * 1000, zone)} {zoneName(zone)}
				</span>
				<canvas ref={ruler} aria-hidden="true" />
			</div>
			<div class="timeline-scroll" ref={scroller} onScroll={(e) => setScroll(e.currentTarget.scrollTop)}>
				<ul class="timeline-names">
					{timeline.tracks.map((t) => (
						<li key={t.tid} style={{ height: `${ROW}px` }}>
							<button
								type="button"
								class="clip"
								tabIndex={-1}
								aria-pressed={t === track}
								title={`${t.name}, thread ${t.tid}`}
								onClick={() => props.onTrack(t)}
							>
								{threadName(t)}
							</button>
						</li>
					))}
				</ul>
				<div class="timeline-plot" ref={plot}>
					<canvas
						ref={canvas}
						style={{ height: `${height}px` }}
						tabIndex={0}
						role="application"
						aria-label="Timeline: arrow keys walk, plus and minus zoom, n and p go from span to span"
						aria-describedby="timeline-chosen"
						data-timeline={`${window.from.toFixed(3)} ${window.to.toFixed(3)}`}
						onKeyDown={onKeyDown}
						onDblClick={props.onHome}
						{...pointer}
					/>
				</div>
			</div>
			{hover?.at && !marked && <Tip {...hover} at={hover.at} {...{ timeline, zone, width, scroll }} />}
			<p id="timeline-chosen" class="timeline-chosen" aria-live="polite">
				{chosen ? (
					spanSentence(timeline, chosen.track, chosen.span, zone)
				) : (
					<span class="muted">Choose a span by a click, or with n and p.</span>
				)}
			</p>
		</div>
	);
}

function Tip({ timeline, at, x, y, width, zone }: Hover & { at: Chosen; timeline: Timeline; width: number; zone: Zone }) {
	const words = spanWords(timeline, at.track, at.span, zone);
	const left = x > width / 2;
	return (
		<div
			class="timeline-tip"
			style={{
				top: `${y + 44}px`,
				...(left ? { right: `${width - x + 12}px` } : { left: `calc(var(--names) + ${x + 12}px)` }),
			}}
		>
			<b>{words.name}</b> <span class="mono">{words.length}</span>
			<div class="muted">{words.more.join(', ')}</div>
		</div>
	);
}

/** True when the key was one of the timeline's. */
function walk(key: string, props: CanvasProps, showTrack: (track: Track) => void): boolean {
	const { timeline, window, all, chosen, track } = props;
	const length = window.to - window.from;
	const middle = (window.from + window.to) / 2;
	const tracks = timeline.tracks;
	const at = track ? tracks.indexOf(track) : -1;
	const other = (by: number): Track | undefined => tracks[Math.max(0, Math.min(tracks.length - 1, at + by))];
	const step = (by: number): void => {
		const on = chosen?.track ?? track ?? tracks[0];
		if (!on) return;
		const next = chosen ? chosen.span + by : firstEndingAfter(on, middle);
		choose(props, on, Math.max(0, Math.min(on.n - 1, next)));
	};
	const keys: Record<string, () => void> = {
		ArrowLeft: () => props.onWindow(panned(window, -STEP * length, all)),
		ArrowRight: () => props.onWindow(panned(window, STEP * length, all)),
		ArrowUp: () => showTrack((at < 0 ? tracks[0] : other(-1)) as Track),
		ArrowDown: () => showTrack((at < 0 ? tracks[0] : other(1)) as Track),
		'+': () => props.onWindow(zoomed(window, 0.5, middle, all)),
		'-': () => props.onWindow(zoomed(window, 2, middle, all)),
		n: () => step(1),
		p: () => step(-1),
		Home: props.onHome,
		End: () => props.onWindow(all),
		Enter: () => {
			if (chosen)
				props.onWindow(windowAround(chosen.track.begin[chosen.span] as number, chosen.track.end[chosen.span] as number));
		},
		Escape: () => props.onChoose(null),
	};
	const same: Record<string, string> = { a: 'ArrowLeft', d: 'ArrowRight', w: '+', s: '-', '=': '+', '0': 'Home' };
	const run = keys[same[key] ?? key];
	run?.();
	return run !== undefined;
}

/** Chooses a span, and moves the window as far as it must to show it. */
function choose({ window, all, onChoose, onTrack, onWindow }: CanvasProps, track: Track, span: number): void {
	const [begin, end] = [track.begin[span] as number, track.end[span] as number];
	onTrack(track);
	onChoose({ track, span });
	if (end < window.from || begin > window.to) onWindow(panned(window, (begin + end - window.from - window.to) / 2, all));
}

interface PointerProps extends CanvasProps {
	width: number;
	timeAt: (x: number) => number;
	spanAt: (x: number, y: number) => Chosen | null;
	setMarked: (window: Window | null) => void;
	setHover: (hover: Hover | null) => void;
}

/** A drag marks what shall be zoomed, with Shift or a finger it moves the picture; two fingers zoom. */
function usePointer(props: PointerProps) {
	const drag = useRef<Drag | null>(null);
	const fingers = useRef(new Map<number, number>());
	const { window, all, width, timeAt } = props;
	const length = window.to - window.from;

	const pinch = (event: PointerEvent): boolean => {
		const had = fingers.current.get(event.pointerId);
		if (had === undefined || fingers.current.size < 2) return false;
		const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1] ?? 0;
		const [before, now] = [Math.max(10, Math.abs(had - other)), Math.max(10, Math.abs(event.offsetX - other))];
		fingers.current.set(event.pointerId, event.offsetX);
		props.onWindow(zoomed(window, before / now, timeAt(other), all));
		return true;
	};
	const down = (event: PointerEvent): void => {
		if (event.button > 1) return;
		const touch = event.pointerType === 'touch';
		if (touch) fingers.current.set(event.pointerId, event.offsetX);
		drag.current = {
			id: event.pointerId,
			from: event.offsetX,
			x: event.offsetX,
			pan: touch || event.shiftKey || event.button === 1,
		};
		(event.currentTarget as Element).setPointerCapture(event.pointerId);
		if (event.button === 1) event.preventDefault();
	};
	const move = (event: PointerEvent): void => {
		const held = drag.current;
		if (pinch(event)) return;
		if (!held || held.id !== event.pointerId) {
			props.setHover({ x: event.offsetX, y: event.offsetY, at: props.spanAt(event.offsetX, event.offsetY) });
			return;
		}
		if (held.pan) {
			if (event.pointerType === 'touch') fingers.current.set(event.pointerId, event.offsetX);
			props.onWindow(panned(window, ((held.x - event.offsetX) / width) * length, all));
			held.x = event.offsetX;
			return;
		}
		const [from, to] = [timeAt(Math.min(held.from, event.offsetX)), timeAt(Math.max(held.from, event.offsetX))];
		props.setMarked(Math.abs(event.offsetX - held.from) < CLICK ? null : { from, to });
	};
	const up = (event: PointerEvent): void => {
		const held = drag.current;
		fingers.current.delete(event.pointerId);
		drag.current = null;
		props.setMarked(null);
		if (!held || held.id !== event.pointerId) return;
		if (Math.abs(event.offsetX - held.from) < CLICK) {
			const found = props.spanAt(event.offsetX, event.offsetY);
			props.onChoose(found);
			if (found) props.onTrack(found.track);
		} else if (!held.pan) {
			const [a, b] = [timeAt(held.from), timeAt(event.offsetX)];
			props.onWindow({ from: Math.min(a, b), to: Math.max(a, b) });
		}
	};
	const cancel = (event: PointerEvent): void => {
		fingers.current.delete(event.pointerId);
		drag.current = null;
		props.setMarked(null);
	};
	return {
		onPointerDown: down,
		onPointerMove: move,
		onPointerUp: up,
		onPointerCancel: cancel,
		onPointerLeave: () => props.setHover(null),
	};
}

/** Listens so that the page can be kept from scrolling: `take` is true when the event was used. */
function useWheel(canvas: { current: HTMLCanvasElement | null }, take: (event: WheelEvent) => boolean): void {
	const latest = useRef(take);
	latest.current = take;
	useEffect(() => {
		const element = canvas.current;
		const onWheel = (event: WheelEvent): void => {
			if (latest.current(event)) event.preventDefault();
		};
		element?.addEventListener('wheel', onWheel, { passive: false });
		return () => element?.removeEventListener('wheel', onWheel);
	}, []);
}
