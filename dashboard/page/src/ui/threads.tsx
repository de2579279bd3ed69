// SPDX-License-Identifier: MIT
//
// Two accounts of where the time goes: cycles that a thread counts itself, and processor time that the operating system has given it.
import { useRef } from 'preact/hooks';
import { DASH, known, type Known } from '../lib/format';
import type { CoresAnswer, ThreadTime } from '../net/api';
import { Empty, Panel } from './bits';

export interface Ran {
	tid: number;
	name: string;
	core: number | null;
	load: number | null; // as the thread counts, 0..1; null: it keeps no account
	user: number | null; // of a core, 0..1; null before the second answer
	system: number | null;
}

const MOVED_MS = 500; // the clock of the kernel ticks in steps of 10 ms

/** What `now` adds to `before`; a thread that was not there before has only been seen once. */
export function ranSince(before: CoresAnswer | null, now: CoresAnswer): Ran[] {
	const spent = ((now.threads_ms ?? 0) - (before?.threads_ms ?? now.threads_ms ?? 0)) / 1000;
	const had = new Map((before?.threads ?? []).map((t) => [t.tid, t]));
	const loads = new Map<string, Known>(now.workers.map((w) => [`nsc-worker-${w.index}`, w.load]));
	loads.set('nsc-capture', now.capture?.load);
	return (now.threads ?? []).map((thread) => {
		const old = had.get(thread.tid);
		const share = (of: (t: ThreadTime) => number): number | null => (old && spent > 0 ? Math.max(0, (of(thread) - of(old)) / spent) : null);
		const load = loads.get(thread.name);
		return { tid: thread.tid, name: thread.name, core: thread.core, load: known(load) ? load : null, user: share((t) => t.user_secs), system: share((t) => t.system_secs) };
	});
}

const percentOf = (share: number | null): string => (share === null ? DASH : `${(share * 100).toFixed(1)} %`);
const sum = (ran: Ran): number | null => (ran.user === null || ran.system === null ? null : ran.user + ran.system);

/** Threads of the packets' way first, then by name. */
const order = (a: Ran, b: Ran): number => Number(b.load !== null) - Number(a.load !== null) || a.name.localeCompare(b.name, 'en', { numeric: true });

export function Threads({ detail }: { detail: CoresAnswer | null }) {
	const kept = useRef<{ before: CoresAnswer | null; now: CoresAnswer | null }>({ before: null, now: null });
	const { now } = kept.current;
	if (detail && detail !== now && (!now || (detail.threads_ms ?? 0) - (now.threads_ms ?? 0) >= MOVED_MS)) kept.current = { before: now, now: detail };
	if (!detail || detail.threads === undefined) return null;
	const rows = kept.current.now ? ranSince(kept.current.before, kept.current.now).sort(order) : [];
	return (
		<Panel title="Processor time of each thread" flush>
			{detail.threads === null ? (
				<Empty icon="cores" title="The operating system does not tell">
					/proc/self/task cannot be read here.
				</Empty>
			) : (
				<div class="heat-scroll" tabIndex={0} role="region" aria-label="Processor time of each thread">
					<table class="listing" data-threads={rows.length}>
						<thead>
							<tr>
								<th scope="col">Thread</th>
								<th scope="col" class="right">own account</th>
								<th scope="col" class="right">system says</th>
								<th scope="col" class="right">user</th>
								<th scope="col" class="right">kernel</th>
								<th scope="col" class="right">last core</th>
							</tr>
						</thead>
						<tbody>
							{rows.map((ran) => (
								<tr key={ran.tid} data-thread={ran.name}>
									<th scope="row">
										<span class="mono">{ran.name}</span>
									</th>
									<td>{percentOf(ran.load)}</td>
									<td>
										<b>{percentOf(sum(ran))}</b>
									</td>
									<td>{percentOf(ran.user)}</td>
									<td>{percentOf(ran.system)}</td>
									<td>{ran.core ?? DASH}</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
			<p class="muted small line-none">
				Own account: busy cycles of all cycles, in the last tick; system calls of the source are in it. System: processor time of the last seconds, the
				kernel&apos;s work for the thread apart. Where another program takes the core away, the own account is larger; polling that finds nothing is the
				system&apos;s only.
			</p>
		</Panel>
	);
}
