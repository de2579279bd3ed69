// SPDX-License-Identifier: MIT
//
// Who: the flows that a filter lets through, added up by host, service, name and so on. A group leads to who is behind it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { follow, go, setQuery, useRoute } from '../lib/router';
import { milliseconds, volumeText, whole } from '../lib/format';
import { clock } from '../lib/time';
import type { GroupRow, GroupsAnswer } from '../net/wire';
import { hostOf, terms, unheard, withTerm } from '../state/filter';
import { agoText, exactness, kindOf, kindsOf, rowsKnown, sortOf, windowText, withoutText, type GroupSort, type Kind } from '../state/groups';
import { flowsHref, hostHref } from '../state/links';
import { useLive } from '../state/live';
import { useSettings } from '../state/settings';
import { Empty, Segments, Waiting } from '../ui/bits';
import { FilterBar } from '../ui/filter_bar';
import { GroupTable, useGroups } from '../ui/groups';
import { useSaid } from '../ui/said';
import { Talkers, TALKER_ROWS, type Picture } from '../ui/talkers';
import { rowsFrom } from '../state/pages';

const POLL_MS = 2000;
const ROWS_MOST = 1000;
const SETTLED_MS = 120;
const PICTURES = [
	['sankey', 'Sankey'],
	['matrix', 'Matrix'],
	['table', 'Table'],
] as const;

/** All of it, or the last minute: "last" of the address. */
export function LastMinute() {
	const { query } = useRoute();
	return (
		<Segments
			label="Which time"
			value={query['last'] === '60' ? '60' : ''}
			options={[
				['', 'All flows'],
				['60', 'Last minute'],
			]}
			onChange={(last) => setQuery({ last: last || null })}
		/>
	);
}

const picture = (asked: string | undefined): Picture | 'table' =>
	asked === 'matrix' || asked === 'table' ? asked : 'sankey';

export function Who() {
	const now = useRoute();
	const { query } = now;
	const told = useLive((l) => l.hello?.groups);
	const known = useLive((l) => l.hello !== null);
	const kind = kindOf(now.id);
	const filter = query['filter'] ?? '';
	const last = query['last'] === '60';
	const sort = sortOf(query['sort'], last);
	const as = kind.by === 'pair' ? picture(query['as']) : 'table';
	const host = hostOf(filter);
	if (known && !told)
		return (
			<div class="view">
				<Empty icon="who" title="This server does not add up flows" next={<a href="#/flows?list=all">Search its flows</a>}>
					It is older than this page.
				</Empty>
			</div>
		);
	return (
		<div class="view fill who">
			<div class="view-head">
				<div class="tabs">
					<Segments
						label="By"
						value={kind.by}
						options={kindsOf(told).map((k) => [k.by, k.tab] as const)}
						onChange={(by) => go({ view: 'who', id: by, query: { ...query, sort: null } }, true)}
					/>
				</div>
				<LastMinute />
				{kind.by === 'pair' && (
					<Segments label="As" value={as} options={PICTURES} onChange={(next) => setQuery({ as: next })} />
				)}
				<FilterBar filter={filter} onChange={(next) => setQuery({ filter: next })} />
				<a class="button small" href={flowsHref(filter)}>
					Flows
				</a>
				{host && (
					<a class="button small" href={hostHref(now, host)}>
						Page of this host
					</a>
				)}
			</div>
			<Answer kind={kind} filter={filter} sort={sort} last={last} as={as} />
		</div>
	);
}

