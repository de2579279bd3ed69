// SPDX-License-Identifier: MIT
//
// Lines over time in a panel: a word, a dash and a colour for each, and its value under the pointer beside the word.
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import { niceTop, ticks } from '../lib/axis';
import { settings } from '../state/settings';
import { columnsOf, type Timed, type Value } from '../state/timed';
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
		};
		return {
			padding: [10, 16, 0, 0],
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

export interface Framed {
	data: Timed;
	from: number;
	end: number;
}

export function Lines({ of, label, height = 180, foot, data, from, end }: { of: LinesOf; label: string; height?: number; foot?: (plot: Plot) => ComponentChildren } & Framed) {
	const columns = useMemo(() => columnsOf(data, of.lines.map((l) => l.value)) as uPlot.AlignedData, [data, of]);
	const make = useMemo(() => makeLines(of), [of]);
	const unknown = columns.slice(1).every((column) => (column as (number | null)[]).every((v) => v === null));
	return (
		<div data-chart>
			<div class="line-keys">
				{of.lines.map((line, i) => (
					<Key key={line.name} line={line} at={i} />
				))}
				<span class="grow" />
				<span class="mono small" data-said="time" />
			</div>
			{unknown && <p class="muted small line-none">{data.rows.length ? 'Not measured in this time, or the run does not measure it.' : 'Nothing is kept of this time.'}</p>}
			<Chart label={label} data={columns} from={from} end={end} height={height} make={make} {...(foot ? { foot } : {})} />
		</div>
	);
}
