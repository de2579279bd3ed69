// SPDX-License-Identifier: MIT
import type { FlowRow } from '../net/wire';
import { endpoint, sides, stateText, stateTone } from '../state/flow';
import { Copyable } from './bits';

/** client → server; a ↔ b when nobody saw who opened it. */
export function FlowName({ flow }: { flow: FlowRow }) {
	const { left, right, known } = sides(flow);
	return (
		<span class="flowname">
			<span class="end">
				<Copyable text={endpoint(left.end)} />
			</span>
			<span class="arrow" title={known ? 'opened by the left side' : 'who opened it is not known'}>
				{known ? '→' : '↔'}
			</span>
			<span class="end">
				<Copyable text={endpoint(right.end)} />
			</span>
		</span>
	);
}

export function StateTag({ state }: { state: string | null }) {
	return state === null ? <span class="muted">–</span> : <span class={`tag ${stateTone(state)}`}>{stateText(state)}</span>;
}
