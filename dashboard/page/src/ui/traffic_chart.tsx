// SPDX-License-Identifier: MIT
//
// The chart of the overview: bits as an area on the left axis, packets as a line on the right one, drops as marks at the foot.
import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import { niceTop, ticks } from '../lib/axis';
import { join, rateText, scaled, tidy, whole } from '../lib/format';
import { settings, useSettings } from '../state/settings';
import { toColumns } from '../state/series';
import type { Point } from '../net/wire';
import { Chart, type ChartProps } from './chart';
import { moment, timeSize, timeSplits, timeValues } from './time_axis';

const STEPS = 4;

function drawDrops(fill: string) {
	return (u: uPlot): void => {
		const drops = u.data[3];
		const { ctx, bbox } = u;
		const ratio = devicePixelRatio;
		if (!drops) return;
		ctx.save();
		ctx.fillStyle = fill;
		for (let i = 0; i < drops.length; i++) {
			const value = drops[i];
			const t = u.data[0][i];
			if (!value || t === undefined) continue;
			const x = Math.round(u.valToPos(t, 'x', true));
			if (x < bbox.left || x > bbox.left + bbox.width) continue;
			const foot = bbox.top + bbox.height;
			ctx.fillRect(x - ratio, foot - 14 * ratio, 2 * ratio, 14 * ratio);
			ctx.beginPath();
			ctx.moveTo(x - 5 * ratio, foot - 22 * ratio);
			ctx.lineTo(x + 5 * ratio, foot - 22 * ratio);
			ctx.lineTo(x, foot - 13 * ratio);
			ctx.fill();
		}
		ctx.restore();
	};
}

/** Where the link was down there is no traffic to draw: a band says so. */
function drawDown(fill: string, ink: string) {
	return (u: uPlot): void => {
		const { ctx, bbox } = u;
		const [left, right] = [bbox.left, bbox.left + bbox.width];
		const bands: [number, number][] = []; // those side by side are one
		u.data[4]?.forEach((began, i) => {
			if (typeof began !== 'number') return;
			const from = Math.max(left, Math.floor(u.valToPos(began, 'x', true)));
			const to = Math.min(right, Math.ceil(u.valToPos(u.data[0][i] as number, 'x', true)));
			const before = bands[bands.length - 1];
			if (before && from <= before[1]) before[1] = to;
			else if (to > from) bands.push([from, to]);
		});
		ctx.save();
		ctx.font = `${12 * devicePixelRatio}px ${getComputedStyle(u.root).fontFamily}`;
		const width = ctx.measureText('link down').width + 8 * devicePixelRatio;
		ctx.fillStyle = fill;
		for (const [from, to] of bands) ctx.fillRect(from, bbox.top, to - from, bbox.height);
		ctx.fillStyle = ink;
		for (const [from] of bands)
			ctx.fillText('link down', Math.min(from + 4 * devicePixelRatio, right - width), bbox.top + 16 * devicePixelRatio);
		ctx.restore();
	};
}

/** What the pointer is over, as text in the legend's place; without a pointer the newest point. */
function legendHook(u: uPlot): void {
	const left = u.cursor.left ?? -1;
	const at = left >= 0 && u.data[0].length ? u.posToIdx(left) : u.data[0].length - 1;
	const out = u.root.closest('[data-chart]')?.querySelector('[data-legend]');
	if (!out) return;
	const { units, zone } = settings.get();
	const t = u.data[0][at];
	const drops = u.data[3]?.[at];
	const down = typeof u.data[4]?.[at] === 'number';
	const shown = u.data[1]?.[at] ?? null;
	const inBits = (v: number | null): number | null => (v === null || units === 'bits' ? v : v * 8);
	const before = u.data[5]?.[at] ?? null;
	const parts =
		t === undefined
			? ['no data yet']
			: [
					moment(t * 1000, zone),
					down ? 'link down' : rateText(inBits(shown), units),
					down ? '' : join(scaled(u.data[2]?.[at] ?? null, 'pps')),
					drops ? `${whole(drops)} lost` : '',
					before === null ? '' : `before ${rateText(inBits(before), units)}`,
				];
	out.textContent = parts.filter(Boolean).join('  ');
}

function make(color: (name: string) => string, axis: Partial<uPlot.Axis>): Partial<uPlot.Options> {
	const area = color('chart-area');
	const bitsAxis = (_u: uPlot, splits: number[]): string[] =>
		splits.map((v) =>
			v === 0 ? '0' : tidy(rateText(settings.get().units === 'bits' ? v : v * 8, settings.get().units)),
		);
	const inUnits = (max: number): number => niceTop(max, settings.get().units === 'bits' ? 1000 : 125, STEPS);
	return {
		padding: [10, 0, 0, 0],
		scales: {
			bits: { range: (_u, _min, max) => [0, inUnits(max ?? 0)] },
			packets: { range: (_u, _min, max) => [0, niceTop(max ?? 0, 10, STEPS)] },
		},
		axes: [
			{ ...axis, splits: timeSplits, values: timeValues, size: timeSize, grid: { show: false } },
			{
				...axis,
				scale: 'bits',
				size: 76,
				splits: (_u, _i, _min, max) => ticks(max, STEPS),
				values: bitsAxis,
				stroke: area,
			},
			{
				...axis,
				scale: 'packets',
				side: 1,
				size: 70,
				splits: (_u, _i, _min, max) => ticks(max, STEPS),
				values: (_u, s) => s.map((v) => (v === 0 ? '0' : tidy(join(scaled(v, 'pps'))))),
				grid: { show: false },
				stroke: color('chart-line'),
			},
		],
		series: [
			{},
			{ scale: 'bits', stroke: area, fill: `${area}2e`, width: 1.5, points: { show: false } },
			{ scale: 'packets', stroke: color('chart-line'), width: 1.5, dash: [5, 3], points: { show: false } },
			{ scale: 'drops', show: true, stroke: 'transparent', points: { show: false } },
			{ scale: 'x', show: false },
			{ scale: 'bits', stroke: color('muted'), width: 1, dash: [2, 3], points: { show: false } },
		],
		hooks: { drawAxes: [drawDown(color('warn-soft'), color('warn'))], draw: [drawDrops(color('chart-loss'))], setCursor: [legendHook], setData: [legendHook] },
	};
}

export function TrafficChart({
	points,
	ghost,
	...rest
}: {
	points: Point[];
	ghost: ((times: number[]) => (number | null)[]) | null; // bits per second of an earlier time
} & Pick<ChartProps, 'from' | 'end' | 'height' | 'foot'>) {
	const { units } = useSettings();
	const data = useMemo((): uPlot.AlignedData => {
		const columns = toColumns(points);
		const shown = (bits: (number | null)[]): (number | null)[] =>
			units === 'bits' ? bits : bits.map((v) => (v === null ? null : v / 8));
		const before = ghost ? shown(ghost(columns.x)) : columns.x.map(() => null);
		return [columns.x, shown(columns.bits), columns.packets, columns.drops, columns.down, before];
	}, [points, units, ghost]);
	return <Chart label="Throughput and packet rate over time" data={data} make={make} {...rest} />;
}
