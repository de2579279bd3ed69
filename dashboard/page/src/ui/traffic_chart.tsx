// SPDX-License-Identifier: MIT
//
// The chart of the overview: bits as an area on the left axis, packets as a line on the right one, drops as marks at the foot.
import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import { niceTop, ticks, timeStep } from '../lib/axis';
import { join, rateText, scaled, tidy, whole } from '../lib/format';
import { clock, day, hourMinute, type Zone } from '../lib/time';
import { settings, useSettings } from '../state/settings';
import { toColumns } from '../state/series';
import type { Point } from '../net/wire';
import { Chart } from './chart';

const STEPS = 4;

function timeSplits(u: uPlot, _axis: number, min: number, max: number): number[] {
	const step = timeStep(max - min, Math.max(2, Math.floor(u.width / 90)));
	const list: number[] = [];
	for (let t = Math.ceil(min / step) * step; t <= max; t += step) list.push(t);
	return list;
}

function timeValues(_u: uPlot, splits: number[]): string[] {
	const { zone } = settings.get();
	const step = splits.length > 1 ? (splits[1] as number) - (splits[0] as number) : 60;
	return splits.map((t, i) => {
		const time = step < 60 ? clock(t * 1000, zone) : hourMinute(t * 1000, zone);
		const date = day(t * 1000, zone);
		const other = i === 0 ? date !== day(Date.now(), zone) : date !== day((splits[i - 1] as number) * 1000, zone);
		return other ? `${time}\n${date}` : time;
	});
}

/** The time of day, with its date when that is not today's. */
const moment = (ms: number, zone: Zone): string =>
	day(ms, zone) === day(Date.now(), zone) ? clock(ms, zone) : `${day(ms, zone)} ${clock(ms, zone)}`;

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
	const bits = shown === null || units === 'bits' ? shown : shown * 8;
	const parts =
		t === undefined
			? ['no data yet']
			: [
					moment(t * 1000, zone),
					down ? 'link down' : rateText(bits, units),
					down ? '' : join(scaled(u.data[2]?.[at] ?? null, 'pps')),
					drops ? `${whole(drops)} lost` : '',
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
			{ ...axis, splits: timeSplits, values: timeValues, size: 42, grid: { show: false } },
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
		],
		hooks: { drawAxes: [drawDown(color('warn-soft'), color('warn'))], draw: [drawDrops(color('chart-loss'))], setCursor: [legendHook], setData: [legendHook] },
	};
}

export function TrafficChart({
	points,
	from,
	span,
	end,
	height,
}: {
	points: Point[];
	from: number;
	span: number;
	end: number;
	height: number;
}) {
	const { units } = useSettings();
	const data = useMemo((): uPlot.AlignedData => {
		const columns = toColumns(points);
		const bits = units === 'bits' ? columns.bits : columns.bits.map((v) => (v === null ? null : v / 8));
		return [columns.x, bits, columns.packets, columns.drops, columns.down];
	}, [points, units]);
	return (
		<Chart
			label="Throughput and packet rate over time"
			data={data}
			from={from}
			end={end}
			reset={span}
			height={height}
			make={make}
		/>
	);
}
