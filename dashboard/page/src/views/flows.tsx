// SPDX-License-Identifier: MIT
//
// Flows: the busiest of the last tick, or a search over the whole table, which the engine's sweep answers.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { duration, milliseconds, rateText, short, volumeText, whole, DASH, type Units } from '../lib/format';
import { formatRoute, go, setQuery, useRoute } from '../lib/router';
import { useStore } from '../lib/store';
import { askFlows, Superseded } from '../net/ask';
import { link } from '../net/socket';
import type { FlowRow, FlowsAnswer } from '../net/wire';
import { rowRates, totalsOf } from '../state/flow';
import { hostOf, packetsOf, unheard } from '../state/filter';
import { useLive } from '../state/live';
import { pageFor, rowsInAll, rowsInReach, START, withMarks, type Mark } from '../state/pages';
import { usePaused } from '../state/session';
import { useSettings } from '../state/settings';
import { Empty, Segments } from '../ui/bits';
import type { Column, Order } from '../ui/columns';
import { FlowDownloads } from '../ui/downloads';
import { FilterBar } from '../ui/filter_bar';
import { FlowName, FlowState } from '../ui/flow_name';
import { PacketsLink } from '../ui/recorder';
import { saidColumns, useSaid, type Said } from '../ui/said';
import { Table } from '../ui/table';
import { FlowCard, TopFlows } from '../ui/top_flows';
import { usePoll } from '../ui/use';

const POLL_MS = 2000;
const SETTLED_MS = 120; // who scrolls wants the rows where that ends
const ROWS = 1000; // of one answer, at most

const open = (flow: FlowRow): void => go({ view: 'flow', id: flow.key });

export function Flows() {
	const { query } = useRoute();
	const filter = query['filter'] ?? '';
	const all = query['list'] === 'all' || filter !== '' || query['focus'] === '1';
	const host = hostOf(filter);
	const packets = packetsOf(filter);
	const top = useLive((l) => l.hello?.settings?.top_n ?? 10);
	return (
		<div class="view fill">
			<div class="view-head">
				<Segments
					label="Which flows"
					value={all ? 'all' : 'top'}
					options={[
						['top', 'Top now'],
						['all', 'Whole table'],
					]}
					onChange={(list) => setQuery({ list, focus: null, ...(list === 'top' ? { filter: null } : {}) })}
				/>
				<FilterBar
					filter={filter}
					onChange={(next) => setQuery({ filter: next, list: 'all', focus: null })}
					focus={query['focus'] === '1'}
				/>
				{all && (
					<a class="button small" href={formatRoute({ view: 'who', query: { filter } })}>
						Who
					</a>
				)}
				{host && (
					<a class="button small" href={formatRoute({ view: 'host', id: host })}>
						Page of this host
					</a>
				)}
				{packets && <PacketsLink query={packets} />}
			</div>
			{all ? (
				<Search
					filter={filter}
					sort={query['sort'] ?? 'bytes'}
					order={query['order'] === 'asc' ? 'asc' : 'desc'}
				/>
			) : (
				<section class="panel stretch">
					<TopFlows limit={top} onOpen={open} />
				</section>
			)}
		</div>
	);
}

interface Found {
	answer: FlowsAnswer | null;
	at: number; // the place of its first row
	marks: Mark[];
	of: string; // which list it is
	rates: Map<string, number>;
	error: string;
}

const NOTHING: Found = { answer: null, at: 0, marks: START, of: '', rates: new Map(), error: '' };
let kept = NOTHING; // for who comes back from a row

