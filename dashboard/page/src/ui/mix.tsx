// SPDX-License-Identifier: MIT
//
// What the traffic is made of: by protocol (from the engine when it counts that, else from the samples, and it says which), or by fate.
import { useEffect, useState } from 'preact/hooks';
import { percent, short, volumeText, whole } from '../lib/format';
import { useLive, type Live } from '../state/live';
import { wantPackets } from '../state/session';
import { useSettings } from '../state/settings';
import { Empty, Panel, Segments, Waiting } from './bits';

const SHOWN = 8;

interface Part {
	name: string;
	packets: number;
	bytes: number | null;
}

export function mixOf(live: Live): { parts: Part[]; of: string } {
	const told = live.frame?.mix;
	if (told && told.protocols.length) {
		const of = told.of === 'samples' ? 'of samples' : 'since the start';
		return { parts: told.protocols.map(([name, packets, bytes]) => ({ name, packets, bytes })), of };
	}
	const parts = Object.entries(live.sampled).map(([name, [packets, bytes]]) => ({ name, packets, bytes }));
	return { parts, of: `of ${short(parts.reduce((n, p) => n + p.packets, 0))} sampled packets` };
}

export const fatesOf = (live: Live): Part[] =>
	(live.frame?.mix?.fates ?? []).map(([name, packets]) => ({ name, packets, bytes: null }));

/** What shares are of: bytes when those of all parts are known, as they stand beside the shares; else packets. */
export const measureOf = (parts: Part[]): ((part: Part) => number) =>
	parts.every((p) => p.bytes !== null) ? (p) => p.bytes ?? 0 : (p) => p.packets;

/** The largest parts, and the rest as one. */
export function largest(parts: Part[], most: number): Part[] {
	const size = measureOf(parts);
	const sorted = [...parts].sort((a, b) => size(b) - size(a) || a.name.localeCompare(b.name));
	if (sorted.length <= most) return sorted;
	const rest = sorted.slice(most - 1);
	const sum = (pick: (p: Part) => number): number => rest.reduce((n, p) => n + pick(p), 0);
	return [
		...sorted.slice(0, most - 1),
		{ name: `${rest.length} others`, packets: sum((p) => p.packets), bytes: sum((p) => p.bytes ?? 0) },
	];
}

export function Mix() {
	const [by, setBy] = useState<'protocol' | 'fate'>('protocol');
	const { units } = useSettings();
	const mix = useLive((l) => l.frame?.mix ?? null);
	const sampled = useLive((l) => l.sampled);
	const now = { frame: { mix }, sampled } as Live;
	const counted = !!mix?.protocols.length;
	const fetched = useLive((l) => l.known.packets);
	useEffect(() => {
		if (mix && !counted) wantPackets();
	}, [!mix, counted]);
	const { parts, of } = by === 'protocol' ? mixOf(now) : { parts: fatesOf(now), of: 'since the start' };
	const shown = largest(parts, SHOWN);
	const size = measureOf(parts);
	const total = parts.reduce((sum, part) => sum + size(part), 0);
	const bytes = parts.every((part) => part.bytes !== null);
	const tools = (
		<Segments
			label="Mix by"
			value={by}
			options={[
				['protocol', 'Protocols'],
				['fate', 'Fates'],
			]}
			onChange={setBy}
		/>
	);
	return (
		<Panel title="Mix" class="mix" tools={tools}>
			{!mix || (by === 'protocol' && !counted && !fetched) ? (
				<Waiting />
			) : total === 0 ? (
				<Empty title="Nothing to divide yet">
					{by === 'protocol'
						? 'No packet was sampled. web.sample_rate = 0 turns samples off.'
						: 'No packet has come.'}
				</Empty>
			) : (
				<>
					<svg
						class="mix-bar"
						viewBox="0 0 1000 12"
						preserveAspectRatio="none"
						role="img"
						aria-label={shown.map((p) => `${p.name} ${percent(size(p), total)}`).join(', ')}
					>
						{shown.map((part, i) => {
							const before = shown.slice(0, i).reduce((sum, p) => sum + size(p), 0);
							return (
								<rect
									key={part.name}
									class={`series-${(i % 8) + 1}`}
									x={(before / total) * 1000}
									y="0"
									width={Math.max(0, (size(part) / total) * 1000 - 2)}
									height="12"
								/>
							);
						})}
					</svg>
					<ul class="mix-list">
						{shown.map((part, i) => (
							<li key={part.name} title={`${whole(part.packets)} packets`}>
								<i class={`swatch series-${(i % 8) + 1}`} aria-hidden="true" />
								<span class="clip grow">{part.name}</span>
								<span class="mono muted">
									{part.bytes === null ? short(part.packets) : volumeText(part.bytes, units)}
								</span>
								<span class="mono share-text">{percent(size(part), total)}</span>
							</li>
						))}
					</ul>
					<p class="muted small">
						{bytes ? (units === 'bits' ? 'Bits' : 'Bytes') : 'Packets'}, {of}
					</p>
				</>
			)}
		</Panel>
	);
}
