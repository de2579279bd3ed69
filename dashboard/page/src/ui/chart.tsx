// SPDX-License-Identifier: MIT
//
// uPlot behind one component: time to the right, now at the right edge, drag to zoom, double click to go back, one cursor over
// all charts of a page. It is a picture of numbers that stand elsewhere as text too.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useStore } from '../lib/store';
import { chosen, showNow, showRange } from '../state/range';
import { settings, shownTheme } from '../state/settings';
import { useSize } from './use';

export interface ChartProps {
	label: string;
	data: uPlot.AlignedData;
	from: number; // the left edge, seconds
	end: number; // the right one
	height: number;
	make: (color: (name: string) => string, axis: Partial<uPlot.Axis>) => Partial<uPlot.Options>;
	foot?: (plot: Plot) => ComponentChildren; // what stands below, on the same time axis
}

/** Where the time axis lies within the chart, in px. */
export interface Plot {
	left: number;
	width: number;
}

const color = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function axisStyle(): Partial<uPlot.Axis> {
	return {
		stroke: color('muted'),
		font: `12px ${color('sans')}`,
		grid: { stroke: color('line'), width: 1 },
		ticks: { show: false },
		gap: 6,
	};
}

/** The pointer's line stands on a point, and so at the time that the legend tells. */
function onPoint(u: uPlot, left: number): number {
	const x = left < 0 ? undefined : u.data[0][u.posToIdx(left)];
	const at = x === undefined ? left : u.valToPos(x, 'x');
	return at >= 0 && at <= u.over.clientWidth ? at : left;
}

function placeOf(u: uPlot, now: Plot): Plot {
	const left = Math.round(u.bbox.left / devicePixelRatio);
	const width = Math.round(u.bbox.width / devicePixelRatio);
	return now.left === left && now.width === width ? now : { left, width };
}

export function Chart(props: ChartProps) {
	const [box, size] = useSize<HTMLDivElement>();
	const plot = useRef<uPlot | null>(null);
	const edge = useRef<[number, number]>([0, 1]);
	const [place, setPlace] = useState<Plot>({ left: 0, width: 0 });
	const theme = useStore(shownTheme, (t) => t);
	const [zone, units] = useStore(settings, (s) => [s.zone, s.units] as const);
	edge.current = [props.from, props.end];

	useLayoutEffect(() => {
		if (!box.current || size.width === 0) return;
		const own = props.make(color, axisStyle());
		const options: uPlot.Options = {
			...own,
			width: size.width,
			height: props.height,
			legend: { show: false },
			series: own.series ?? [{}],
			scales: { ...own.scales, x: { time: true, range: () => edge.current } },
			cursor: {
				sync: { key: 'netscope' },
				move: (u, left, top) => [onPoint(u, left), top],
				drag: { x: true, y: false, setScale: false },
				points: { size: 6 },
				bind: { dblclick: () => () => (showNow(), null) },
			},
			hooks: {
				...own.hooks,
				draw: [...(own.hooks?.draw ?? []), (u) => setPlace((now) => placeOf(u, now))],
				setSelect: [
					(u) => {
						if (u.select.width < 6) return;
						showRange(chosen(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x')));
						u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
					},
				],
			},
		};
		const made = new uPlot(options, props.data, box.current);
		plot.current = made;
		return () => {
			made.destroy();
			plot.current = null;
		};
	}, [size.width > 0, theme, zone, units, props.make]);

	useEffect(() => {
		plot.current?.setSize({ width: size.width, height: props.height });
	}, [size.width, props.height]);
	useEffect(() => {
		plot.current?.setData(props.data);
	}, [props.data, props.end, props.from]);

	return (
		<div class="chart">
			<div ref={box} class="plot" style={{ height: `${props.height}px` }} role="img" aria-label={props.label} />
			{place.width > 0 && props.foot?.(place)}
		</div>
	);
}
