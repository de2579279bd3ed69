// SPDX-License-Identifier: MIT
//
// Lines over time in a panel: a word, a dash and a colour for each, and its value under the pointer beside the word.
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import { niceTop, ticks } from '../lib/axis';
import { settings } from '../state/settings';
import { columnsOf, ghostOf, type Timed, type Value } from '../state/timed';
import { Chart, type Plot } from './chart';
import { moment, timeSize, timeSplits, timeValues } from './time_axis';

const STEPS = 4;
export const LEFT = 76; // of every chart whose axis stands left: times lie below one another

export interface Line {
	name: string;
	color: string; // a token
	dash?: number[];
	fill?: boolean;
	value: (value: Value, length: number) => number | null;
}

export interface LinesOf {
	lines: Line[];
	text: (value: number | null) => string; // beside the word
	axis: (value: number) => string;
	least: number; // the top of the axis, at least
}

/** The index that the pointer is on; without one, the newest. */
export function indexAt(u: uPlot): number {
	const left = u.cursor.left ?? -1;
	return left >= 0 && u.data[0].length ? u.posToIdx(left) : u.data[0].length - 1;
}

export function say(u: uPlot, part: string, text: string): void {
	const out = u.root.closest('[data-chart]')?.querySelector(`[data-said="${part}"]`);
	if (out) out.textContent = text;
}

export function sayTime(u: uPlot, at: number): void {
	const t = u.data[0][at];
	say(u, 'time', t === undefined ? '' : moment(t * 1000, settings.get().zone));
}

export const timeAxis = (axis: Partial<uPlot.Axis>): Partial<uPlot.Axis> => ({
	...axis,
	splits: timeSplits,
	values: timeValues,
	size: timeSize,
	grid: { show: false },
});

function makeLines(of: LinesOf) {
	return (color: (name: string) => string, axis: Partial<uPlot.Axis>): Partial<uPlot.Options> => {
		const tell = (u: uPlot): void => {
			const at = indexAt(u);
			sayTime(u, at);
			of.lines.forEach((_, i) => say(u, String(i), of.text(u.data[i + 1]?.[at] ?? null)));
			say(u, 'before', of.text(u.data[of.lines.length + 1]?.[at] ?? null));
		};
		return {
			padding: [10, 28, 0, 0], // half of a label
			scales: { y: { range: (_u, _min, max) => [0, niceTop(max ?? 0, of.least, STEPS)] } },
			axes: [
				timeAxis(axis),
				{
					...axis,
					scale: 'y',
					size: LEFT,
					splits: (_u, _i, _min, max) => ticks(max, STEPS),
					values: (_u, splits) => splits.map((v) => (v === 0 ? '0' : of.axis(v))),
				},
			],
			series: [
				{},
				...of.lines.map((line) => ({
					scale: 'y',
					stroke: color(line.color),
					...(line.fill ? { fill: `${color(line.color)}2e` } : {}),
					width: 1.5,
					dash: line.dash ?? [],
					points: { show: false },
				})),
				{ scale: 'y', stroke: color('muted'), width: 1, dash: [2, 3], points: { show: false } },
			],
			hooks: { setCursor: [tell], setData: [tell] },
		};
	};
}

export function Key({ line, at }: { line: Line; at: number }) {
	return (
		<span class="line-key">
			<svg viewBox="0 0 18 8" width="18" height="8" aria-hidden="true">
				<path d="M0 4H18" fill="none" stroke={`var(--${line.color})`} stroke-width="2" stroke-dasharray={(line.dash ?? []).join(' ')} />
			</svg>
			{line.name} <b class="mono" data-said={at} />
		</span>
	);
}

/** The same series some time earlier. */
export interface Before {
	data: Timed;
	shift: number; // seconds
	word: string; // "the day before"
}

export interface Framed {
	data: Timed;
	from: number;
	end: number;
	before?: Before | null;
}

/** Columns of the lines, and behind them the first one some time earlier. */
export function lineColumns(of: LinesOf, data: Timed, before: Before | null): (number | null)[][] {
	const columns = columnsOf(data, of.lines.map((l) => l.value));
	const times = columns[0] as number[];
	if (!before) return [...columns, times.map(() => null)];
	const [at, value] = columnsOf(before.data, of.lines.slice(0, 1).map((l) => l.value)) as [number[], (number | null)[]];
	return [...columns, ghostOf(times, at, value, before.shift, Math.max(before.data.step, 1) * 0.75)];
}

export function Lines({ of, label, height = 180, foot, data, from, end, before = null }: { of: LinesOf; label: string; height?: number; foot?: (plot: Plot) => ComponentChildren } & Framed) {
	const columns = useMemo(() => lineColumns(of, data, before) as uPlot.AlignedData, [data, of, before]);
	const make = useMemo(() => makeLines(of), [of]);
	const unknown = columns.slice(1, -1).every((column) => (column as (number | null)[]).every((v) => v === null));
	return (
		<div data-chart>
			<div class="line-keys">
				{of.lines.map((line, i) => (
					<Key key={line.name} line={line} at={i} />
				))}
				{before && (
					<span class="line-key">
						<svg viewBox="0 0 18 8" width="18" height="8" aria-hidden="true">
							<path d="M0 4H18" fill="none" stroke="var(--muted)" stroke-dasharray="2 3" />
						</svg>
						{of.lines[0]?.name} {before.word}
						{before.data.rows.length ? <b class="mono" data-said="before" /> : ': nothing is kept'}
					</span>
				)}
				<span class="grow" />
				<span class="mono small" data-said="time" />
			</div>
			{unknown && <p class="muted small line-none">{data.rows.length ? 'Not measured in this time, or the run does not measure it.' : 'Nothing is kept of this time.'}</p>}
			<Chart label={label} data={columns} from={from} end={end} height={height} make={make} {...(foot ? { foot } : {})} />
		</div>
	);
}
