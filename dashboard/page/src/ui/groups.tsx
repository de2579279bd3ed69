// SPDX-License-Identifier: MIT
//
// Groups of flows: the question that is asked again and again, and the table of its answer.
import { useMemo, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { DASH, duration, milliseconds, percent, rateText, short, volumeText, type Units } from '../lib/format';
import { useStore } from '../lib/store';
import { askGroups, Superseded, type GroupQuery } from '../net/ask';
import { link } from '../net/socket';
import type { GroupRow, GroupsAnswer } from '../net/wire';
import { withTerm } from '../state/filter';
import { flowsHref } from '../state/links';
import { pairOf, serviceOf, shareOf, sizeOf, windowRate, type GroupSort, type Kind } from '../state/groups';
import { live, useLive } from '../state/live';
import { usePaused } from '../state/session';
import { useSettings } from '../state/settings';
import { Share } from './bits';
import type { Column } from './columns';
import { Table } from './table';
import { Host, NameTerm, Place, Term } from './term';
import { usePoll } from './use';

export interface Groups {
	answer: GroupsAnswer | null; // of this kind; it may be of another filter
	error: string;
}

/** Asks every `ms`, while the page is not paused and the input has not ended. Null: nothing is to be asked. */
export function useGroups(query: GroupQuery | null, ms: number): Groups {
	const [found, setFound] = useState<Groups>({ answer: null, error: '' });
	const paused = usePaused();
	const connected = useStore(link, (l) => l.phase === 'open');
	const [boot, ended] = useLive((l) => [l.hello?.boot_id ?? '', l.ended] as const);
	const asked = `${boot} ${connected} ${JSON.stringify(query)}`;
	const latest = useRef(asked);
	latest.current = asked;
	const run = async (): Promise<void> => {
		if (!boot || !connected || !query) return;
		try {
			const answer = await askGroups(query, () => latest.current === asked);
			if (latest.current !== asked) return;
			setFound({ answer, error: '' });
			if (answer.by === 'host' && !answer.filter && !answer.last) live.update((l) => ({ ...l, hosts: answer.groups }));
		} catch (error) {
			if (error instanceof Superseded || latest.current !== asked) return;
			setFound((f) => ({ ...f, error: error instanceof Error ? error.message : String(error) }));
		}
	};
	usePoll(run, ms, !paused && !ended, `${asked} ${ended}`);
	const mine = found.answer?.by === query?.by && (found.answer?.last ?? undefined) === query?.last;
	return mine ? found : { answer: null, error: found.error };
}

/** What a group is, each part of it a link. */
export function GroupName({ row, kind }: { row: GroupRow; kind: Kind }) {
	switch (kind.by) {
		case 'host':
			return (
				<span class="group-name">
					<Host ip={row.key} />
					<Place country={row.country} asn={row.asn} org={row.as_org} />
				</span>
			);
		case 'pair': {
			const [a, b] = pairOf(row.key);
			return (
				<span class="group-name">
					<Host ip={a} />
					<span class="muted">↔</span>
					<Host ip={b} />
				</span>
			);
		}
		case 'service': {
			const { protocol, port } = serviceOf(row.key);
			return (
				<span class="group-name">
					<Term term={row.term} copies={row.term ?? row.key}>
						{port}
					</Term>
					<span class="muted">{row.service ? `${protocol} · ${row.service}` : protocol}</span>
				</span>
			);
		}
		case 'name':
			return <NameTerm name={row.key} />;
		case 'asn':
			return (
				<span class="group-name">
					<Term term={row.term}>AS{row.key}</Term>
					<span class="muted clip">{row.as_org}</span>
				</span>
			);
		default:
			return <Term term={row.term}>{row.key}</Term>;
	}
}

/** Columns of a group, bars as long as that of the `first`; `filter` is what the flows behind its number of flows have in common with it. */
export function groupColumns(kind: Kind, answer: GroupsAnswer | null, first: GroupRow | null, units: Units, filter: string): Column<GroupRow>[] {
	const most = first ? Math.max(1, sizeOf(first, answer?.sort ?? 'bytes')) : 1;
	const bar = (row: GroupRow, sort: GroupSort, text: string): ComponentChildren =>
		answer?.sort === sort ? <Share part={sizeOf(row, sort) / most}>{text}</Share> : text;
	const ofWindow = answer?.last != null;
	const column = (
		key: string,
		label: string,
		width: number,
		priority: number,
		cell: (row: GroupRow) => ComponentChildren,
		more: Partial<Column<GroupRow>> = {},
	): Column<GroupRow> => ({ key, label, width, priority, align: 'num', cell, ...more });
	const count = (n: number | null): string => (n === null ? DASH : short(n));
	const all: (Column<GroupRow> | false)[] = [
		{
			key: 'key',
			label: kind.one.charAt(0).toUpperCase() + kind.one.slice(1),
			width: kind.by === 'pair' ? 240 : 170,
			grow: 1,
			priority: 1,
			align: 'mono',
			cell: (row) => <GroupName row={row} kind={kind} />,
		},
		column('share', 'Share', 72, 3, (row) => (answer ? percent(shareOf(row, answer), 1) : DASH), {
			title: 'Of all flows that match. Flows between two groups count in both.',
		}),
		column('bytes', units === 'bits' ? 'Bits' : 'Bytes', 100, 1, (row) => bar(row, 'bytes', volumeText(row.bytes, units)), {
			sort: true,
		}),
		ofWindow &&
			column('bps', 'Mean rate', 104, 3, (row) => rateText(answer && windowRate(row, answer), units), {
				title: 'Over the span that the numbers cover',
			}),
		!!kind.sent && column('sent', kind.sent, 92, 4, (row) => volumeText(row.bytes_sent, units)),
		!!kind.sent && column('received', kind.received, 92, 4, (row) => volumeText(row.bytes_received, units)),
		column(
			'flows',
			'Flows',
			76,
			2,
			(row) => (
				<FlowsLink row={row} filter={filter}>
					{bar(row, 'flows', short(row.flows))}
				</FlowsLink>
			),
			{ sort: true },
		),
		!ofWindow &&
			column('packets', 'Packets', 84, 5, (row) => bar(row, 'packets', count(row.packets)), { sort: true }),
		!ofWindow && column('rtt', 'RTT', 84, 6, (row) => milliseconds(row.rtt_p50_ms), { title: 'Median of its flows, known to a quarter' }),
		!ofWindow && column('retr', 'Retr', 64, 7, (row) => count(row.retransmissions), { title: 'Retransmissions' }),
		!ofWindow && column('lost', 'Lost', 60, 8, (row) => count(row.lost_segments), { title: 'Lost segments' }),
		column('idle', 'Idle', 84, 9, (row) => duration(answer && Math.max(0, answer.clock - row.last_seen)), {
			title: 'Since the last packet',
		}),
	];
	return all.filter((c): c is Column<GroupRow> => c !== false);
}

function FlowsLink({ row, filter, children }: { row: GroupRow; filter: string; children: ComponentChildren }) {
	if (!row.term) return <>{children}</>;
	return (
		<a
			class="value"
			href={flowsHref(row.term.split(' ').reduce(withTerm, filter))}
			title="Its flows"
			tabIndex={-1}
			onClick={(event) => event.stopPropagation()}
		>
			{children}
		</a>
	);
}

interface GroupTableProps {
	kind: Kind;
	answer: GroupsAnswer | null;
	rows?: GroupRow[]; // other than those of the answer
	filter: string;
	total?: number;
	onSort?: (sort: string) => void;
	onOpen: (row: GroupRow) => void;
	onRange?: (from: number, to: number) => void;
	empty: ComponentChildren;
	testId?: string;
	brief?: boolean; // only who and how much
}

const NO_ROWS: GroupRow[] = [];
const BRIEF = ['key', 'share', 'bytes', 'flows'];

export function GroupTable({ kind, answer, rows, filter, total, onSort, onOpen, onRange, empty, testId, brief }: GroupTableProps) {
	const { units } = useSettings();
	const shown = rows ?? answer?.rows ?? NO_ROWS;
	const largest = useRef<GroupRow | null>(null); // of the whole list: bars have its measure
	if (!answer?.before) largest.current = shown[0] ?? null;
	const columns = useMemo(() => {
		const all = groupColumns(kind, answer, largest.current, units, filter);
		return brief ? all.filter((c) => BRIEF.includes(c.key)) : all;
	}, [kind, answer, shown, units, filter, brief]);
	return (
		<Table
			label={kind.tab}
			testId={testId ?? 'groups'}
			cardHeight={56}
			{...(brief ? { cardsBelow: 400 } : {})}
			rows={shown}
			first={answer?.before ?? 0}
			holds
			list={`${kind.by} ${filter}`}
			shows={answer ? `${answer.by} ${answer.filter} ${answer.last ?? ''}` : ''}
			{...(total === undefined ? {} : { total })}
			{...(onRange ? { onRange } : {})}
			rowKey={(row) => encodeURIComponent(row.key)}
			columns={columns}
			sort={answer?.sort ?? 'bytes'}
			order="desc"
			{...(onSort ? { onSort } : {})}
			onOpen={onOpen}
			empty={empty}
			card={(row) => (
				<>
					<div class="card-line">
						<span class="grow clip mono">
							<GroupName row={row} kind={kind} />
						</span>
						<b class="mono nowrap">{volumeText(row.bytes, units)}</b>
					</div>
					<div class="card-line small">
						<span class="grow muted">{answer ? percent(shareOf(row, answer), 1) : DASH}</span>
						<FlowsLink row={row} filter={filter}>
							{short(row.flows)} {row.flows === 1 ? 'flow' : 'flows'}
						</FlowsLink>
					</div>
				</>
			)}
		/>
	);
}