function Answer({ kind, filter, sort, last, as }: { kind: Kind; filter: string; sort: GroupSort; last: boolean; as: Picture | 'table' }) {
	const now = useRoute();
	const [[from, to], setRange] = useState<[number, number]>([0, 0]);
	const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
	const onRange = (first: number, next: number): void => {
		clearTimeout(timer.current);
		timer.current = setTimeout(() => setRange([first, next]), SETTLED_MS);
	};
	useEffect(() => () => clearTimeout(timer.current), []);
	const { at, limit } = as === 'table' ? rowsFrom(from, to, ROWS_MOST) : { at: 0, limit: TALKER_ROWS };
	const where = { ...(at ? { after: String(at) } : {}), ...(last ? { last: 60 } : {}) };
	const { answer, error } = useGroups({ by: kind.by, filter, sort, limit, ...where }, POLL_MS);
	const unknown = answer === null && error.startsWith('by:'); // this run cannot group by it
	const stale = answer !== null && (error !== '' || answer.filter !== filter);
	const open = (row: GroupRow): void => {
		if (kind.by === 'host') go({ view: 'host', id: row.key, query: { last: last ? '60' : null } });
		else if (row.term) {
			const more = terms(row.term).reduce(withTerm, filter);
			if (kind.by === 'pair') follow(flowsHref(more));
			else go({ view: 'who', id: 'host', query: { ...now.query, sort: null, filter: more } });
		}
	};
	return (
		<section class={stale ? 'panel stretch outdated' : 'panel stretch'}>
			<header class="result">
				{error && !unknown ? (
					<span class="bad grow" role="alert">
						{error}
						{answer && ` · the rows answer ${answer.filter ? `"${answer.filter}"` : 'no filter'}`}
					</span>
				) : unknown ? (
					<span class="muted grow">{kind.tab}</span>
				) : (
					<Summary answer={answer} kind={kind} />
				)}
			</header>
			{as !== 'table' && answer && answer.rows.length > 0 ? (
				<Talkers answer={answer} as={as} filter={filter} />
			) : (
				<GroupTable
					kind={kind}
					answer={answer}
					filter={filter}
					total={answer ? rowsKnown(answer) : 0}
					onSort={(key) => setQuery({ sort: key })}
					onOpen={open}
					onRange={onRange}
					empty={
						answer ? <Nothing answer={answer} kind={kind} /> : unknown ? <Unknown kind={kind} why={error} /> : !error && <Waiting what="the workers" />
					}
				/>
			)}
		</section>
	);
}

/** How many, how exact, of which time, and what is in no row. */
export function Summary({ answer, kind }: { answer: GroupsAnswer | null; kind: Kind }) {
	const { units, zone } = useSettings();
	if (!answer) return <span class="muted grow">Asking the workers…</span>;
	const how = exactness(answer, kind, units);
	const without = withoutText(answer, kind, units);
	const span = answer.window;
	return (
		<span class="grow summary" data-groups={answer.groups ?? ''} data-exact={how.exact}>
			<span title={how.detail}>
				<b class={how.exact ? '' : 'warn'}>{how.text}</b>
			</span>
			<span class="muted" title={span ? `${clock(span.from * 1000, zone)} to ${clock(span.to * 1000, zone)}` : undefined}>
				{' · '}
				{volumeText(answer.total.bytes, units)} in {whole(answer.total.flows)} flows, {windowText(answer)}
			</span>
			{without && <span class="muted"> · {without}</span>}
			<span class="muted wide-only">
				{agoText(answer) ? '' : ` · answered in ${milliseconds(answer.took_ms)}`}
				{answer.complete ? '' : ' (not every worker answered)'}
			</span>
		</span>
	);
}

/** What this run cannot add up by, in the server's words. */
function Unknown({ kind, why }: { kind: Kind; why: string }) {
	return (
		<Empty icon="who" title={`This run knows no ${kind.many}`} next={kind.why}>
			{why.replace('by: ', '').replace(/^./, (c) => c.toUpperCase())}.
		</Empty>
	);
}

function Nothing({ answer, kind }: { answer: GroupsAnswer; kind: Kind }) {
	const said = useSaid();
	const { units } = useSettings();
	const flag = (kind.by === 'name' && !said.names) || (kind.by === 'app' && !said.apps);
	const field = flag ? kind.by : unheard(answer.filter, said);
	if (field)
		return (
			<Empty
				icon="who"
				title={`This run keeps no ${field}`}
				next={
					<>
						Start netscope with <code>--names full</code>, or look by host and service.
					</>
				}
			>
				It was started with <code>--names {said.apps ? 'apps' : 'off'}</code>.
			</Empty>
		);
	if (answer.without.flows > 0)
		return (
			<Empty icon="who" title={`No ${kind.one} is known`} next={kind.why}>
				{withoutText(answer, kind, units)}.
			</Empty>
		);
	if (answer.last)
		return (
			<Empty icon="who" title="No traffic in the last minute" next={<a href="#/who">All flows that are held</a>}>
				{answer.filter ? <>No flow that matches <code>{answer.filter}</code> had a packet.</> : 'No flow had a packet.'}
			</Empty>
		);
	if (answer.filter)
		return (
			<Empty icon="search" title="No flow matches" next={<a href={`#/who/${kind.by}`}>Without a filter</a>}>
				None of {whole(answer.held)} flows matches <code>{answer.filter}</code>.
			</Empty>
		);
	return (
		<Empty icon="flows" title="The flow table is empty" next="The ledger shows what became of the packets.">
			No TCP or UDP packet has come yet, or all flows were silent for longer than the timeout.
		</Empty>
	);
}
