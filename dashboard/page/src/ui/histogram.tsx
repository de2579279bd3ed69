// SPDX-License-Identifier: MIT
//
// Durations of all workers, by powers of two; heights are logarithms, since one slow one in a million is what is looked for.
import { duration, plural, short } from '../lib/format';

export interface Bar {
	from: number; // ns
	count: number;
}

/** Buckets of [upper bound in ns, count] summed into powers of two, with the empty ones between. */
export function byOctave(buckets: [number, number][]): Bar[] {
	const counts = new Map<number, number>();
	for (const [upper, count] of buckets) {
		const octave = Math.floor(Math.log2(Math.max(1, upper)));
		counts.set(octave, (counts.get(octave) ?? 0) + count);
	}
	const octaves = [...counts.keys()];
	if (!octaves.length) return [];
	const bars: Bar[] = [];
	for (let o = Math.min(...octaves); o <= Math.max(...octaves); o++)
		bars.push({ from: 2 ** o, count: counts.get(o) ?? 0 });
	return bars;
}

/** `of`: what is counted, in the singular: "round". */
export function Histogram({ buckets, of }: { buckets: [number, number][]; of: string }) {
	const bars = byOctave(buckets);
	const top = Math.log10(1 + Math.max(...bars.map((b) => b.count)));
	return (
		<ul class="histogram" aria-label={`Time of each ${of}`}>
			{bars.map((bar) => (
				<li
					key={bar.from}
					title={`${plural(bar.count, of)} from ${duration(bar.from / 1e9)} to ${duration((bar.from * 2) / 1e9)}`}
				>
					<span class="count">{bar.count ? short(bar.count) : ''}</span>
					<i style={{ height: `${bar.count ? Math.max(2, (Math.log10(1 + bar.count) / top) * 72) : 0}px` }} />
					<span class="from">{duration(bar.from / 1e9).replace(/\.0+(?= )/, '')}</span>
				</li>
			))}
		</ul>
	);
}
