// SPDX-License-Identifier: MIT
//
// Says above every view that it is a snapshot, of what and when, and leads back.
import { whole } from '../lib/format';
import { formatRoute } from '../lib/router';
import { full } from '../lib/time';
import type { Snapshot } from '../net/snapshot_file';
import { sourceName } from '../state/status';
import { useLive } from '../state/live';
import { useSettings } from '../state/settings';
import { backToLive, useSnapshot } from '../state/snapshot';
import { Icon } from './icon';

/** How much of the flows it holds. */
export const flowsHeld = ({ flows: { rows, matched } }: Snapshot): string =>
	rows.length < matched ? `the largest ${whole(rows.length)} of ${whole(matched)} flows` : `all ${whole(rows.length)} flows`;

export function SnapshotBand() {
	const shown = useSnapshot();
	const { zone } = useSettings();
	const name = useLive(sourceName);
	if (!shown) return null;
	return (
		<aside class="snapshot-band" aria-label="Snapshot" data-snapshot>
			<Icon name="download" small />
			<span class="grow">
				<b>
					Snapshot of {shown.host}
					{name && ` · ${name}`}, {full(Math.floor(shown.made) * 1000, zone).replace('.000', '')} (not live)
				</b>{' '}
				<a href={formatRoute({ view: 'snapshot' })}>with {flowsHeld(shown)}</a>
			</span>
			<button type="button" class="button small" onClick={backToLive}>
				Back to the live page
			</button>
		</aside>
	);
}
