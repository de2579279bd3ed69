// SPDX-License-Identifier: MIT
//
// DNS: how much is asked, what fails and how long answers take over time; which servers and names, since the start.
import { useState } from 'preact/hooks';
import { DASH, duration, known, percent, plural, short, whole, type Known } from '../lib/format';
import { formatRoute } from '../lib/router';
import { getDns, type DnsAnswer, type DnsRow } from '../net/api';
import { useLive } from '../state/live';
import { usePaused } from '../state/session';
import { totalOf, type Timed } from '../state/timed';
import { Empty, Panel, Share, Waiting } from '../ui/bits';
import { Lines, type LinesOf } from '../ui/lines';
import { Moment } from '../ui/moment';
import { TimeHeat } from '../ui/time_heat';
import { Sums, TimedView, type Sum } from '../ui/timed_view';
import { usePoll } from '../ui/use';
import { percentiles, RATES } from './tcp';

const SERIES = 'dns_queries,dns_answers,dns_nxdomain,dns_failures,dns_unanswered,dns_p50_ms,dns_p95_ms,dns_p99_ms,dns';
const LATENCY = percentiles('dns');
const QUERIES: LinesOf = {
	...RATES,
	lines: (
		[
			['queries', 's1', []],
			['answers', 's3', [6, 3]],
			['nxdomain', 's4', [2, 3]],
			['failures', 's6', []],
			['unanswered', 's8', [9, 3, 2, 3]],
		] as const
	).map(([name, color, dash]) => ({
		name: name === 'nxdomain' ? 'NXDOMAIN' : name === 'failures' ? 'other failures' : name,
		color,
		dash: [...dash],
		value: (v, length) => {
			const n = v(`dns_${name}`);
			return n === null ? null : n / length;
		},
	})),
};

export function dnsSums(data: Timed): Sum[] {
	const total = (name: string): number | null => totalOf(data, `dns_${name}`);
	const of = (n: Known): string => (known(n) ? `${percent(n, total('queries'))} of queries` : '');
	return [
		{ name: 'Queries', value: whole(total('queries')), detail: '' },
		{ name: 'Answers', value: whole(total('answers')), detail: of(total('answers')) },
		{ name: 'NXDOMAIN', value: whole(total('nxdomain')), detail: of(total('nxdomain')) },
		{ name: 'Other failures', value: whole(total('failures')), detail: of(total('failures')) },
		{ name: 'Unanswered', value: whole(total('unanswered')), detail: of(total('unanswered')) },
	];
}

/** Answers with a code that is a failure: all but NOERROR and NXDOMAIN, which says that there is no such name. */
export const failuresOf = (row: DnsRow): number =>
	Object.entries(row.answers).reduce((sum, [code, n]) => (code === 'noerror' || code === 'nxdomain' ? sum : sum + n), 0);

const ns = (value: Known): string => (known(value) ? duration(value / 1e9) : DASH);

/** DNS since the start; undefined before the first answer, null in a run without it. */
function useDns(): { dns: DnsAnswer['dns'] | undefined; error: string } {
	const [state, setState] = useState<{ dns: DnsAnswer['dns'] | undefined; error: string }>({ dns: undefined, error: '' });
	const boot = useLive((l) => l.hello?.boot_id ?? '');
	const paused = usePaused();
	usePoll(
		async () => {
			if (!boot) return;
			try {
				setState({ dns: (await getDns()).dns, error: '' });
			} catch (error) {
				setState((s) => ({ ...s, error: error instanceof Error ? error.message : String(error) }));
			}
		},
		5000,
		!paused,
		boot,
	);
	return state;
}

export function Dns() {
	const { dns, error } = useDns();
	if (dns === null)
		return (
			<div class="view dns">
				<Empty icon="dns" title="This run does not look at DNS" next="Start it without --names off and without --no-dns.">
					Queries and answers are counted only with names.
				</Empty>
			</div>
		);
	return (
		<TimedView name="dns" series={SERIES}>
			{({ foot, ...shown }) => (
				<>
					<Sums sums={dnsSums(shown.data)} label="DNS in this time" />
					<Panel title="Queries and answers" flush>
						<Lines of={QUERIES} label="DNS queries, answers, NXDOMAIN, other failures and queries without an answer over time" foot={foot} {...shown} />
					</Panel>
					<Moment />
					<Panel title="Latency" flush>
						<Lines of={LATENCY} label="Percentiles of the latency of DNS answers over time" height={160} {...shown} />
						<TimeHeat series="dns" of="Latency of DNS answers" {...shown} />
					</Panel>
					{dns ? <Tables dns={dns} /> : error ? <Empty icon="cross" title="No servers and names">{error}</Empty> : <Waiting what="servers and names" />}
				</>
			)}
		</TimedView>
	);
}

