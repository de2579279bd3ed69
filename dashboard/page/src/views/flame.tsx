// SPDX-License-Identifier: MIT
//
// Where the program's threads spend their CPU time, function by function: docs/profile.md.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { percent, plural } from '../lib/format';
import { setQuery, useRoute } from '../lib/router';
import { getProfile, profilePath, sample, type NoProfile, type Part, type Profile } from '../net/profile';
import { fileSource, saidBy } from '../net/source';
import {
	buildFlame,
	finder,
	functionsOf,
	nodeAt,
	pathOf,
	samplesWith,
	shares,
	spansOf,
	type FlameNode,
	type FunctionRow,
} from '../state/flame';
import { useLive } from '../state/live';
import { notify } from '../state/notes';
import { usePaused } from '../state/session';
import { Choice, Empty, Segments, Share } from '../ui/bits';
import type { Column, Order } from '../ui/columns';
import { FlameCanvas, pointsText } from '../ui/flame_canvas';
import { Icon } from '../ui/icon';
import { Table } from '../ui/table';
import { usePoll } from '../ui/use';

const SPANS = [
	['', 'all'],
	['10', '10 s'],
	['60', '1 min'],
	['600', '10 min'],
] as const;
const FORMATS = [
	['folded', 'netscope.folded'],
	['speedscope', 'netscope.speedscope.json'],
	['pprof', 'netscope.pb.gz'],
] as const;
const POLL_MS = 2000;

interface Asked {
	now: Profile | NoProfile | null;
	before: Profile | null;
	error: string;
}

const number = (text: string | undefined): number | null => (text === undefined || text === '' ? null : Number(text));

/** The profile of the span that the address names, and with `compare` that of the one before it. */
function useProfile(seconds: number | null, mark: number | null, compare: boolean): [Asked, () => void] {
	const [asked, setAsked] = useState<Asked>({ now: null, before: null, error: '' });
	const [again, setAgain] = useState(0);
	const boot = useLive((l) => l.hello?.boot_id ?? '');
	const paused = usePaused();
	const running = asked.now === null || (asked.now.available && asked.now.running);
	const key = `${boot} ${seconds} ${mark} ${compare} ${again}`;
	usePoll(
		async () => {
			if (!boot) return;
			try {
				const all = await getProfile({ from: mark, to: null });
				if (!all.available) return setAsked({ now: all, before: null, error: '' });
				const spans = spansOf(all, seconds, mark);
				const now = seconds === null || mark !== null ? all : await getProfile(spans.now);
				const before = compare && spans.before ? await getProfile(spans.before) : null;
				setAsked({ now, before: before?.available ? before : null, error: '' });
			} catch (error) {
				setAsked((a) => ({ ...a, error: (error as Error).message }));
			}
		},
		POLL_MS,
		running && !paused,
		key,
	);
	return [asked, () => setAgain((n) => n + 1)];
}

export function FlameView() {
	const { query } = useRoute();
	const seconds = number(query['span']);
	const mark = number(query['mark']);
	const compare = query['compare'] === '1' && (seconds !== null || mark !== null);
	const [asked, again] = useProfile(seconds, mark, compare);
	const { now } = asked;
	const turn = (on: boolean): void => void sample(on).then(again, (e: Error) => notify(e.message, 5000));
	if (!now?.available || now.samples + now.lost === 0)
		return (
			<section class="panel">
				<NoFlame asked={asked} onStart={() => turn(true)} onStop={() => turn(false)} onAll={() => setQuery({ span: null, mark: null })} />
			</section>
		);
	return <Drawn profile={now} before={asked.before} {...{ seconds, mark, compare }} error={asked.error} onTurn={turn} />;
}

function NoFlame({ asked, onStart, onStop, onAll }: { asked: Asked; onStart: () => void; onStop: () => void; onAll: () => void }) {
	const { now, error } = asked;
	const { query } = useRoute();
	if (!now)
		return error ? (
			<Empty icon="warn" title="There is no profile">
				{saidBy()}
				{error}
			</Empty>
		) : (
			<Empty title="Asking for the profile" />
		);
	if (!now.available)
		return (
			<Empty icon="warn" title="The program cannot sample itself" next="The page of the documentation about profiles says what helps.">
				{now.reason ?? 'It does not say why.'}
			</Empty>
		);
	const button = (text: string, run: () => void) => (
		<button type="button" class="button" onClick={run}>
			{text}
		</button>
	);
	if (query['span'] || query['mark'])
		return (
			<Empty title="No sample in this span" next={button('Show all', onAll)}>
				{now.running ? 'Its threads took no CPU time, or it has just begun.' : 'Sampling is stopped.'}
			</Empty>
		);
	return now.running ? (
		<Empty title="No sample yet" next={fileSource() ? undefined : button('Stop sampling', onStop)}>
			{now.hz} times in a second of CPU time of each thread: a program that has nothing to do has few.
		</Empty>
	) : (
		<Empty icon="profile" title="Nothing is sampled" next={fileSource() ? undefined : button('Start sampling', onStart)}>
			{plural(now.hz, 'sample')} in a second of CPU time of each thread show in which functions it is spent. It goes on until somebody stops it.
		</Empty>
	);
}

