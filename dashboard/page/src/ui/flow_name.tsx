// SPDX-License-Identifier: MIT
import type { Endpoint, FlowRow } from '../net/wire';
import { endpoint, registered, sides, stateText, stateTone, type Side } from '../state/flow';
import { addressParts } from '../state/links';
import { Host, Term } from './term';

/** client → server; a ↔ b when nobody saw who opened it. */
export function FlowName({ flow }: { flow: FlowRow }) {
	const { left, right, known } = sides(flow);
	return (
		<span class="flowname">
			<span class="end" style={{ minWidth: `${lettersOf(left.end)}ch` }}>
				<End end={left.end} />
				<Country side={left} />
			</span>
			<span class="arrow" title={known ? 'initiator on the left' : 'initiator unknown'}>
				{known ? '→' : '↔'}
			</span>
			<span class="end" style={{ minWidth: `${lettersOf(right.end)}ch` }}>
				<End end={right.end} />
				<Country side={right} />
			</span>
		</span>
	);
}

/** The country beside an address, and all that is known of it for who points at it. */
function Country({ side }: { side: Side }) {
	if (!side.country && !side.asn) return null;
	return (
		<Term
			class="country small nowrap"
			term={side.country ? `country:${side.country}` : `asn:${side.asn}`}
			title={registered(side)}
		>
			{side.country ?? `AS${side.asn}`}
		</Term>
	);
}

/** Letters that an endpoint keeps where there is no room: its address is cut in its middle. */
function lettersOf(end: Endpoint): number {
	const text = endpoint(end);
	const at = text.lastIndexOf(':');
	const [front, tail] = addressParts(text.slice(0, at));
	return Math.min(FRONT, front.length) + tail.length + text.length - at;
}

const FRONT = 4; // a letter or two and the dots

/** An endpoint: its address leads to its host, or looks for it where flows are listed; its port looks for the port. */
export function End({ end }: { end: Endpoint }) {
	const text = endpoint(end);
	return (
		<span class="end-text" data-copy={text}>
			<Host ip={end.ip} text={text.slice(0, text.lastIndexOf(':'))} title={text} />
			<Term term={`port:${end.port}`} copies={text}>
				:{end.port}
			</Term>
		</span>
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
