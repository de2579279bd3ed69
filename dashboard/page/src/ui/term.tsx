// SPDX-License-Identifier: MIT
//
// Values that lead on: a click adds a term to the filter or opens the page of a host. The key "c" copies what is pointed at, and what is
// copied is accepted as a filter.
import type { ComponentChildren } from 'preact';
import { copy } from '../lib/clipboard';
import { useRoute } from '../lib/router';
import { sameText } from '../state/flow';
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

/** An address that leads to the page of its host. Where there is no room it is cut in its middle. */
export function Host({ ip, title, tab = false }: { ip: string; title?: string; tab?: boolean }) {
	const now = useRoute();
	const [front, end] = addressParts(ip);
	return (
		<a
			class="value cut"
			href={hostHref(now, ip)}
			title={`${title ? `${title} · ` : ''}The page of ${ip}`}
			data-copy={ip}
			tabIndex={tab ? undefined : -1}
			onClick={stop}
		>
			{front && <span class="clip">{front}</span>}
			<span>{end}</span>
		</a>
	);
}

/** Address and port as one text of the server; what is neither stays text. */
export function EndText({ text, tab = false }: { text: string | null; tab?: boolean }) {
	const end = text === null ? null : parseEnd(text);
	if (!text || !end) return <>{text ?? '–'}</>;
	return (
		<span class="end-text" data-copy={text}>
			<Host ip={end.ip} tab={tab} />
			{end.port !== null && (
				<Term term={`port:${end.port}`} copies={text} tab={tab}>
					:{end.port}
				</Term>
			)}
		</span>
	);
}

/** A text that a flow told, as a term of `field`. */
export function TextTerm({ field, text, tab = false }: { field: string; text: string; tab?: boolean }) {
	const bare = field === 'name' && /^[\w.-]*[a-z][\w.-]*\.[\w.-]+$/i.test(text);
	return (
		<Term term={sameText(field, text)} copies={bare ? text : (sameText(field, text) ?? text)} tab={tab}>
			{text}
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

/** Copies what the keyboard stands on, else what the pointer is over. */
export function copyPointed(): void {
	const active = document.activeElement;
	const byKeyboard = active?.matches(':focus-visible')
		? (active.closest('[data-copy]') ?? active.querySelector('.line.cursor [data-copy]'))
		: null;
	const found = byKeyboard ?? [...document.querySelectorAll('[data-copy]:hover')].at(-1);
	const text = found?.getAttribute('data-copy');
	if (text) void copy(text);
	else notify('Nothing to copy here: point at an address, a port or a name.');
}
