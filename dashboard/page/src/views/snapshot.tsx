// SPDX-License-Identifier: MIT
//
// Keeps all that the page shows in one file, and opens such a file.
import { plural, whole } from '../lib/format';
import { useStore } from '../lib/store';
import { full } from '../lib/time';
import { BODY_NAMES, SNAPSHOT_BYTES, type Snapshot as Held } from '../net/snapshot_file';
import { useSettings } from '../state/settings';
import { openSnapshot, refused, saveSnapshot, saving, useSnapshot } from '../state/snapshot';
import { NumberList, Panel } from '../ui/bits';
import { Icon } from '../ui/icon';
import { flowsHeld } from '../ui/snapshot';

export function Snapshot() {
	const shown = useSnapshot();
	const why = useStore(refused, (r) => r);
	const busy = useStore(saving, (s) => s);
	return (
		<div class="view">
			{shown ? (
				<Shown held={shown} />
			) : (
				<Panel title="Save a snapshot" class="col-6">
					<p>
						One JSON file with what all views show now: the newest state, the history, the largest flows, who talks most, attacks, events,
						DNS, packets. It holds addresses, names and bytes of packets: treat it as a capture.
					</p>
					<p>
						<button type="button" class="button" disabled={busy} onClick={() => void saveSnapshot()}>
							<Icon name="download" small />
							Save snapshot
						</button>
					</p>
				</Panel>
			)}
			<Panel title="Open a snapshot" class="col-6">
				<p>Choose a file, or drop it anywhere on this page. It stays in this browser, and the server is asked for nothing while it is shown.</p>
				<p>
					<input
						type="file"
						accept=".json,application/json"
						aria-label="Open a snapshot"
						onChange={(event) => {
							const file = event.currentTarget.files?.[0];
							if (file) void openSnapshot(file);
							event.currentTarget.value = '';
						}}
					/>
				</p>
				{why && (
					<p class="bad" role="alert">
						{why}
					</p>
				)}
				<p class="muted small">At most {SNAPSHOT_BYTES >> 20} MiB.</p>
			</Panel>
		</div>
	);
}

const LIVE_ONLY = 'Live only: captures and other downloads, the timeline, other spans of a profile, groups of the last minute with a filter.';

function Shown({ held }: { held: Held }) {
	const { zone } = useSettings();
	const missing = BODY_NAMES.filter((name) => !held.bodies[name]);
	const points = held.ranges.map((r) => `${whole(r.points.length)} of ${r.step} s`).join(', ');
	return (
		<Panel title="This snapshot" class="col-6">
			<NumberList
				rows={[
					['of', held.host],
					['saved', full(held.made * 1000, zone)],
					['in the zone', held.zone || '–'],
					['by version', held.version],
					['flows', flowsHeld(held)],
					['groups', plural(held.groups.length, 'answer')],
					['points of history', points || 'none'],
					['packets with their bytes', whole(held.details.length)],
				]}
			/>
			<p class="muted small gap">
				{missing.length > 0 && `Not in it: ${missing.join(', ')}. `}
				{LIVE_ONLY}
			</p>
		</Panel>
	);
}
