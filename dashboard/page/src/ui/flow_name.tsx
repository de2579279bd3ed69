// SPDX-License-Identifier: MIT
import type { FlowRow } from '../net/wire';
import { endpoint, registered, sides, stateText, stateTone, type Side } from '../state/flow';
import { copy } from '../lib/clipboard';

/** client → server; a ↔ b when nobody saw who opened it. */
export function FlowName({ flow }: { flow: FlowRow }) {
	const { left, right, known } = sides(flow);
	return (
		<span class="flowname">
			<span class="end">
				<End text={endpoint(left.end)} />
				<Country side={left} />
			</span>
			<span class="arrow" title={known ? 'opened by the left side' : 'who opened it is not known'}>
				{known ? '→' : '↔'}
			</span>
			<span class="end">
				<End text={endpoint(right.end)} />
				<Country side={right} />
			</span>
		</span>
	);
}

/** The country beside an address, and all that is known of it for who points at it. */
function Country({ side }: { side: Side }) {
	const all = registered(side);
	if (!side.country && !side.asn) return null;
	return (
		<span class="country small nowrap" title={all}>
			{side.country ?? `AS${side.asn}`}
		</span>
	);
}

/** An endpoint that gives up letters of its address before any of its port. */
export function End({ text }: { text: string }) {
	const at = text.lastIndexOf(':');
	return (
		<button
			type="button"
			class="copyable end-text"
			title={`Copy ${text}`}
			tabIndex={-1}
			onClick={(event) => {
				event.stopPropagation();
				void copy(text);
			}}
		>
			<span class="clip">{text.slice(0, at)}</span>
			<span>{text.slice(at)}</span>
		</button>
	);
}

export function StateTag({ state }: { state: string | null }) {
	return state === null ? (
		<span class="muted">–</span>
	) : (
		<span class={`tag ${stateTone(state)}`}>{stateText(state)}</span>
	);
}
