// SPDX-License-Identifier: MIT
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { whole } from '../lib/format';
import { go } from '../lib/router';
import { clockMs, type Zone } from '../lib/time';
import type { PacketRow } from '../net/wire';
import { useSettings } from '../state/settings';
import type { Column } from './columns';
import { Table } from './table';
import { EndText } from './term';

function columns(zone: Zone): Column<PacketRow>[] {
	return [
		{ key: 'id', label: '#', width: 64, priority: 5, align: 'num', cell: (p) => <span class="muted">{p.id}</span> },
		{
			key: 'time',
			label: 'Time',
			width: 100,
			priority: 3,
			align: 'mono',
			cell: (p) => clockMs(p.time * 1000, zone),
		},
		{
			key: 'source',
			label: 'Source',
			width: 170,
			grow: 1,
			priority: 2,
			align: 'mono',
			cell: (p) => <EndText text={p.source} />,
		},
		{
			key: 'destination',
			label: 'Destination',
			width: 170,
			grow: 1,
			priority: 2,
			align: 'mono',
			cell: (p) => <EndText text={p.destination} />,
		},
		{ key: 'protocol', label: 'Protocol', width: 84, priority: 1, cell: (p) => p.protocol },
		{ key: 'length', label: 'Length', width: 56, priority: 4, align: 'num', cell: (p) => whole(p.wire_len) },
		{
			key: 'info',
			label: 'What',
			width: 220,
			grow: 3,
			priority: 6,
			align: 'mono',
			cell: (p) => <span title={p.line}>{p.info}</span>,
		},
	];
}

interface PacketTableProps {
	rows: PacketRow[];
	selected?: number | null;
	onOpen?: (packet: PacketRow) => void;
	onMove?: (packet: PacketRow) => void;
	stick?: boolean;
	empty: ComponentChildren;
}

export function PacketTable({ rows, selected = null, onOpen, onMove, stick = false, empty }: PacketTableProps) {
	const { zone } = useSettings();
	const shown = useMemo(() => columns(zone), [zone]);
	return (
		<Table
			label="Packets"
			testId="packets"
			anchored
			cardHeight={72}
			rows={rows}
			rowKey={(p) => p.id}
			columns={shown}
			selected={selected}
			onOpen={onOpen ?? ((p) => go({ view: 'packets', id: String(p.id) }))}
			{...(onMove ? { onMove } : {})}
			stick={stick}
			empty={empty}
			card={(p) => (
				<>
					<div class="card-line">
						<span class="tag">{p.protocol}</span>
						<span class="mono small muted grow right">{clockMs(p.time * 1000, zone)}</span>
					</div>
					<div class="card-line mono small">
						<EndText text={p.source} />
					</div>
					<div class="card-line mono small">
						→ <EndText text={p.destination} />
					</div>
				</>
			)}
		/>
	);
}
