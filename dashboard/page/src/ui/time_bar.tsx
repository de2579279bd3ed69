// SPDX-License-Identifier: MIT
//
// Which time is shown: spans up to now, a span that was chosen, and another one to compare it with.
import { full } from '../lib/time';
import { setQuery, useRoute } from '../lib/router';
import { COMPARED, readCompared, showNow, showRange, useRange } from '../state/range';
import { choose, useSettings } from '../state/settings';
import { Segments } from './bits';

export const SPAN_NAMES = [
	[300, '5m'],
	[900, '15m'],
	[3600, '1h'],
	[10_800, '3h'],
	[86_400, '1d'],
	[604_800, '7d'],
	[2_592_000, '30d'],
	[0, 'All'],
] as const;

export function TimeBar({ compare = false }: { compare?: boolean }) {
	const range = useRange();
	return (
		<div class="time-bar">
			{range.fixed && (
				<button type="button" class="button zoom-reset" onClick={showNow}>
					Back to now
				</button>
			)}
			{compare && <Compare />}
			<Segments
				label="Span of the charts"
				value={range.fixed ? -1 : range.span}
				options={SPAN_NAMES as readonly (readonly [number, string])[]}
				onChange={(span) => {
					choose({ span });
					showRange({ fixed: false, span });
				}}
			/>
		</div>
	);
}

function Compare() {
	const { query } = useRoute();
	return (
		<label class="field choice">
			<select
				aria-label="Compare with"
				value={readCompared(query) ?? ''}
				onChange={(event) => setQuery({ compare: event.currentTarget.value || null })}
			>
				<option value="">compare with …</option>
				{Object.keys(COMPARED).map((name) => (
					<option key={name} value={name}>
						the {name} before
					</option>
				))}
			</select>
		</label>
	);
}

/** The span that was chosen, in words; nothing while it is the last so many seconds. */
export function RangeWords() {
	const range = useRange();
	const { zone } = useSettings();
	if (!range.fixed) return null;
	return (
		<span class="muted small nowrap" data-range>
			{full(range.from * 1000, zone)} – {full(range.to * 1000, zone)}
		</span>
	);
}