function Tables({ dns }: { dns: NonNullable<DnsAnswer['dns']> }) {
	const servers = dns.servers.map((row) => ({ row, text: row.server, filter: `host:${row.server} port:53` }));
	const names = (dns.names ?? []).map((row) => ({ row, text: row.name, filter: `name:${row.name}` }));
	const codes = Object.entries(dns.answers).sort((a, b) => b[1] - a[1]);
	const more = (shown: number, all: Known): string => (known(all) && all > shown ? `${shown} of ${plural(all, 'row')} that are kept, ` : '');
	return (
		<>
			<Panel title="Servers" tools={<span class="muted small">{more(servers.length, dns.servers_known)}since the start</span>} flush>
				<Rows rows={servers} of="Server" all={dns.queries} heard={dns.answers_captured} />
			</Panel>
			<Panel title="Codes of answers" tools={<span class="muted small">since the start</span>}>
				{codes.length === 0 && <p class="muted">No answer yet.</p>}
				<ul class="codes">
					{codes.map(([code, n]) => (
						<li key={code}>
							<span>{code.toUpperCase()}</span>
							<Share part={dns.answered ? n / dns.answered : 0}>
								<span class="mono">{whole(n)}</span>
							</Share>
							<span class="mono muted right">{percent(n, dns.answered)}</span>
						</li>
					))}
				</ul>
				{!dns.answers_captured && <p class="muted small">Not a single answer was seen: nobody knows what was not answered.</p>}
			</Panel>
			<Panel title="Names" tools={<span class="muted small">{more(names.length, dns.names_known)}since the start</span>} flush>
				{dns.names === null ? (
					<Empty title="This run keeps no names">--names full keeps them.</Empty>
				) : (
					<Rows rows={names} of="Name" all={dns.queries} heard={dns.answers_captured} />
				)}
			</Panel>
		</>
	);
}

function Rows({ rows, of, all, heard }: { rows: { row: DnsRow; text: string; filter: string }[]; of: string; all: number; heard: boolean }) {
	if (!rows.length) return <p class="muted line-none">No query yet.</p>;
	return (
		<div class="heat-scroll" tabIndex={0} role="region" aria-label={`${of}s`}>
			<table class="listing" data-dns={of}>
				<thead>
					<tr>
						<th scope="col">{of}</th>
						<th scope="col" class="right">queries</th>
						<th scope="col" class="right">unanswered</th>
						<th scope="col" class="right wide-only">NXDOMAIN</th>
						<th scope="col" class="right wide-only">other failures</th>
						<th scope="col" class="right">p50</th>
						<th scope="col" class="right wide-only">p95</th>
						<th scope="col" class="right">p99</th>
					</tr>
				</thead>
				<tbody>
					{rows.map(({ row, text, filter }) => (
						<tr key={text}>
							<th scope="row">
								<a class="mono clip" title={text} href={formatRoute({ view: 'flows', query: { filter, list: 'all' } })}>
									{text}
								</a>
							</th>
							<td>
								<Share part={all ? row.queries / all : 0}>{short(row.queries)}</Share>
							</td>
							<td class={heard && row.unanswered ? 'warn' : ''}>{short(row.unanswered)}</td>
							<td class="wide-only">{short(row.answers['nxdomain'] ?? 0)}</td>
							<td class={`wide-only ${failuresOf(row) ? 'warn' : ''}`}>{short(failuresOf(row))}</td>
							<td>{ns(row.latency_ns.p50)}</td>
							<td class="wide-only">{ns(row.latency_ns.p95 ?? row.p95)}</td>
							<td>{ns(row.latency_ns.p99)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}