interface DrawnProps {
	profile: Profile;
	before: Profile | null;
	seconds: number | null;
	mark: number | null;
	compare: boolean;
	error: string;
	onTurn: (on: boolean) => void;
}

function Drawn(props: DrawnProps) {
	const { profile, before } = props;
	const { query } = useRoute();
	const part: Part = { thread: number(query['thread']), core: number(query['core']) };
	const root = useMemo(
		() => buildFlame(profile, part, before?.samples ? before : null),
		[profile, before, part.thread, part.core],
	);
	const [zoomPath, setZoomPath] = useState<string[]>([]);
	const [chosenPath, setChosenPath] = useState<string[] | null>(null);
	const find = useMemo(() => finder(query['find'] ?? ''), [query['find']]);
	const found = find ? samplesWith(root, find) : 0;
	const zoom = nodeAt(root, zoomPath);
	const chosen = chosenPath ? nodeAt(root, chosenPath) : null;
	useEffect(() => {
		if (zoom.count === 0) setZoomPath([]);
	}, [zoom]);
	return (
		<>
			<Controls {...props} part={part} root={root} />
			<section class="panel flame-panel">
				<header>
					<h2 class="grow">CPU time by function</h2>
					{find && (
						<span class="small" role="status" data-found>
							found in <b class="mono">{percent(found, root.count)}</b>
						</span>
					)}
					<label class="field flame-find">
						<Icon name="search" small />
						<input
							type="search"
							aria-label="Find functions"
							placeholder="Find functions: flow table"
							value={query['find'] ?? ''}
							spellcheck={false}
							onInput={(event) => setQuery({ find: event.currentTarget.value })}
							onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
						/>
					</label>
					<button type="button" class="button small" onClick={() => setZoomPath([])}>
						Whole
					</button>
				</header>
				<FlameCanvas
					root={root}
					zoom={zoom.count ? zoom : root}
					chosen={chosen}
					find={find}
					label={root.before ? 'Flame graph, compared with the span before' : 'Flame graph'}
					onZoom={(node) => setZoomPath(pathOf(node))}
					onChoose={(node) => setChosenPath(node && pathOf(node))}
				/>
				<Notes profile={profile} root={root} compare={props.compare} error={props.error} />
			</section>
			<section class="panel functions">
				<header>
					<h2 class="grow">Functions</h2>
					{!fileSource() && <Downloads {...props} part={part} />}
				</header>
				<Functions root={root} onOpen={(name) => setQuery({ find: name })} />
			</section>
		</>
	);
}

function Controls({ profile, seconds, mark, compare, part, root, onTurn }: DrawnProps & { part: Part; root: FlameNode }) {
	const cores = useMemo(() => [...new Set(profile.stacks.map((s) => s.core))].sort((a, b) => a - b), [profile]);
	return (
		<div class="view-head flame-tools">
			{!fileSource() && <>
			<button type="button" class="button" onClick={() => onTurn(!profile.running)}>
				<Icon name={profile.running ? 'pause' : 'play'} small />
				{profile.running ? 'Stop sampling' : 'Start sampling'}
			</button>
			<Segments
				label="Span"
				value={mark !== null ? 'mark' : seconds === null ? '' : String(seconds)}
				options={mark === null ? SPANS : [...SPANS, ['mark', 'since the mark'] as const]}
				onChange={(value) => value !== 'mark' && setQuery({ span: value, mark: null })}
			/>
			<button type="button" class="button" title="Show what comes from now on" onClick={() => setQuery({ mark: String(profile.to_ns), span: null })}>
				Mark now
			</button>
			<button
				type="button"
				class="button"
				aria-pressed={compare}
				disabled={seconds === null && mark === null}
				title="With the span before it, which is as long: more is red, less is blue"
				onClick={() => setQuery({ compare: compare ? null : '1' })}
			>
				Compare
			</button>
			</>}
			<Choice label="Thread" all="all threads" value={part.thread} options={profile.threads.map((t, i) => [i, t.name])} onChange={(v) => setQuery({ thread: v })} />
			<Choice label="Core" all="all cores" value={part.core} options={cores.map((c) => [c, `core ${c}`])} onChange={(v) => setQuery({ core: v })} />
			<span class="grow small muted" data-samples={root.count}>
				{plural(root.count, 'sample')}
			</span>
		</div>
	);
}

