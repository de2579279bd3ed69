// SPDX-License-Identifier: MIT
import { formatRoute, useRoute } from '../lib/router';
import type { Endpoint, FlowRow } from '../net/wire';
import { withTerm } from '../state/filter';
import { endpoint, registered, sides, stateText, stateTone, type Side } from '../state/flow';

/** client → server; a ↔ b when nobody saw who opened it. */
export function FlowName({ flow }: { flow: FlowRow }) {
	const { left, right, known } = sides(flow);
	return (
		<span class="flowname">
			<span class="end">
				<End end={left.end} />
				<Country side={left} />
			</span>
			<span class="arrow" title={known ? 'initiator on the left' : 'initiator unknown'}>
				{known ? '→' : '↔'}
			</span>
			<span class="end">
				<End end={right.end} />
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

const TAIL = 7; // characters of an address that stay
const FRONT = 3; // fewer before them stay, too: their place has this width

/** An endpoint: a click looks for all flows of its address. Where there is no room its front goes first: its end differs most. */
export function End({ end }: { end: Endpoint }) {
	const { view, query } = useRoute();
	const text = endpoint(end);
	const at = text.lastIndexOf(':');
	const cut = at - TAIL < FRONT ? 0 : at - TAIL;
	const filter = withTerm(view === 'flows' ? (query['filter'] ?? '') : '', `host:${end.ip}`);
	return (
		<a
			class="end-text"
			href={formatRoute({ view: 'flows', query: { ...(view === 'flows' ? query : {}), list: 'all', filter, focus: null } })}
			title={`Flows of ${end.ip} (this is ${text})`}
			tabIndex={-1}
			onClick={(event) => event.stopPropagation()}
		>
			{cut > 0 && <span class="clip">{text.slice(0, cut)}</span>}
			<span>{text.slice(cut)}</span>
		</a>
	);
}

export const hasEnded = (flow: FlowRow): boolean => flow.end_reason !== null && flow.end_reason !== 'active';

/** The state of a flow in a table: of one that has ended, that. */
export function FlowState({ flow }: { flow: FlowRow }) {
	if (!hasEnded(flow)) return <StateTag state={flow.tcp_state} />;
	const last = flow.tcp_state === null ? '' : `${stateText(flow.tcp_state)}; `;
	return (
		<span class="tag ended" title={`${last}ended: ${stateText(flow.end_reason)}`}>
			ended
		</span>
	);
}

export function StateTag({ state }: { state: string | null }) {
	return state === null ? (
		<span class="muted">–</span>
	) : (
		<span class={`tag ${stateTone(state)}`}>{stateText(state)}</span>
	);
}
