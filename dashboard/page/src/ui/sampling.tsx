// SPDX-License-Identifier: MIT
//
// The filter that chooses which packets are sampled: one for all clients, so every list of packets tells what is set.
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

function useChange(): [string, (values?: Record<string, string>) => Promise<void>] {
	const [error, setError] = useState('');
	const change = async (values?: Record<string, string>): Promise<void> => {
		try {
			const { sampling } = await setSampling(values);
			live.update((l) => (l.frame ? { ...l, frame: { ...l.frame, sampling } } : l));
			setError('');
		} catch (e) {
			setError(e instanceof Error ? e.message : String(e));
		}
	};
	return [error, change];
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

/** In the view Packets: what is set, or the field for it. Whoever changes one into the other keeps the focus. */
export function SamplingBar() {
	const now = useSampling();
	const possible = usePossible();
	const [text, setText] = useState('');
	const [error, change] = useChange();
	const form = useRef<HTMLFormElement>(null);
	const mine = useRef(false);
	const set = now !== null;
	useEffect(() => {
		if (mine.current) form.current?.querySelector<HTMLElement>('input, button')?.focus();
		mine.current = false;
	}, [set]);
	const say = (values?: Record<string, string>): void => {
		mine.current = true;
		void change(values);
	};
	if (!possible && !now) return null;
	return (
		<form
			ref={form}
			class="sampling"
			onSubmit={(event) => {
				event.preventDefault();
				const filter = withEndpoints(text.trim());
				setText(filter);
				if (filter) say({ filter });
			}}
		>
			{now ? (
				<>
					<span class="warn small grow" data-sampling={now.holds}>
						Only packets of <Wanted of={now} /> are sampled: {whole(now.matched)} matched, {whole(now.copied)} copied
						{now.missed > 0 && `, ${whole(now.missed)} missed`}. Ends in {plural(Math.ceil(now.ends_in_secs / 60), 'minute')}.
					</span>
					<Stop onStop={() => say()} />
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
	const [error, change] = useChange();
	if (now?.key === id)
		return (
			<>
				<span class="warn small" data-sampling={now.holds}>
					only this flow is sampled: {plural(now.copied, 'packet')}
					{now.missed > 0 && `, ${whole(now.missed)} missed`}
				</span>
				<Stop onStop={() => void change()} />
				<Failed text={error} />
			</>
		);
	return (
		<>
			{now && (
				<span class="warn small">
					only <Wanted of={now} /> are sampled
				</span>
			)}
			{possible && !ended && (
				<button
					type="button"
					class="button small"
					title={FOR_ALL}
					onClick={() => void change({ key: id })}
				>
					<Icon name="packets" small />
					Sample this flow's packets
				</button>
			)}
			<Failed text={error} />
		</>
	);
}