/** The samples that are shown, for other programs. */
function Downloads({ profile, seconds, mark, part }: DrawnProps & { part: Part }) {
	const span = spansOf(profile, mark === null ? seconds : null, mark).now;
	return (
		<span class="small muted downloads">
			save as
			{FORMATS.map(([format, name]) => (
				<a key={format} href={profilePath(format, span, part)} download={name}>
					{format}
				</a>
			))}
		</span>
	);
}

function Notes({ profile, root, compare, error }: { profile: Profile; root: FlameNode; compare: boolean; error: string }) {
	const notes = [
		root.before ? `More than in the span before is red, less is blue; numbers are percentage points. Before: ${plural(root.before, 'sample')}.` : '',
		compare && !root.before ? 'There is no sample in the span before to compare with.' : '',
		profile.note ? `${profile.note.charAt(0).toUpperCase()}${profile.note.slice(1)}.` : '',
		profile.kernel || profile.note ? '' : 'Time in the kernel is not seen.',
		profile.lost ? `${plural(profile.lost, 'sample')} lost: there was no room for them.` : '',
		profile.omitted ? `${plural(profile.omitted, 'sample')} of rare stacks are left out.` : '',
		profile.running ? '' : 'Sampling is stopped.',
		error && `No newer one: ${error}`,
	].filter(Boolean);
	return notes.length ? <p class="key-line small muted">{notes.join(' ')}</p> : null;
}

function Functions({ root, onOpen }: { root: FlameNode; onOpen: (name: string) => void }) {
	const [sort, setSort] = useState<{ key: string; order: Order }>({ key: 'self', order: 'desc' });
	const rows = useMemo(() => functionsOf(root), [root]);
	const value = (row: FunctionRow): number | string => {
		if (sort.key === 'name') return row.name;
		if (sort.key === 'total') return row.total;
		return sort.key === 'points' ? (shares(row.self, row.selfBefore, root).points ?? 0) : row.self;
	};
	const sorted = useMemo(() => {
		const turned = sort.order === 'asc' ? 1 : -1;
		return [...rows].sort((a, b) => {
			const [x, y] = [value(a), value(b)];
			return x === y ? (a.name < b.name ? -1 : 1) : (x < y ? -1 : 1) * turned;
		});
	}, [rows, sort]);
	const share = (part: number) => <Share part={part / (root.count || 1)}>{percent(part, root.count)}</Share>;
	const points = (row: FunctionRow): string => {
		const { points: by, error } = shares(row.self, row.selfBefore, root);
		return by === null ? '–' : `${pointsText(by)} ± ${(100 * error).toFixed(1)}`;
	};
	const columns: Column<FunctionRow>[] = [
		{ key: 'name', label: 'Function', width: 150, grow: 1, priority: 1, align: 'mono', sort: true, cell: (r) => r.name },
		{ key: 'self', label: 'Itself', width: 84, priority: 1, align: 'num', sort: true, cell: (r) => share(r.self) },
		{
			key: 'total',
			label: 'With its callees',
			width: 124,
			priority: 2,
			align: 'num',
			sort: true,
			cell: (r) => share(r.total),
		},
		...(root.before
			? [{ key: 'points', label: 'Itself, points', width: 120, priority: 1, align: 'num', sort: true, cell: points } as Column<FunctionRow>]
			: []),
	];
	return (
		<Table
			label="Functions by CPU time"
			testId="functions"
			rows={sorted}
			rowKey={(r) => r.name}
			columns={columns}
			sort={sort.key}
			order={sort.order}
			onSort={(key, order) => setSort({ key, order })}
			onOpen={(r) => onOpen(r.name)}
			card={(r) => (
				<>
					<div class="card-line mono clip">{r.name}</div>
					<div class="card-line small muted">
						itself {percent(r.self, root.count)}, with its callees {percent(r.total, root.count)}
						{root.before ? `, ${points(r)} points` : ''}
					</div>
				</>
			)}
		/>
	);
}
