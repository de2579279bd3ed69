// SPDX-License-Identifier: MIT
import { useEffect, useRef, useState } from 'preact/hooks';
import { FILTER_EXAMPLES, terms, withEndpoints, withoutTerm } from '../state/filter';
import { Icon } from './icon';

const WAIT_MS = 350;

interface FilterBarProps {
	filter: string;
	onChange: (filter: string) => void;
	focus?: boolean;
	placeholder?: string;
	label?: string;
	list?: readonly (readonly [string, string])[];
}

/** The field of a view; what is typed takes effect after a moment or at once with Enter. */
export function FilterBar({
	filter,
	onChange,
	focus,
	placeholder = 'name:example.com port:443 host:10.0.0.0/8 state:reset rtt>50ms',
	label = 'Filter flows',
	list = FILTER_EXAMPLES,
}: FilterBarProps) {
	const [text, setText] = useState(filter);
	const field = useRef<HTMLInputElement>(null);
	const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
	const sent = useRef(filter);
	useEffect(() => {
		if (filter !== sent.current) setText(filter);
		sent.current = filter;
	}, [filter]);
	useEffect(() => {
		if (focus) field.current?.focus();
		return () => clearTimeout(timer.current);
	}, []);
	const apply = (typed: string): void => {
		const next = list.length ? withEndpoints(typed.trim()) : typed.trim();
		clearTimeout(timer.current);
		if (next !== typed.trim()) setText(next);
		sent.current = next;
		onChange(next);
	};
	const change = (next: string): void => {
		setText(next);
		clearTimeout(timer.current);
		timer.current = setTimeout(() => apply(next), WAIT_MS);
	};
	return (
		<div class="filter grow">
			<div class="field">
				<Icon name="search" small />
				<input
					ref={field}
					type="search"
					aria-label={label}
					placeholder={placeholder}
					list={list.length ? 'filter-examples' : undefined}
					value={text}
					spellcheck={false}
					autocomplete="off"
					onInput={(event) => change(event.currentTarget.value)}
					onKeyDown={(event) => {
						if (event.key === 'Enter') apply(text);
						else if (event.key === 'Escape' && text) {
							setText('');
							apply('');
						} else if (event.key === 'Escape') event.currentTarget.blur();
						else if (event.key === 'ArrowDown' && !text)
							document.querySelector<HTMLElement>('main [role=grid]')?.focus();
						else return;
						event.preventDefault();
					}}
				/>
				{text ? (
					<button
						type="button"
						class="clear"
						aria-label="Clear the filter"
						onClick={() => {
							setText('');
							apply('');
							field.current?.focus();
						}}
					>
						<Icon name="cross" small />
					</button>
				) : (
					<kbd aria-hidden="true" class="wide-only">
						/
					</kbd>
				)}
				{list.length > 0 && (
					<datalist id="filter-examples">
						{list.map(([example, meaning]) => (
							<option key={example} value={example}>
								{meaning}
							</option>
						))}
					</datalist>
				)}
			</div>
			<Chips
				filter={filter}
				onRemove={(at) => {
					const next = withoutTerm(filter, at);
					setText(next);
					apply(next);
				}}
			/>
		</div>
	);
}

function Chips({ filter, onRemove }: { filter: string; onRemove: (at: number) => void }) {
	const all = terms(filter);
	if (all.length < 2) return null;
	return (
		<ul class="chips wide-only" aria-label="Terms">
			{all.map((term, at) => (
				<li key={`${at}${term}`}>
					<button type="button" class="tag accent" aria-label={`Remove ${term}`} onClick={() => onRemove(at)}>
						<code>{term}</code> <Icon name="cross" small />
					</button>
				</li>
			))}
		</ul>
	);
}
