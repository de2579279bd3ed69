// SPDX-License-Identifier: MIT
//
// Says that what is shown is old: the connection is lost, since when, and when it is tried again; or packets arrive and no tick ends.
// It lies over the page: nothing moves aside for it.
import { useStore } from '../lib/store';
import { link, retryNow } from '../net/socket';
import { useLive } from '../state/live';
import { forText } from '../state/status';
import { Icon } from './icon';
import { useNow } from './use';

export function Offline() {
	const connection = useStore(link, (l) => l);
	const stalled = useLive((l) => l.frame?.state === 'stalled');
	if (connection.lostAt !== null) return <Notice />;
	return stalled ? <Stalled /> : null;
}

function Stalled() {
	const why = useLive((l) => l.frame?.state_text ?? '');
	return (
		<div class="offline" role="alert">
			<Icon name="wait" />
			<div class="grow">
				<b>No tick ends</b>
				<div class="muted small">Everything shown is old: {why}.</div>
			</div>
		</div>
	);
}

function Notice() {
	const { lostAt, retryAt, reason, phase } = useStore(link, (l) => l);
	const had = useLive((l) => l.frame !== null);
	const now = useNow();
	const wait = retryAt === null ? null : Math.max(0, Math.ceil((retryAt - now) / 1000));
	return (
		<div class="offline" role="alert">
			<Icon name="plug" />
			<div class="grow">
				<b>No connection for {forText(now - (lostAt ?? now))}</b>
				<div class="muted small">
					{reason} {had ? 'Greyed values are the last that came.' : ''}{' '}
					{phase === 'connecting' || wait === null ? 'Trying now.' : `Next try in ${wait} s.`}
				</div>
			</div>
			<button type="button" class="button" onClick={retryNow} disabled={phase === 'connecting'}>
				Try now
			</button>
		</div>
	);
}
