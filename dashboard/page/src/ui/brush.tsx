// SPDX-License-Identifier: MIT
//
// All that is known, small, with a window over what the charts show. The window is moved, and its ends are, by pointer or arrow keys.
import { useMemo, useRef, useState } from 'preact/hooks';
import { full } from '../lib/time';
import { useLive } from '../state/live';
import { chosen, showNow, showRange } from '../state/range';
import { useSettings, WHOLE_RUN } from '../state/settings';
import { useTimed, type Timed } from '../state/timed';
import type { Plot } from './chart';

const HEIGHT = 30;
const GRIP = 9; // px on both sides of an end
const ALL = { fixed: false, span: WHOLE_RUN } as const;

/** An area of the square root of the rate: quiet hours can be seen beside busy ones. A gap is a gap. */
export function brushPath(rows: Timed['rows'], from: number, to: number): string {
	const rates = rows.map((r) => Math.sqrt(Math.max(0, ((r[2] as number) ?? 0) / ((r[1] as number) || 1))));
	const top = Math.max(...rates, 1e-9);
	const x = (t: number): string => (((t - from) / (to - from)) * 1000).toFixed(1);
	let path = '';
	let last: number | null = null;
	rows.forEach((row, i) => {
		const [start, length] = row as [number, number];
		const y = (HEIGHT - 1 - ((rates[i] as number) / top) * (HEIGHT - 3)).toFixed(1);
		if (last === null || start > last + 0.5 * length) path += `${last === null ? '' : `V${HEIGHT}Z`}M${x(start)} ${HEIGHT}`;
		path += `V${y}H${x(start + length)}`;
		last = start + length;
	});
	return path && `${path}V${HEIGHT}Z`;
}

type Grip = 'from' | 'to' | 'both' | 'new';

export function gripAt(x: number, from: number, to: number): Grip {
	if (Math.abs(x - from) <= GRIP && Math.abs(x - from) <= Math.abs(x - to)) return 'from';
	if (Math.abs(x - to) <= GRIP) return 'to';
	return x > from && x < to ? 'both' : 'new';
}

/** The window after `by` seconds of a grip; it stays within what is known. */
export function moved(grip: Grip, from: number, to: number, by: number, first: number, last: number): [number, number] {
	const within = (t: number): number => Math.max(first, Math.min(last, t));
	if (grip === 'from') return [within(from + by), to];
	if (grip === 'to') return [from, within(to + by)];
	const stay = Math.max(first - from, Math.min(last - to, by));
	return [from + stay, to + stay];
}

export function Brush({ from, to, plot }: { from: number; to: number; plot: Plot }) {
	const { data } = useTimed('bytes', ALL, { points: 240, slow: true });
	const { zone } = useSettings();
	const clock = useLive((l) => Math.floor(l.frame?.tick?.end ?? 0));
	const [drawn, setDrawn] = useState<[number, number] | null>(null);
	const hold = useRef<{ grip: Grip; at: number; from: number; to: number } | null>(null);
	const rows = data?.rows ?? [];
	const newest = rows[rows.length - 1] as [number, number] | undefined;
	const first = Math.min((rows[0]?.[0] as number | undefined) ?? from, to);
	const last = Math.max(newest ? newest[0] + newest[1] : to, clock, first + 1);
	const path = useMemo(() => brushPath(rows, first, last), [data, first, last]);
	const [a, b] = (drawn ?? [from, to]).map((t) => Math.max(first, Math.min(last, t))) as [number, number];
	const px = (t: number): number => ((t - first) / (last - first)) * plot.width;
	const timeAt = (event: PointerEvent): number => {
		const x = event.clientX - (event.currentTarget as Element).getBoundingClientRect().left;
		return first + (x / plot.width) * (last - first);
	};
	const down = (event: PointerEvent): void => {
		if (event.button !== 0) return;
		const at = timeAt(event);
		(event.currentTarget as Element).setPointerCapture(event.pointerId);
		hold.current = { grip: gripAt(px(at), px(a), px(b)), at, from: a, to: b };
	};
	const move = (event: PointerEvent): void => {
		const held = hold.current;
		if (!held) return;
		const at = Math.max(first, Math.min(last, timeAt(event)));
		setDrawn(held.grip === 'new' ? [Math.min(held.at, at), Math.max(held.at, at)] : moved(held.grip, held.from, held.to, at - held.at, first, last));
	};
	const up = (): void => {
		hold.current = null;
		if (drawn) showRange(chosen(...drawn));
		setDrawn(null);
	};
	const key = (grip: Grip) => (event: KeyboardEvent): void => {
		const way = { ArrowLeft: -1, ArrowRight: 1, PageDown: -10, PageUp: 10, Home: -1000, End: 1000 }[event.key];
		if (!way) return;
		event.preventDefault();
		event.stopPropagation();
		showRange(chosen(...moved(grip, a, b, (way * (last - first)) / 100, first, last)), true);
	};
	const slider = (grip: Grip, label: string, at: number, text: string) => ({
		role: 'slider' as const,
		tabIndex: 0,
		'aria-label': label,
		'aria-valuemin': Math.floor(first),
		'aria-valuemax': Math.ceil(last),
		'aria-valuenow': Math.round(at),
		'aria-valuetext': text,
		onKeyDown: key(grip),
	});
	const words = (t: number): string => full(t * 1000, zone);
	return (
		<div class="brush" style={{ marginLeft: `${plot.left}px`, width: `${plot.width}px` }} data-brush>
			<div
				class="brush-track"
				onPointerDown={down}
				onPointerMove={move}
				onPointerUp={up}
				onPointerCancel={() => setDrawn((hold.current = null))}
				onDblClick={showNow}
			>
				<svg viewBox={`0 0 1000 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
					<path d={path} />
				</svg>
				<div
					class="brush-window"
					style={{ left: `${px(a)}px`, width: `${Math.max(2, px(b) - px(a))}px` }}
					{...slider('both', 'Shown span', a, `${words(a)} to ${words(b)}`)}
				/>
				<div class="brush-grip" style={{ left: `${px(a)}px` }} {...slider('from', 'Begin of the span', a, words(a))} />
				<div class="brush-grip" style={{ left: `${px(b)}px` }} {...slider('to', 'End of the span', b, words(b))} />
			</div>
			<div class="brush-ends muted small">
				<span>{words(first).slice(0, 16)}</span>
				<span>{words(last).slice(0, 16)}</span>
			</div>
		</div>
	);
}
