// SPDX-License-Identifier: MIT
//
// All that the page can show, kept in one file, and that file shown in the place of the server.
import { go } from '../lib/router';
import { createStore, useStore, type Store } from '../lib/store';
import { answer } from '../net/ask';
import { getFlows, getGroups, getJson, getRange, type RangeAnswer } from '../net/api';
import { BODY_NAMES, pack, SNAPSHOT_BYTES, VERSION, type Snapshot } from '../net/snapshot_file';
import type { FlowRow, GroupsAnswer, PacketDetail, PacketRow } from '../net/wire';
import { dump, saveFile } from './dump';
import { live } from './live';
import { notify } from './notes';
import { startFile } from './session';

const FLOWS = 10_000;
const PAGE = 1000;
const GROUPS = 500; // rows of each answer
const DETAILS = 64; // packets with their bytes
const POINTS = 5000;
const REACH = [960, 10_800, 172_800, 2_678_400]; // seconds of the tiers, see web-api.md
const QUERY: Record<string, string> = { alerts: '?limit=1000', packets: '?limit=2000' };

/** The snapshot that is shown; null: the page is live. */
export const snapshot: Store<Snapshot | null> = createStore<Snapshot | null>(null);
export const useSnapshot = (): Snapshot | null => useStore(snapshot, (s) => s);
/** Why the last file could not be opened. */
export const refused: Store<string> = createStore('');
export const saving: Store<boolean> = createStore<boolean>(false);

/* --- saving ------------------------------------------------------------------------------------ */

/** What fails is not in the file: its views say so. */
const tried = <T>(job: Promise<T>): Promise<T | null> => job.catch(() => null);

async function flows(): Promise<{ matched: number; clock: number; rows: FlowRow[] }> {
	const found = new Map<string, FlowRow>();
	let [after, matched, clock]: [string | null, number, number] = [null, 0, 0];
	do {
		const page = await getFlows('', 'bytes', PAGE, after);
		if (after === null) matched = page.matched;
		clock = page.clock;
		for (const row of page.flows) found.set(`${row.key} ${row.first_seen}`, row);
		after = page.next ?? null;
	} while (after !== null && found.size < FLOWS);
	return { matched, clock, rows: [...found.values()].slice(0, FLOWS) };
}

/** The whole history in the tier that reaches back to its begin, and its newest part in each finer one. Percentiles are made of the
 * histograms again. */
async function ranges(series: string, clock: number): Promise<RangeAnswer[]> {
	const found = [await getRange(null, null, POINTS, series)];
	for (const reach of REACH.slice().reverse()) {
		const coarse = found[0] as RangeAnswer;
		if (coarse.step === 1 || reach >= clock) continue;
		const fine = await getRange(clock - reach + 2 * coarse.step, null, POINTS, series).catch(() => coarse);
		if (fine.step < coarse.step) found.unshift(fine);
	}
	return found;
}

async function groups(kinds: string[]): Promise<object[]> {
	const found: (GroupsAnswer | null)[] = [];
	for (const by of kinds) for (const last of [null, 60]) found.push(await tried(getGroups(by, GROUPS, last)));
	return found.filter((g) => g !== null).map((g) => ({ ...g, type: 'groups', rows: pack(g.rows) }));
}

async function details(body: unknown): Promise<PacketDetail[]> {
	const newest = ((body as { packets: PacketRow[] } | null)?.packets ?? []).slice(-DETAILS);
	const found: PacketDetail[] = [];
	for (const { id } of newest) {
		const detail = await tried(getJson<PacketDetail>(`/api/v1/packets/${id}`));
		if (detail) found.push({ ...detail, type: 'packet_detail', id, found: true });
	}
	return found;
}