function useSearch(filter: string, sort: string, order: Order, from: number, to: number): Found {
	const paused = usePaused();
	const connected = useStore(link, (l) => l.phase === 'open');
	const [boot, ended] = useLive((l) => [l.hello?.boot_id ?? '', l.ended] as const);
	const of = `${boot} ${filter} ${sort} ${order}`;
	const [found, setFound] = useState<Found>(() => ({ ...NOTHING, ...(kept.of === of ? { marks: kept.marks, of } : {}) }));
	const before = useRef(new Map<string, [number, number]>());
	const marks = found.of === of ? found.marks : START;
	const { start, limit } = pageFor(marks, from, to, ROWS);
	const asked = `${connected} ${of} ${start.at} ${limit}`;
	const latest = useRef(asked);
	latest.current = asked;
	kept = found;
	const run = async (): Promise<void> => {
		if (!boot || !connected) return;
		try {
			const answer = await askFlows({ filter, sort, order, limit, ...(start.cursor ? { after: start.cursor } : {}) });
			if (latest.current !== asked) return;
			const rates = rowRates(before.current, answer.flows, answer.clock);
			setFound({ answer, at: start.at, marks: withMarks(marks, start.at, answer), of, rates, error: '' });
			before.current = totalsOf(answer.flows, answer.clock);
		} catch (error) {
			if (error instanceof Superseded || latest.current !== asked) return;
			setFound((f) => ({ ...f, error: error instanceof Error ? error.message : String(error) }));
		}
	};
	usePoll(run, POLL_MS, !paused && !ended, asked);
	return found;
}

function Search({ filter, sort, order }: { filter: string; sort: string; order: Order }) {
	const [[from, to], setRange] = useState<[number, number]>([0, 0]);
	const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
	const onRange = (first: number, next: number): void => {
		clearTimeout(timer.current);
		timer.current = setTimeout(() => setRange([first, next]), SETTLED_MS);
	};
	useEffect(() => () => clearTimeout(timer.current), []);
	const { answer, at, marks, rates, error } = useSearch(filter, sort, order, from, to);
	const { units } = useSettings();
	const rtt = useLive((l) => l.hello?.analysis?.['rtt'] ?? true);
	const said = useSaid();
	const columns = useMemo(() => tableColumns(units, rates, answer?.clock ?? 0, said), [units, rates, answer, said]);
	const rows = answer?.flows ?? [];
	const stale = answer !== null && (error !== '' || answer.filter !== filter); // of another filter than that of the field
	return (
		<section class={stale ? 'panel stretch outdated' : 'panel stretch'}>
			<header class="result">
				{error ? (
					<span class="bad grow" role="alert">
						{error}
						{answer && ` · the rows answer ${answer.filter ? `"${answer.filter}"` : 'no filter'}`}
					</span>
				) : (
					<Summary answer={answer} filter={filter} />
				)}
				{!rtt && <span class="muted small wide-only">RTT analysis is off in this run</span>}
				{answer && !stale && <FlowDownloads filter={filter} matched={answer.matched} />}
			</header>
			<Table
				label="Flows"
				testId="flows"
				cardHeight={76}
				rows={rows}
				first={at}
				total={answer ? rowsInReach(marks, rowsInAll(at, answer), ROWS) : 0}
				all={answer?.matched ?? 0}
				holds
				list={filter}
				shows={answer ? `${answer.filter} ${answer.sort} ${answer.order}` : ''}
				onRange={onRange}
				rowKey={(f) => f.key}
				columns={columns}
				sort={sort}
				order={order}
				onSort={(key, next) => setQuery({ sort: key, order: next, list: 'all' })}
				onOpen={open}
				card={(f) => (
					<FlowCard
						flow={f}
						rate={rateText(rates.get(f.key) ?? f.avg_bps, units)}
						total={volumeText(f.bytes_total, units)}
					/>
				)}
				empty={answer && <NoFlows filter={filter} held={answer.held} />}
			/>
		</section>
	);
}

function Summary({ answer, filter }: { answer: FlowsAnswer | null; filter: string }) {
	if (!answer) return <span class="muted grow">Asking the workers…</span>;
	return (
		<span class="grow clip" data-matched={answer.matched}>
			<b>{whole(answer.matched)}</b> {filter ? `of ${whole(answer.held)} flows match` : 'flows'}
			{!!answer.ended && !filter && <span class="muted">, {whole(answer.ended)} of them have ended</span>}
			<span class="muted wide-only">
				{' '}
				· answered in {milliseconds(answer.took_ms)}
				{answer.complete ? '' : ' (not every worker answered)'}
			</span>
		</span>
	);
}

