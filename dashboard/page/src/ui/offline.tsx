// SPDX-License-Identifier: MIT
//
// Says that the connection is lost, since when, and when it is tried again. It lies over the page: nothing moves aside for it.
import { useStore } from '../lib/store';
import { link, retryNow } from '../net/socket';
import { useLive } from '../state/live';
import { forText } from '../state/status';
import { Icon } from './icon';
import { useNow } from './use';

export function Offline() {
	const connection = useStore(link, (l) => l);
	return connection.lostAt === null ? null : <Notice />;
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
