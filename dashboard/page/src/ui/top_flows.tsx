// SPDX-License-Identifier: MIT
import { useMemo } from 'preact/hooks';
import { rateText, short, volumeText } from '../lib/format';
import type { Units } from '../lib/format';
import type { TopFlow } from '../net/wire';
import { useLive } from '../state/live';
import { useSettings } from '../state/settings';
import { Empty, Share } from './bits';
import type { Column } from './columns';
import { FlowName, StateTag } from './flow_name';
import { Table } from './table';

const NONE: TopFlow[] = [];

function columns(units: Units, most: number): Column<TopFlow>[] {
	return [
		{ key: 'rank', label: '#', width: 26, priority: 5, align: 'num', cell: (f) => <span class="muted">{rank.get(f.key) ?? ''}</span> },
		{ key: 'protocol', label: 'Proto', width: 44, priority: 3, align: 'mono', cell: (f) => f.protocol },
		{ key: 'a', label: 'Client → server', width: 260, grow: 1, priority: 1, cell: (f) => <FlowName flow={f} /> },
		{ key: 'state', label: 'State', width: 92, priority: 4, cell: (f) => <StateTag state={f.tcp_state} /> },
		{ key: 'bps', label: 'Rate', width: 104, priority: 1, align: 'num', cell: (f) => <Share part={most ? f.tick_bytes / most : 0}>{rateText(f.bps, units)}</Share> },
		{ key: 'bytes', label: units === 'bits' ? 'Bits' : 'Bytes', width: 88, priority: 2, align: 'num', cell: (f) => volumeText(f.bytes_total, units) },
		{ key: 'packets', label: 'Packets', width: 76, priority: 6, align: 'num', cell: (f) => short(f.packets_total) },
	];
}

const rank = new Map<string, number>();

export function TopFlows({ limit, onOpen }: { limit: number; onOpen: (flow: TopFlow) => void }) {
	const top = useLive((l) => l.frame?.tick?.top ?? NONE);
	const state = useLive((l) => l.frame?.state ?? 'starting');
	const { units } = useSettings();
	const rows = useMemo(() => top.slice(0, limit), [top, limit]);
	rank.clear();
	rows.forEach((flow, i) => rank.set(flow.key, i + 1));
	const most = rows[0]?.tick_bytes ?? 0;
	return (
		<Table
			label="Top flows"
			testId="top"
			rows={rows}
			rowKey={(f) => f.key}
			columns={columns(units, most)}
			card={(f) => <FlowCard flow={f} rate={rateText(f.bps, units)} total={volumeText(f.bytes_total, units)} />}
			onOpen={onOpen}
			empty={
				<Empty icon="flows" title="No flow moved a byte in the last tick" next={<a href="#/flows?list=all">Search the whole table</a>}>
					{state === 'ended' ? 'The input has ended; all of its flows are in the table.' : 'Only TCP and UDP make flows (SCTP under --track-sctp).'}
				</Empty>
			}
		/>
	);
}

export function FlowCard({ flow, rate, total }: { flow: TopFlow | import('../net/wire').FlowRow; rate: string; total: string }) {
	return (
		<>
			<div class="card-line">
				<span class="mono muted">{flow.protocol}</span>
				<FlowName flow={flow} />
			</div>
			<div class="card-line small">
				<StateTag state={flow.tcp_state} />
				<span class="grow" />
				<span class="mono muted">{total}</span>
				<b class="mono">{rate}</b>
			</div>
		</>
	);
}
