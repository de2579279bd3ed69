// SPDX-License-Identifier: MIT
//
// Small things that many views show.
import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon';

interface EmptyProps {
	icon?: IconName;
	title: string; // what is so
	children?: ComponentChildren; // why
	next?: ComponentChildren; // what to do
}

export function Empty({ icon = 'wait', title, children, next }: EmptyProps) {
	return (
		<div class="empty">
			<Icon name={icon} />
			<b>{title}</b>
			{children && <p>{children}</p>}
			{next && <p class="next">{next}</p>}
		</div>
	);
}

/** Before the server has told anything: a statement would be a guess. */
export const Waiting = ({ what = 'the server' }: { what?: string }) => <Empty title={`Waiting for ${what}`} />;

interface SegmentsProps<T> {
	label: string;
	value: T;
	options: readonly (readonly [T, string])[];
	onChange: (value: T) => void;
}

export function Segments<T extends string | number>({ label, value, options, onChange }: SegmentsProps<T>) {
	return (
		<div class="segments" role="group" aria-label={label}>
			{options.map(([option, text]) => (
				<button key={option} type="button" aria-pressed={option === value} onClick={() => onChange(option)}>
					{text}
				</button>
			))}
		</div>
	);
}

interface ChoiceProps {
	label: string;
	all: string;
	value: number | null;
	options: [number, string][];
	onChange: (value: string | null) => void;
}

/** One of many, or all. */
export function Choice({ label, all, value, options, onChange }: ChoiceProps) {
	return (
		<label class="field choice">
			<select aria-label={label} value={value ?? ''} onChange={(event) => onChange(event.currentTarget.value || null)}>
				<option value="">{all}</option>
				{options.map(([key, text]) => (
					<option key={key} value={key}>
						{text}
					</option>
				))}
			</select>
		</label>
	);
}

export function Panel(props: {
	title: ComponentChildren;
	tools?: ComponentChildren;
	class?: string;
	flush?: boolean;
	children: ComponentChildren;
}) {
	return (
		<section class={`panel ${props.class ?? ''}`}>
			<header>
				<h2 class="grow">{props.title}</h2>
				{props.tools}
			</header>
			{props.flush ? props.children : <div class="body">{props.children}</div>}
		</section>
	);
}

/** Makes what is red quiet, until there is more of it. */
export function SeenButton({ news, onSeen }: { news: boolean; onSeen: () => void }) {
	return (
		<button
			type="button"
			class="button small"
			disabled={!news}
			title="Quiet in this browser until there is more; the counts stay"
			data-seen={!news}
			onClick={onSeen}
		>
			<Icon name="check" small />
			{news ? 'Mark as seen' : 'Seen'}
		</button>
	);
}

/** A share as a thin bar under a number; the bar repeats what the number says. */
export function Share({ part, children }: { part: number; children: ComponentChildren }) {
	const width = `${Math.round(Math.max(0, Math.min(1, part)) * 1000) / 10}%`;
	return (
		<span class="share">
			{children}
			<i style={{ width }} />
		</span>
	);
}

/** Names with their values. */
export function NumberList({ rows }: { rows: [string, string][] }) {
	return (
		<dl class="numbers">
			{rows.map(([name, value]) => (
				<div key={name}>
					<dt>{name}</dt>
					<dd>{value}</dd>
				</div>
			))}
		</dl>
	);
}
