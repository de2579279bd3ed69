// SPDX-License-Identifier: MIT
//
// Says that what is shown is old: the connection is lost, since when, and when it is tried again; or that the link is down, or no tick ends.
// It lies over the page: nothing moves aside for it.
import { useStore } from '../lib/store';
import { link, retryNow } from '../net/socket';
import { useLive } from '../state/live';
import { useSnapshot } from '../state/snapshot';
import { forText, sourceName } from '../state/status';
import { Icon } from './icon';
import { useNow } from './use';

export function Offline() {
	const connection = useStore(link, (l) => l);
	const state = useLive((l) => l.frame?.state);
	if (useSnapshot()) return null;
	if (connection.lostAt !== null) return <Notice />;
	if (state === 'link_down') return <LinkDown />;
	return state === 'stalled' ? <Stalled /> : null;
}

function LinkDown() {
	const [name, why] = useLive((l) => [sourceName(l), l.frame?.state_text ?? ''] as const);
	return (
		<div class="offline warned" role="alert">
			<Icon name="plug" />
			<div class="grow">
				<b>{name} has no link</b>
				<div class="muted small">{why ? `${why}. ` : ''}Capture goes on by itself when the link is back.</div>
			</div>
		</div>
	);
}

function Stalled() {
	const why = useLive((l) => l.frame?.state_text ?? '');
	return (
		<div class="offline" role="alert">
			<Icon name="wait" />
			<div class="grow">
				<b>Nothing is published</b>
				<div class="muted small">What is shown is old: {why}.</div>
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