async function collect(): Promise<object> {
	const { hello, frame } = live.get();
	if (!hello || !frame) throw new Error('nothing has come from the server yet');
	const bodies: Record<string, unknown> = {};
	for (const name of BODY_NAMES) {
		if (name === 'peers' && !hello.settings?.peers) continue;
		const body = await tried(getJson(`/api/v1/${name}${QUERY[name] ?? ''}`));
		if (body) bodies[name] = body;
	}
	const series = (hello.history?.series ?? []).filter((name) => !/_samples$|_p\d+_ms$/.test(name)).join(',');
	const held = await flows();
	return {
		netscope_snapshot: VERSION,
		version: hello.version,
		made: Date.now() / 1000,
		host: location.host,
		zone: Intl.DateTimeFormat().resolvedOptions().timeZone ?? '',
		hello,
		frame: { ...frame, packets: [], alerts: [], events: [] },
		ranges: frame.tick && series ? await ranges(series, frame.tick.end) : [],
		flows: { ...held, rows: pack(held.rows) },
		groups: await groups(hello.groups ?? []),
		details: await details(bodies['packets']),
		bodies,
	};
}

export async function saveSnapshot(): Promise<void> {
	if (saving.get()) return;
	if (snapshot.get()) return notify('This is a snapshot already: its file is the one that you opened.', 5000);
	saving.set(true);
	notify('Saving a snapshot …', 60_000);
	try {
		const file = new Blob([JSON.stringify(await collect())], { type: 'application/json' });
		if (file.size > SNAPSHOT_BYTES) throw new Error(`it is larger than ${SNAPSHOT_BYTES >> 20} MiB`);
		saveFile(file, `netscope-${location.hostname}-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}Z.json`);
		notify(`Snapshot saved: ${(file.size / 1e6).toFixed(1)} MB`, 5000);
	} catch (error) {
		notify(`No snapshot was saved: ${(error as Error).message}`, 10_000);
	}
	saving.set(false);
}

/* --- opening ----------------------------------------------------------------------------------- */

const READER: string = '/snapshot.js'; // of src/snapshot.ts
const READY_MS = 5000;
/** It is fetched once, soon after the first picture, so that a file opens without the server, too. */
const reader = (): Promise<typeof import('../snapshot')> => import(READER);

let opened = 0;

function showSnapshot(next: Snapshot, sourceOf: typeof import('../snapshot').sourceOf): void {
	// nothing that this browser knows of the run itself, or of a snapshot before, is taken for this one's
	const boot = `${next.hello.boot_id} in snapshot ${++opened}`;
	const own = <T extends { boot_id: string }>(body: T): T => ({ ...body, boot_id: boot });
	const episodes = next.bodies.episodes as { boot_id: string } | undefined;
	const held: Snapshot = {
		...next,
		ranges: next.ranges.map(own),
		bodies: { ...next.bodies, ...(episodes ? { episodes: { ...own(episodes), shared: false } } : {}) },
	};
	dump.set({ timeline: null, file: null, taken: 0, loading: null, error: '' });
	snapshot.set(held);
	startFile(sourceOf(held, answer), own(next.hello), next.frame);
}

export async function openSnapshot(file: File): Promise<void> {
	try {
		if (file.size > SNAPSHOT_BYTES) throw new Error(`at most ${SNAPSHOT_BYTES >> 20} MiB are wanted, ${(file.size / (1 << 20)).toFixed(1)} MiB were found`);
		const { readSnapshot, sourceOf } = await reader();
		showSnapshot(readSnapshot(await file.text()), sourceOf);
		refused.set('');
		go({ view: 'overview' });
	} catch (error) {
		refused.set(`${file.name} is no snapshot that this page opens. ${(error as Error).message}.`);
		go({ view: 'snapshot' });
	}
}

/** Any file that is dropped on the page is opened. */
export function startDrops(): void {
	setTimeout(() => void reader().catch(() => {}), READY_MS);
	const has = (event: DragEvent): boolean => !!event.dataTransfer?.types.includes('Files');
	addEventListener('dragover', (event) => has(event) && event.preventDefault());
	addEventListener('drop', (event) => {
		if (!has(event)) return;
		event.preventDefault();
		const file = event.dataTransfer?.files[0];
		if (file) void openSnapshot(file);
	});
}

export function backToLive(): void {
	go({ view: 'overview' });
	location.reload();
}
