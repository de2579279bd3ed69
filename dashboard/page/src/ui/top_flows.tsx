// SPDX-License-Identifier: MIT
import { useMemo } from 'preact/hooks';
import { DASH, duration, milliseconds, rateText, short, volumeText } from '../lib/format';
import type { Units } from '../lib/format';
import type { FlowRow, TopFlow } from '../net/wire';
import { sides } from '../state/flow';
import { useLive } from '../state/live';
import { tickWords } from '../state/series';
import { useSettings } from '../state/settings';
import { Empty, Share, Waiting } from './bits';
import type { Column } from './columns';
import { End, FlowName, FlowState, hasEnded, StateTag } from './flow_name';
import { App, Name, saidColumns, useSaid, type Said } from './said';
import { Table } from './table';

const NONE: TopFlow[] = [];

function columns(units: Units, most: number, said: Said): Column<TopFlow>[] {
	return [
		{
			key: 'rank',
			label: '#',
			width: 26,
			priority: 5,
			align: 'num',
			cell: (f) => <span class="muted">{rank.get(f.key) ?? ''}</span>,
		},
		{ key: 'protocol', label: 'Proto', width: 44, priority: 3, align: 'mono', cell: (f) => f.protocol },
		...saidColumns(said),
		{
			key: 'a',
			label: 'Client → server',
			width: 296,
			grow: 1,
			priority: 1,
			cell: (f) => <FlowName flow={f} />,
		},
		{ key: 'state', label: 'State', width: 92, priority: 4, cell: (f) => <StateTag state={f.tcp_state} /> },
		{
			key: 'bps',
			label: 'Rate',
			width: 104,
			priority: 1,
			align: 'num',
			cell: (f) => <Share part={most ? f.tick_bytes / most : 0}>{rateText(f.bps, units)}</Share>,
		},
		{
			key: 'bytes',
			label: units === 'bits' ? 'Bits' : 'Bytes',
			width: 88,
			priority: 2,
			align: 'num',
			cell: (f) => volumeText(f.bytes_total, units),
		},
		{ key: 'packets', label: 'Packets', width: 76, priority: 6, align: 'num', cell: (f) => short(f.packets_total) },
		{ key: 'rtt', label: 'RTT', width: 84, priority: 7, align: 'num', cell: (f) => milliseconds(f.rtt_ewma_ms) },
		{
			key: 'retransmissions',
			label: 'Retr',
			width: 60,
			priority: 8,
			align: 'num',
			cell: (f) => (f.retransmissions === null ? DASH : short(f.retransmissions)),
		},
		{
			key: 'duration',
			label: 'Duration',
			width: 100,
			priority: 9,
			align: 'num',
			cell: (f) => duration(f.duration_secs),
		},
	];
}

const rank = new Map<string, number>();

export function TopFlows({ limit, onOpen }: { limit: number; onOpen: (flow: TopFlow) => void }) {
	const top = useLive((l) => l.frame?.tick?.top ?? NONE);
	const [state, lastTick] = useLive((l) => [l.frame?.state ?? null, tickWords(l.frame?.tick ?? null)] as const);
	const { units } = useSettings();
	const rows = useMemo(() => top.slice(0, limit), [top, limit]);
	rank.clear();
	rows.forEach((flow, i) => rank.set(flow.key, i + 1));
	const most = rows[0]?.tick_bytes ?? 0;
	const said = useSaid();
	return (
		<Table
			label="Top flows"
			testId="top"
			cardHeight={76}
			rows={rows}
			rowKey={(f) => f.key}
			columns={columns(units, most, said)}
			card={(f) => <FlowCard flow={f} rate={rateText(f.bps, units)} total={volumeText(f.bytes_total, units)} />}
			onOpen={onOpen}
			holds
			empty={
				state === null ? (
					<Waiting />
				) : (
				<Empty
					icon="flows"
					title={`No traffic in the ${lastTick}`}
					next={<a href="#/flows?list=all">Search the whole table</a>}
				>
					{state === 'ended'
						? 'The input has ended; all of its flows are in the table.'
						: 'Only TCP and UDP make flows (SCTP under --track-sctp).'}
				</Empty>
				)
			}
		/>
	);
}

export function FlowCard({ flow, rate, total }: { flow: FlowRow; rate: string; total: string }) {
	const { left, right, known } = sides(flow);
	if (flow.name) return <NamedCard flow={flow} rate={rate} total={total} />;
	return (
		<>
			<div class="card-line">
				<span class="grow clip">
					<End end={left.end} />
				</span>
				<b class="mono nowrap">{rate}</b>
			</div>
			<div class="card-line">
				<span class="muted">{known ? '→' : '↔'}</span>
				<span class="grow clip">
					<End end={right.end} />
				</span>
				<span class="mono muted nowrap">{total}</span>
			</div>
			<div class="card-line small">
				<Kind flow={flow} />
			</div>
		</>
	);
}

function NamedCard({ flow, rate, total }: { flow: FlowRow; rate: string; total: string }) {
	return (
		<>
			<div class="card-line">
				<span class="grow clip">
					<Name flow={flow} />
				</span>
				<b class="mono nowrap">{rate}</b>
			</div>
			<div class="card-line">
				<span class="grow clip muted">
					<FlowName flow={flow} />
				</span>
				<span class="mono muted nowrap">{total}</span>
			</div>
			<div class="card-line small">
				<Kind flow={flow} />
			</div>
		</>
	);
}

function Kind({ flow }: { flow: FlowRow }) {
	return (
		<>
			<span class="mono muted">{flow.protocol}</span>
			{flow.app && (
				<span class="mono">
					<App flow={flow} />
				</span>
			)}
			{(flow.tcp_state || hasEnded(flow)) && <FlowState flow={flow} />}
		</>
	);
}
