// SPDX-License-Identifier: MIT
//
// What views over time share: the bar above, the data of the range, and words while there is none.
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { useRoute } from '../lib/router';
import { useLive } from '../state/live';
import { COMPARED, edgesOf, readCompared, useRange } from '../state/range';
import { useTimed, type Timed } from '../state/timed';
import { Empty, Waiting } from './bits';
import { Brush } from './brush';
import type { Plot } from './chart';
import type { Before } from './lines';
import { Marks } from './marks';
import { RangeWords, TimeBar } from './time_bar';

export interface Shown {
	data: Timed;
	from: number;
	end: number;
	before: Before | null;
	foot: (plot: Plot) => ComponentChildren; // marks and the whole run, below the first chart
}

export function TimedView({ name, series, children }: { name: string; series: string; children: (shown: Shown) => ComponentChildren }) {
	const range = useRange();
	const compared = readCompared(useRoute().query);
	const shift = compared ? COMPARED[compared] : 0;
	const { data, error } = useTimed(series, range);
	const earlier = useTimed(series, range, { shift, off: !compared, slow: true });
	const before = useMemo(
		() => (compared && earlier.data && earlier.fresh ? { data: earlier.data, shift, word: `the ${compared} before` } : null),
		[earlier.data, earlier.fresh, compared],
	);
	const isLive = useLive((l) => l.hello?.source.live === true);
	const starting = useLive((l) => l.frame !== null && l.frame.tick === null);
	const rows = data?.rows ?? [];
	const newest = rows[rows.length - 1] as [number, number] | undefined;
	const [from, end] = edgesOf(range, (rows[0]?.[0] as number | undefined) ?? 0, newest ? newest[0] + newest[1] : 0, isLive);
	const foot = (plot: Plot): ComponentChildren => (
		<>
			<Marks from={from} to={end} plot={plot} />
			<Brush from={from} to={end} plot={plot} />
		</>
	);
	return (
		<div class={`view timed ${name}`}>
			<div class="view-head">
				<RangeWords />
				<span class="grow" />
				<TimeBar compare />
			</div>
			{data && (newest || range.fixed) ? (
				children({ data, from, end, before, foot })
			) : error ? (
				<Empty icon="cross" title="This time cannot be shown">
					{error}
				</Empty>
			) : data || starting ? (
				<Empty title="No second has passed yet">The first point comes when one second of traffic is complete.</Empty>
			) : (
				<Waiting />
			)}
		</div>
	);
}

export interface Sum {
	name: string;
	value: string;
	detail: string;
	bad?: boolean;
}

/** Numbers of the whole range that is shown. */
export function Sums({ sums, label }: { sums: Sum[]; label: string }) {
	return (
		<dl class="sums" aria-label={label}>
			{sums.map((sum) => (
				<div key={sum.name} data-sum={sum.name}>
					<dt>{sum.name}</dt>
					<dd>
						<b>{sum.value}</b> <span class="muted small">{sum.detail}</span>
					</dd>
				</div>
			))}
		</dl>
	);
}
