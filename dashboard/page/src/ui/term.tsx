// SPDX-License-Identifier: MIT
//
// Values that lead on: a click adds a term to the filter or opens the page of a host. The key "c" copies what is pointed at, and what is
// copied is accepted as a filter.
import type { ComponentChildren } from 'preact';
import { copy } from '../lib/clipboard';
import { useRoute } from '../lib/router';
import { nameParts, sameText } from '../state/flow';
import { addressParts, hostHref, parseEnd, termHref } from '../state/links';
import { notify } from '../state/notes';
import { Icon } from './icon';

const stop = (event: Event): void => event.stopPropagation();

interface TermProps {
	term: string | null; // null: the language cannot say it
	copies?: string; // what "c" copies, when that is not the term
	title?: string;
	class?: string;
	tab?: boolean; // reached by Tab; in tables the row is
	children: ComponentChildren;
}

export function Term({ term, copies, title, class: name = '', tab = false, children }: TermProps) {
	const now = useRoute();
	if (!term)
		return (
			<span class={name} title={title} data-copy={copies}>
				{children}
			</span>
		);
	return (
		<a
			class={`value ${name}`}
			href={termHref(now, term)}
			title={`${title ? `${title} · ` : ''}Filter: ${term}`}
			data-copy={copies ?? term}
			tabIndex={tab ? undefined : -1}
			onClick={stop}
		>
			{children}
		</a>
	);
}

interface HostProps {
	ip: string;
	text?: string; // as it is shown, when in brackets
	title?: string;
	tab?: boolean;
}

/** An address that leads to the page of its host; in the list of flows it is looked for. Without room it is cut in its middle. */
export function Host({ ip, text = ip, title, tab = false }: HostProps) {
	const now = useRoute();
	const [front, end] = addressParts(text);
	const search = now.view === 'flows';
	return (
		<a
			class="value cut"
			href={search ? termHref(now, `host:${ip}`) : hostHref(now, ip)}
			title={`${title ? `${title} · ` : ''}${search ? 'Flows' : 'The page'} of ${ip}`}
			data-copy={ip}
			tabIndex={tab ? undefined : -1}
			onClick={stop}
		>
			{front && <span class="clip">{front}</span>}
			<span>{end}</span>
		</a>
	);
}

/** Where an address is registered: country and system lead to the flows of all that is there. */
export function Place({ country, asn, org, tab = false }: { country: string | null; asn: number | null; org: string | null; tab?: boolean }) {
	const all = [country, asn && `AS${asn}`, org].filter(Boolean).join(' ');
	return all ? (
		<span class="muted clip small" title={all}>
			{country && (
				<Term term={`country:${country}`} tab={tab}>
					{country}
				</Term>
			)}{' '}
			{asn && (
				<Term term={`asn:${asn}`} tab={tab}>
					AS{asn}
				</Term>
			)}{' '}
			{org}
		</span>
	) : null;
}

/** Address and port as one text of the server; what is neither stays text. */
export function EndText({ text, tab = false }: { text: string | null; tab?: boolean }) {
	const end = text === null ? null : parseEnd(text);
	if (!text || !end) return <>{text ?? '–'}</>;
	return (
		<span class="end-text" data-copy={text}>
			<Host ip={end.ip} text={end.port === null ? end.ip : text.slice(0, text.lastIndexOf(':'))} tab={tab} />
			{end.port !== null && (
				<Term term={`port:${end.port}`} copies={text} tab={tab}>
					:{end.port}
				</Term>
			)}
		</span>
	);
}

/** Whether the language takes a text for a name without its field before it. */
const bareName = (text: string): boolean => /^[\w.-]*[a-z][\w.-]*\.[\w.-]+$/i.test(text);

/** Whom a client asked for. It gives up letters of its front before any of its end. */
export function NameTerm({ name, whole = false }: { name: string; whole?: boolean }) {
	const [head, tail] = nameParts(name);
	const term = sameText('name', name);
	return (
		<Term term={term} copies={bareName(name) ? name : (term ?? name)} title={name} class={whole ? 'whole' : 'cut said'} tab={whole}>
			{whole ? (
				name
			) : (
				<>
					<span class="clip">{head}</span>
					{tail && <span class="clip tail">{tail}</span>}
				</>
			)}
		</Term>
	);
}

export function CopyButton({ text }: { text: string }) {
	return (
		<button
			type="button"
			class="copy-button"
			aria-label={`Copy ${text}`}
			title={`Copy ${text}`}
			onClick={(event) => {
				event.stopPropagation();
				void copy(text);
			}}
		>
			<Icon name="copy" small />
		</button>
	);
}

let pointed = false; // the pointer moved after the last key that was not "c"

/** Takes note of what a reader points with. */
export function startPointing(): void {
	document.addEventListener('pointermove', () => (pointed = true), { passive: true });
	document.addEventListener('keydown', (event) => (pointed = pointed && event.key === 'c'), true);
}

/** Copies what the pointer is over or what the keyboard stands on, whichever was used last. */
export function copyPointed(): void {
	const active = document.activeElement;
	const chosen = '.line.cursor [data-copy], [aria-selected=true] [data-copy]';
	const stands = active?.closest('[data-copy]') ?? (active === document.body ? null : active?.querySelector(chosen));
	const over = [...document.querySelectorAll('[data-copy]:hover')].at(-1);
	const text = (pointed ? (over ?? stands) : (stands ?? over))?.getAttribute('data-copy');
	if (text) void copy(text);
	else notify('Nothing to copy here: point at an address, a port or a name.');
}
