// SPDX-License-Identifier: MIT
import { useEffect, useState } from 'preact/hooks';
import { clock, day, zoneName } from '../lib/time';
import { formatRoute, go, route } from '../lib/router';
import { useStore } from '../lib/store';
import { link } from '../net/socket';
import { withEndpoints } from '../state/filter';
import { useLive } from '../state/live';
import { togglePause, usePaused } from '../state/session';
import { useSettings } from '../state/settings';
import { useSnapshot } from '../state/snapshot';
import { ledgerVerdict, sourceName, sourceState } from '../state/status';
import { Icon } from './icon';
import { nextTheme } from './shortcuts';

export function Top({ onHelp }: { onHelp: () => void }) {
	const paused = usePaused();
	const held = useSnapshot() !== null;
	const { theme } = useSettings();
	return (
		<header class="top">
			<a class="brand" href="#/overview" aria-label="NetScope, overview" data-space="pause">
				<Logo />
				<span>NetScope</span>
			</a>
			<Source />
			<Search />
			<Clock />
			<Badge />
			{!held && <button
				type="button"
				class="icon-button"
				aria-pressed={paused}
				aria-label={paused ? 'Resume (space)' : 'Pause (space)'}
				title={paused ? 'Resume (space)' : 'Pause (space)'}
				onClick={togglePause}
			>
				<Icon name={paused ? 'play' : 'pause'} />
			</button>}
			<button
				type="button"
				class="icon-button"
				aria-label={`Theme: ${theme} (t)`}
				title={`Theme: ${theme} (t)`}
				onClick={nextTheme}
			>
				<Icon name={theme === 'system' ? 'system_theme' : theme === 'dark' ? 'moon' : 'sun'} />
			</button>
			<button type="button" class="icon-button" aria-label="Help and settings (?)" title="Help and settings (?)" onClick={onHelp}>
				<Icon name="help" />
			</button>
		</header>
	);
}

function Logo() {
	return (
		<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
			<circle cx="12" cy="12" r="10" fill="none" stroke="currentColor" stroke-width="2" />
			<path
				d="M3 12h4l2.5-6 4 12 2.5-6h5"
				fill="none"
				stroke="currentColor"
				stroke-width="2"
				stroke-linejoin="round"
				stroke-linecap="round"
			/>
		</svg>
	);
}

function Source() {
	const connection = useStore(link, (l) => l);
	const paused = usePaused();
	const [tone, text] = useLive((l) => {
		const state = sourceState(l, connection);
		return [state.tone, state.text] as const;
	});
	const [name, backend, why] = useLive(
		(l) => [sourceName(l), l.hello?.source.name ?? '', l.frame?.state_text ?? ''] as const,
	);
	const held = useSnapshot() !== null; // what it was then is no state of now
	const shown = held ? 'snapshot' : paused && tone !== 'bad' ? 'paused' : text;
	const look = held ? 'quiet' : paused ? 'warn' : tone;
	return (
		<div class="source" title={why || undefined}>
			<span class={`state-dot ${look}`} aria-hidden="true" />
			<b class="clip">{name || 'NetScope'}</b>
			<span class={`state ${look}`} data-state={shown}>
				<span class="detail">{backend && backend !== name ? `${backend} · ` : ''}</span>
				{shown}
			</span>
		</div>
	);
}

/** Searches flows from anywhere; the flow view has the same field with its help. */
function Search() {
	const [text, setText] = useState('');
	const current = useStore(route, (r) => (r.view === 'flows' ? (r.query['filter'] ?? '') : ''));
	const onFlows = useStore(route, (r) => r.view === 'flows');
	useEffect(() => setText(current), [current]);
	if (onFlows) return <div class="search" />;
	return (
		<form
			class="search field"
			role="search"
			onSubmit={(event) => {
				event.preventDefault();
				go({ view: 'flows', query: { filter: withEndpoints(text.trim()), list: 'all' } });
			}}
		>
			<Icon name="search" small />
			<input
				type="search"
				aria-label="Search flows"
				placeholder="Search flows: name:example.com port:443"
				value={text}
				spellcheck={false}
				autocomplete="off"
				onInput={(event) => setText(event.currentTarget.value)}
				onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
			/>
			<kbd aria-hidden="true">/</kbd>
		</form>
	);
}

function Clock() {
	const end = useLive((l) => l.frame?.tick?.end ?? null);
	const { zone } = useSettings();
	const ms = end === null ? null : end * 1000;
	return (
		<span
			class="clock"
			title={`The engine's clock: ${day(ms, zone)}. Live it is the wall clock, from a file it is the packets' time.`}
		>
			{clock(ms, zone)} {zoneName(zone)}
		</span>
	);
}

function Badge() {
	const [tone, text, detail] = useLive((l) => {
		const verdict = ledgerVerdict(l);
		return [verdict.tone, verdict.text, verdict.detail] as const;
	});
	const label = `Ledger: ${text.toLowerCase()}`;
	return (
		<a
			class={`badge ${tone}`}
			href={formatRoute({ view: 'ledger' })}
			title={`${label}. ${detail}`}
			aria-label={label}
			data-badge={tone}
			data-space="pause"
		>
			<Icon name={tone === 'good' ? 'check' : tone === 'bad' ? 'cross' : 'wait'} small />
			<span>{text}</span>
		</a>
	);
}
