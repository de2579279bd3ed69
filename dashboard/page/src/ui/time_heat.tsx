// SPDX-License-Identifier: MIT
//
// How long something took, over time: a column for each point, a row for each bucket of a logarithmic scale, a stronger shade for more.
import { useMemo, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { duration, plural, tidy } from '../lib/format';
import type { RangeRow } from '../net/api';
import type { Timed } from '../state/timed';
import { mixed } from './canvas';
import { Chart } from './chart';
import { indexAt, LEFT, say, sayTime, timeAxis, type Framed } from './lines';

const SHADES = 40;
const FAINTEST = 0.2; // of the colour, for a single sample
const DECADES = [0.01, 0.1, 1, 10, 100, 1000, 10_000];

export type Cell = [bucket: number, count: number];

/** "[bucket,count,bucket,count,…]" as pairs. */
export function cellsOf(value: RangeRow[number] | undefined): Cell[] {
	if (!Array.isArray(value)) return [];
	const cells: Cell[] = [];
	for (let i = 0; i + 1 < value.length; i += 2) cells.push([value[i] as number, value[i + 1] as number]);
	return cells;
}

/** Where a time stands among the upper ends of the buckets: bucket i reaches from i - 1 to i. */
export function heightOf(ms: number, buckets: number[]): number {
	const i = buckets.findIndex((upper) => upper >= ms);
	if (i < 0) return buckets.length - 1;
	const [lower, upper] = [buckets[i - 1], buckets[i] as number];
	return lower === undefined ? i : i - 1 + Math.log(ms / lower) / Math.log(upper / lower);
}

export interface HeatCells {
	columns: { start: number; end: number; cells: Cell[] }[];
	low: number; // rows that are shown: buckets low..high
	high: number;
	most: number; // samples in the fullest cell
	buckets: number[]; // upper ends, ms
}

export function heatOf(data: Timed, series: string): HeatCells {
	const at = data.columns.indexOf(series);
	const columns = data.rows.map((row) => ({ start: row[0] as number, end: (row[0] as number) + (row[1] as number), cells: cellsOf(row[at]) }));
	const used = columns.flatMap((c) => c.cells.map((cell) => cell[0]));
	const counts = columns.flatMap((c) => c.cells.map((cell) => cell[1]));
	const max = (values: number[]): number => values.reduce((a, b) => Math.max(a, b), 0);
	const low = used.reduce((a, b) => Math.min(a, b), Infinity);
	return { columns, low: Number.isFinite(low) ? Math.max(0, low - 1) : 0, high: Math.max(max(used) + 1, 4), most: max(counts), buckets: data.buckets };
}

/** Share of the colour for a count: logarithmic, so that a few slow ones can be seen beside thousands. */
export const strength = (count: number, most: number): number =>
	count <= 0 ? 0 : FAINTEST + (1 - FAINTEST) * (most <= 1 ? 1 : Math.log(count) / Math.log(most));

/** Reads `now` whenever it draws: new points do not make a new chart. */
function makeHeat(now: { current: HeatCells }) {
	return (color: (name: string) => string, axis: Partial<uPlot.Axis>): Partial<uPlot.Options> => {
		const shades = Array.from({ length: SHADES + 1 }, (_, i) => mixed(color('accent'), color('raised'), i / SHADES));
		const draw = (u: uPlot): void => {
			const heat = now.current;
			const { ctx, bbox } = u;
			ctx.save();
			ctx.beginPath();
			ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
			ctx.clip();
			for (const column of heat.columns) {
				const x = Math.floor(u.valToPos(column.start, 'x', true));
				const width = Math.max(1, Math.ceil(u.valToPos(column.end, 'x', true)) - x);
				if (x + width < bbox.left || x > bbox.left + bbox.width) continue;
				for (const [bucket, count] of column.cells) {
					const top = Math.floor(u.valToPos(bucket, 'y', true));
					ctx.fillStyle = shades[Math.round(strength(count, heat.most) * SHADES)] as string;
					ctx.fillRect(x, top, width, Math.ceil(u.valToPos(bucket - 1, 'y', true)) - top);
				}
			}
			ctx.restore();
		};
		const tell = (u: uPlot): void => {
			const at = indexAt(u);
			sayTime(u, at);
			const { columns, buckets } = now.current;
			const cells = columns[at]?.cells ?? [];
			const fullest = cells.reduce<Cell | null>((a, b) => (a && a[1] >= b[1] ? a : b), null);
			const all = cells.reduce((sum, cell) => sum + cell[1], 0);
			say(u, 'heat', fullest ? `${plural(all, 'sample')}, most within ${duration((buckets[fullest[0]] ?? 0) / 1000)}` : 'no sample');
		};
		const marks = (): [number, number][] => DECADES.map((ms) => [ms, heightOf(ms, now.current.buckets)]);
		return {
			padding: [10, 16, 0, 0],
			scales: { y: { range: () => [now.current.low - 1, now.current.high] } },
			axes: [
				timeAxis(axis),
				{
					...axis,
					scale: 'y',
					size: LEFT,
					splits: (_u, _axis, min, max) =>
						marks()
							.map((m) => m[1])
							.filter((y) => y > min && y < max),
					values: (_u, splits) => splits.map((y) => tidy(duration((marks().find((m) => m[1] === y)?.[0] ?? 0) / 1000))),
				},
			],
			series: [{}, { scale: 'y', stroke: 'transparent', points: { show: false } }],
			hooks: { drawAxes: [draw], setCursor: [tell], setData: [tell] },
		};
	};
}

/** `of`: what was measured, for who cannot see the picture. */
export function TimeHeat({ data, series, from, end, of, height = 170 }: Framed & { series: string; of: string; height?: number }) {
	const heat = useMemo(() => heatOf(data, series), [data, series]);
	const columns = useMemo(() => [heat.columns.map((c) => c.end), heat.columns.map(() => null)] as uPlot.AlignedData, [heat]);
	const now = useRef(heat);
	now.current = heat;
	const make = useMemo(() => makeHeat(now), []);
	if (!heat.most) return null;
	return (
		<div data-chart>
			<div class="line-keys">
				<span class="line-key long">
					one sample <i class="heat-scale" /> {plural(heat.most, 'sample')}, shades are logarithmic
				</span>
				<b class="mono small" data-said="heat" />
				<span class="grow" />
				<span class="mono small" data-said="time" />
			</div>
			<Chart label={`${of}: how many took how long, over time`} data={columns} from={from} end={end} height={height} make={make} />
		</div>
	);
}