function NoFlows({ filter, held }: { filter: string; held: number }) {
	const said = useSaid();
	const field = unheard(filter, said);
	if (field)
		return (
			<Empty
				icon="search"
				title="No flow matches"
				next={
					<>
						Start netscope with <code>--names full</code>, or search by address and port.
					</>
				}
			>
				This run keeps no {field}: it was started with <code>--names {said.apps ? 'apps' : 'off'}</code>.
			</Empty>
		);
	if (filter)
		return (
			<Empty icon="search" title="No flow matches" next={<a href="#/flows?list=all">Show all flows</a>}>
				None of {whole(held)} flows matches <code>{filter}</code>. All terms must hold, and a value that is not
				known matches no term.
			</Empty>
		);
	return (
		<Empty icon="flows" title="The flow table is empty" next="The ledger shows what became of the packets.">
			No TCP or UDP packet has come yet, or all flows were silent for longer than the timeout.
		</Empty>
	);
}

function tableColumns(units: Units, rates: Map<string, number>, clock: number, said: Said): Column<FlowRow>[] {
	const num = (n: number | null): string => (n === null ? DASH : short(n));
	return [
		{ key: 'protocol', label: 'Proto', width: 56, priority: 3, align: 'mono', sort: true, cell: (f) => f.protocol },
		...saidColumns(said),
		{
			key: 'client',
			label: 'Client → server',
			width: said.names ? 296 : 300,
			grow: 1,
			priority: 1,
			sort: true,
			title: 'Sorted by the client: address, then port',
			cell: (f) => <FlowName flow={f} />,
		},
		{
			key: 'state',
			label: 'State',
			width: 96,
			priority: 4,
			sort: true,
			cell: (f) => <FlowState flow={f} />,
		},
		{
			key: 'now',
			label: 'Now',
			width: 96,
			priority: 2,
			align: 'num',
			title: 'Rate between the last two updates. "Top now" is sorted by rate.',
			cell: (f) => rateText(rates.get(f.key) ?? null, units),
		},
		{
			key: 'bps',
			label: 'Mean',
			width: 96,
			priority: 7,
			align: 'num',
			sort: true,
			title: 'Rate over the life of the flow',
			cell: (f) => rateText(f.avg_bps, units),
		},
		{
			key: 'bytes',
			label: units === 'bits' ? 'Bits' : 'Bytes',
			width: 84,
			priority: 1,
			align: 'num',
			sort: true,
			cell: (f) => volumeText(f.bytes_total, units),
		},
		{
			key: 'packets',
			label: 'Packets',
			width: 80,
			priority: 5,
			align: 'num',
			sort: true,
			cell: (f) => short(f.packets_total),
		},
		{
			key: 'rtt',
			label: 'RTT',
			width: 80,
			priority: 6,
			align: 'num',
			sort: true,
			title: 'Smoothed round trip',
			cell: (f) => milliseconds(f.rtt_ewma_ms),
		},
		{
			key: 'retransmissions',
			label: 'Retr',
			width: 60,
			priority: 8,
			align: 'num',
			sort: true,
			title: 'Retransmissions',
			cell: (f) => num(f.retransmissions),
		},
		{
			key: 'lost_segments',
			label: 'Lost',
			width: 60,
			priority: 10,
			align: 'num',
			sort: true,
			title: 'Lost segments',
			cell: (f) => num(f.lost_segments),
		},
		{
			key: 'duration',
			label: 'Duration',
			width: 100,
			priority: 9,
			align: 'num',
			sort: true,
			title: 'From the first packet to the last',
			cell: (f) => duration(f.duration_secs),
		},
		{
			key: 'last_seen',
			label: 'Idle',
			width: 84,
			priority: 11,
			align: 'num',
			sort: true,
			title: 'Since the last packet',
			cell: (f) => duration(Math.max(0, clock - f.last_seen)),
		},
	];
}
