// SPDX-License-Identifier: MIT
//
// A download of packets: out of the flight recorder where this run has one, else of samples. docs/recordings.md
import { useState } from 'preact/hooks';
import { duration, plural } from '../lib/format';
import { clock } from '../lib/time';
import { getKept } from '../net/api';
import { fileSource } from '../net/source';
import type { KeptAnswer } from '../net/wire';
import { useLive, type Live } from '../state/live';
import { useSettings } from '../state/settings';
import { Icon } from './icon';
import { usePoll } from './use';

/** How far back the recorder reaches, in seconds: the worker that holds most; null: this run has none. */
export function recorderSecs(live: Live): number | null {
	const held = (live.frame?.cores ?? []).flatMap((core) => (core.recorder ? [core.recorder.held_secs] : []));
	return held.length ? Math.max(...held) : null;
}

const KEPT_MS = 5000;

export function PacketsLink({ query }: { query: Record<string, string> }) {
	const held = useLive((l) => {
		const secs = recorderSecs(l);
		return secs === null ? null : duration(Math.round(secs));
	});
	const search = new URLSearchParams(query);
	if (fileSource()) return null;
	if (held === null) return <SamplesLink key={search.toString()} query={query} />;
	return (
		<a
			class="button small"
			href={`/api/v1/recorder.pcapng?${search}`}
			download="netscope-recorder.pcapng"
			title={`The whole packets of this that the flight recorder holds: it reaches ${held} back`}
			data-recorder
		>
			<Icon name="download" small />
			Packets (recorder), last {held}
		</a>
	);
}

function SamplesLink({ query }: { query: Record<string, string> }) {
	const [kept, setKept] = useState<KeptAnswer | null>(null);
	const { zone } = useSettings();
	usePoll(() => getKept(query).then(setKept, () => setKept(null)), KEPT_MS, true, '');
	if (!kept?.packets) return null;
	return (
		<a
			class="button small"
			href={`/api/v1/packets.pcapng?${new URLSearchParams(query)}`}
			download="netscope-packets.pcapng"
			title={`${plural(kept.packets, 'sampled packet')} of this: ${kept.kept ?? 'a part'} of each. With --recorder-mb there are all packets.`}
			data-samples
		>
			<Icon name="download" small />
			{plural(kept.packets, 'packet')} (samples), since {clock((kept.since ?? 0) * 1000, zone)}
		</a>
	);
}
