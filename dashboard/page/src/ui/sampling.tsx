// SPDX-License-Identifier: MIT
//
// The filter that chooses which packets are sampled: one for all clients, so every list of packets tells what is set.
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { plural, whole } from '../lib/format';
import { setSampling } from '../net/api';
import { fileSource } from '../net/source';
import type { Sampling } from '../net/wire';
import { withEndpoints } from '../state/filter';
import { live, useLive } from '../state/live';
import { Icon } from './icon';

const FOR_ALL = 'No other packets are sampled then: for everybody who looks at this sensor, for 15 minutes';

export const useSampling = (): Sampling | null => useLive((l) => l.frame?.sampling ?? null);

/** Whether packets still come, and are sampled. */
const usePossible = (): boolean =>
	useLive((l) => !fileSource() && (l.hello?.settings?.sample_rate ?? 0) > 0 && !['ended', 'failed'].includes(l.frame?.state ?? 'ended'));

export const Wanted = ({ of }: { of: Sampling }) =>
	of.key === null ? (
		<>
			flows that match <code>{of.filter}</code>
		</>
	) : (
		<>
			the flow <code>{of.key}</code>
		</>
	);

/** What went wrong, what changes it, and the element in which a button or field takes the place of the one that was pressed, and its focus. */
function useChange<E extends HTMLElement>(set: boolean): [string, (values?: Record<string, string>) => void, RefObject<E | null>] {
	const [error, setError] = useState('');
	const box = useRef<E>(null);
	const mine = useRef(false);
	useEffect(() => {
		if (mine.current) box.current?.querySelector<HTMLElement>('input, button')?.focus();
		mine.current = false;
	}, [set]);
	const change = async (values?: Record<string, string>): Promise<void> => {
		mine.current = true;
		try {
			const { sampling } = await setSampling(values);
			live.update((l) => (l.frame ? { ...l, frame: { ...l.frame, sampling } } : l));
			setError('');
		} catch (e) {
			setError(e instanceof Error ? e.message : String(e));
		}
	};
	return [error, (values) => void change(values), box];
}

const Failed = ({ text }: { text: string }) =>
	text ? (
		<span class="bad small" role="alert">
			{text}
		</span>
	) : null;

function Stop({ onStop }: { onStop: () => void }) {
	return (
		<button type="button" class="button small" onClick={onStop} data-sample-all>
			<Icon name="cross" small />
			Sample all flows again
		</button>
	);
}

/** In the view Packets: what is set, or the field for it. */
export function SamplingBar() {
	const now = useSampling();
	const possible = usePossible();
	const [text, setText] = useState('');
	const [error, change, form] = useChange<HTMLFormElement>(now !== null);
	if (!possible && !now) return null;
	return (
		<form
			ref={form}
			class="sampling"
			onSubmit={(event) => {
				event.preventDefault();
				const filter = withEndpoints(text.trim());
				setText(filter);
				if (filter) change({ filter });
			}}
		>
			{now ? (
				<>
					<span class="warn small grow" data-sampling={now.holds}>
						Only packets of <Wanted of={now} /> are sampled
						{now.holds ? `: ${whole(now.matched)} matched, ${whole(now.copied)} copied` : ' as soon as every worker knows'}
						{now.missed > 0 && `, ${whole(now.missed)} missed`}. Ends in {plural(Math.ceil(now.ends_in_secs / 60), 'minute')}.
					</span>
					<Stop onStop={() => change()} />
				</>
			) : (
				<>
					<label class="small" for="sampling">
						Sample only packets of flows that match
					</label>
					<span class="field">
						<input
							id="sampling"
							value={text}
							placeholder="port:443 host:10.0.0.0/8 app:dns"
							spellcheck={false}
							autocomplete="off"
							onInput={(event) => setText(event.currentTarget.value)}
						/>
					</span>
					<button type="submit" class="button" title={FOR_ALL}>
						Sample
					</button>
				</>
			)}
			<Failed text={error} />
		</form>
	);
}

/** On the page of a flow. */
export function SampleFlow({ id, ended }: { id: string; ended: boolean }) {
	const now = useSampling();
	const possible = usePossible();
	const wanted = now?.key === id;
	const [error, change, box] = useChange<HTMLSpanElement>(wanted);
	return (
		<span ref={box} class="sample-flow">
			{wanted && (
				<span class="warn small" data-sampling={now.holds}>
					only this flow is sampled: {plural(now.copied, 'packet')}
					{now.missed > 0 && `, ${whole(now.missed)} missed`}
				</span>
			)}
			{now && !wanted && (
				<span class="warn small">
					only packets of <Wanted of={now} /> are sampled
				</span>
			)}
			{wanted && <Stop onStop={() => change()} />}
			{!wanted && possible && !ended && (
				<button type="button" class="button small" title={FOR_ALL} onClick={() => change({ key: id })}>
					<Icon name="packets" small />
					Sample this flow's packets
				</button>
			)}
			<Failed text={error} />
		</span>
	);
}
