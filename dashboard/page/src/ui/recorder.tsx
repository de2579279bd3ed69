// SPDX-License-Identifier: MIT
//
// A download out of the flight recorder, where this run has one: docs/recordings.md.
import { duration } from '../lib/format';
import { useLive, type Live } from '../state/live';
import { Icon } from './icon';

/** How far back the recorder reaches, in seconds: the worker that holds most; null: this run has none. */
export function recorderSecs(live: Live): number | null {
	const held = (live.frame?.cores ?? []).flatMap((core) => (core.recorder ? [core.recorder.held_secs] : []));
	return held.length ? Math.max(...held) : null;
}

export function RecorderLink({ query }: { query: Record<string, string> }) {
	const held = useLive((l) => {
		const secs = recorderSecs(l);
		return secs === null ? null : duration(Math.round(secs));
	});
	if (held === null) return null;
	return (
		<a
			class="button small"
			href={`/api/v1/recorder.pcapng?${new URLSearchParams(query)}`}
			download="netscope-recorder.pcapng"
			title={`The whole packets of this that the flight recorder holds: it reaches ${held} back`}
			data-recorder
		>
			<Icon name="download" small />
			Packets (recorder), last {held}
		</a>
	);
}
