// SPDX-License-Identifier: MIT
//
// Durations by powers of two; heights are logarithms, since one slow one in a million is what is looked for.
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

export type Buckets = [number, number][]; // upper bound in ns, count

/** What `before` had not counted yet. */
export function since(before: Buckets, now: Buckets): Buckets {
	const had = new Map(before);
	return now.map(([upper, count]): [number, number] => [upper, count - (had.get(upper) ?? 0)]).filter((b) => b[1] > 0);
}

/** The upper bound of the bucket in which the share `q` of all has been counted; null without any. */
export function quantile(buckets: Buckets, q: number): number | null {
	const sorted = [...buckets].sort((a, b) => a[0] - b[0]);
	let left = Math.ceil(q * sorted.reduce((sum, b) => sum + b[1], 0));
	for (const [upper, count] of sorted) {
		left -= count;
		if (left <= 0 && upper > 0) return upper;
	}
	return null;
}

const QUANTILES = [
	[0.5, 'half'],
	[0.99, '99 %'],
	[0.999, '99.9 %'],
	[1, 'all'],
] as const;

/** "212,000 rounds: half within 6.7 µs, 99 % within 28 µs, ..." */
export function histogramSentence(buckets: Buckets, of: string): string {
	const n = buckets.reduce((sum, b) => sum + b[1], 0);
	const within = QUANTILES.map(([q, name]) => `${name} within ${duration((quantile(buckets, q) ?? 0) / 1e9)}`);
	return n ? `${plural(n, of)}: ${within.join(', ')}` : `no ${of} yet`;
}

/** `of`: what is counted, in the singular: "round". */
export function Histogram({ buckets, of }: { buckets: Buckets; of: string }) {
	const bars = byOctave(buckets);
	if (!bars.length) return null;
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
