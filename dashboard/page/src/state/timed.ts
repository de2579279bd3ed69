// SPDX-License-Identifier: MIT
//
// Series over a range of time, as a view wants them: fetched, kept fresh while the run goes on, and as columns for a chart.
import { useRef, useState } from 'preact/hooks';
import { getRange, type RangeAnswer, type RangeRow } from '../net/api';
import { usePoll } from '../ui/use';
import { live, useLive } from './live';
import { sameRange, type Range } from './range';
import { usePaused } from './session';
import { WHOLE_RUN } from './settings';

const POINTS = 1000;
const COARSE_MS = 5000; // not more often than this, what must be fetched whole

export interface Timed {
	key: string;
	step: number;
	complete: number | null;
	columns: string[];
	buckets: number[];
	rows: RangeRow[];
	since?: number | null; // with a host: from when on it is followed
}

const endOfRow = (row: RangeRow): number => (row[0] as number) + (row[1] as number);

/** The rows of a fresh answer behind those that are complete already; those that end before `from` go. */
export function joinRows(have: RangeRow[], fresh: RangeRow[], from: number): RangeRow[] {
	const first = fresh[0]?.[0] as number | undefined;
	const kept = first === undefined ? have : have.filter((row) => (row[0] as number) < first);
	return kept.concat(fresh).filter((row) => endOfRow(row) > from);
}

export interface Ask {
	from: number | null;
	to: number | null;
	more: boolean; // what comes belongs behind what is there
}

/** What to ask for next; null: nothing is to be expected. `clock`: the engine's now; null before the first tick. */
export function nextAsk(have: Timed | null, range: Range, clock: number | null, shift: number): Ask | null {
	if (range.fixed) {
		const whole = have && (have.complete ?? 0) >= range.to - shift;
		return whole ? null : { from: Math.max(0, range.from - shift), to: Math.max(1, range.to - shift), more: false };
	}
	if (clock === null) return null;
	const from = range.span === WHOLE_RUN ? null : Math.max(0, clock - range.span - shift);
	const to = shift ? Math.max(1, clock - shift) : null;
	const last = have?.rows[have.rows.length - 2]; // the newest may still grow
	const fine = have && have.step === 1 && last && have.rows.length < POINTS - 20;
	return fine ? { from: last[0] as number, to, more: true } : { from, to, more: false };
}

/** When an answer is old: what may still grow is asked for again after a step of its. */
export const stale = (have: Timed, ageMs: number, slow: boolean): boolean =>
	ageMs >= (have.step === 1 && !slow ? 900 : Math.max(COARSE_MS, Math.min(have.step * 1000, 60_000)) - 100);

export interface TimedAnswer {
	data: Timed | null; // of this range, or while its answer is awaited of the one before
	fresh: boolean; // data is of this range
	error: string;
}

/** Series of a range, `shift` seconds earlier. `series` is a list with commas. `points`: no more than so many; `slow`: not every second. */
export function useTimed(series: string, range: Range, { shift = 0, points = POINTS, slow = false, off = false, host = '' } = {}): TimedAnswer {
	const boot = useLive((l) => l.hello?.boot_id ?? '');
	const ticked = useLive((l) => l.frame !== null && l.frame.tick !== null);
	const ended = useLive((l) => l.frame?.state === 'ended');
	const paused = usePaused();
	const [state, setState] = useState<{ data: Timed | null; error: string }>({ data: null, error: '' });
	const kept = useRef<{ data: Timed; at: number } | null>(null);
	const key = `${boot} ${series} ${sameRange(range)} ${shift} ${host}`;
	usePoll(
		async () => {
			const have = kept.current?.data.key === key ? kept.current : null;
			if (!boot || off || (have && !stale(have.data, performance.now() - have.at, slow))) return;
			const ask = nextAsk(have?.data ?? null, range, live.get().frame?.tick?.end ?? null, shift);
			if (!ask) return;
			const at = performance.now();
			try {
				const answer = await getRange(ask.from, ask.to, ask.more ? POINTS : points, series, host);
				const data = asTimed(key, answer, ask, have?.data ?? null, range);
				if (!data) return void (kept.current = null);
				kept.current = { data, at };
				setState({ data, error: '' });
			} catch (error) {
				setState({ data: have?.data ?? null, error: error instanceof Error ? error.message : String(error) });
			}
		},
		1000,
		!paused && !off && !(ended && state.data?.key === key),
		`${key} ${ticked} ${off}`,
	);
	return { ...state, fresh: state.data?.key === key };
}

function asTimed(key: string, answer: RangeAnswer, ask: Ask, have: Timed | null, range: Range): Timed | null {
	if (ask.more && answer.step !== have?.step) return null;
	const from = range.fixed || range.span === WHOLE_RUN || !answer.points.length ? -Infinity : endOfRow(answer.points[answer.points.length - 1] as RangeRow) - range.span;
	return {
		key,
		step: answer.step,
		complete: answer.complete,
		columns: answer.columns,
		since: answer.since ?? null,
		buckets: answer.buckets_ms ?? have?.buckets ?? [],
		rows: ask.more && have ? joinRows(have.rows, answer.points, from) : answer.points,
	};
}

export type Value = (name: string) => number | null;

/** Columns for a chart: the end of each point, then one column for each function. Where no point is, a row of nulls breaks the lines. */
export function columnsOf(data: Timed, values: ((value: Value, length: number) => number | null)[]): (number | null)[][] {
	const at = new Map(data.columns.map((name, i) => [name, i]));
	const out: (number | null)[][] = [[], ...values.map(() => [])];
	const push = (x: number, row: (number | null)[]): void => {
		(out[0] as number[]).push(x);
		row.forEach((v, i) => (out[i + 1] as (number | null)[]).push(v));
	};
	let before: RangeRow | null = null;
	for (const row of data.rows) {
		if (before && (row[0] as number) > endOfRow(before) + 0.5 * (row[1] as number)) push(endOfRow(before) + 0.001, values.map(() => null));
		const get: Value = (name) => {
			const found = row[at.get(name) ?? -1];
			return typeof found === 'number' ? found : null;
		};
		push(endOfRow(row), values.map((value) => value(get, (row[1] as number) || 1)));
		before = row;
	}
	return out;
}

/** The sum of a series over all points; null when it is known in none. */
export function totalOf(data: Timed, name: string): number | null {
	const i = data.columns.indexOf(name);
	let sum: number | null = null;
	for (const row of data.rows) if (typeof row[i] === 'number') sum = (sum ?? 0) + (row[i] as number);
	return sum;
}

/** For each time, the value of the line that ends nearest to it, `shift` seconds earlier; null when none is near. */
export function ghostOf(times: number[], ghostTimes: number[], values: (number | null)[], shift: number, near: number): (number | null)[] {
	let i = 0;
	return times.map((t) => {
		const want = t - shift;
		while (i + 1 < ghostTimes.length && Math.abs((ghostTimes[i + 1] as number) - want) <= Math.abs((ghostTimes[i] as number) - want)) i++;
		const found = ghostTimes[i];
		return found !== undefined && Math.abs(found - want) <= near ? (values[i] ?? null) : null;
	});
}
