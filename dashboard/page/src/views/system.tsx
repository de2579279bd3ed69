// SPDX-License-Identifier: MIT
import { useState } from 'preact/hooks';
import { known, memory, plural, whole } from '../lib/format';
import { formatRoute } from '../lib/router';
import { clock, day } from '../lib/time';
import { getConfig, type Arena, type ConfigAnswer } from '../net/api';
import { useLive } from '../state/live';
import { usePaused } from '../state/session';
import { useSettings } from '../state/settings';
import { budgetRows, configSections, findings, type Level } from '../state/system';
import { Empty, Panel } from '../ui/bits';
import { Icon } from '../ui/icon';
import { usePoll } from '../ui/use';

const LEVEL_WORDS: Record<Level, [string, 'check' | 'warn' | 'cross' | 'help', string]> = {
	ok: ['good', 'check', 'good'],
	note: ['', 'help', 'note'],
	warn: ['warn', 'warn', 'warning'],
	bad: ['bad', 'cross', 'bad'],
};

export function System() {
	const [answer, setAnswer] = useState<ConfigAnswer | null>(null);
	const [error, setError] = useState('');
	const boot = useLive((l) => l.hello?.boot_id ?? '');
	const paused = usePaused();
	usePoll(
		async () => {
			if (!boot) return;
			await getConfig().then(
				(a) => {
					setAnswer(a);
					setError('');
				},
				(e: Error) => setError(e.message),
			);
		},
		5000,
		!paused,
		boot,
	);
	if (!answer)
		return (
			<div class="view">
				<Empty
					icon={error ? 'cross' : 'wait'}
					title={error ? 'The configuration could not be fetched' : 'Fetching…'}
				>
					{error}
				</Empty>
			</div>
		);
	return (
		<div class="view">
			<Run answer={answer} />
			<Doctor doctor={answer.doctor} />
			<Memory answer={answer} />
			<Config config={answer.config} />
		</div>
	);
}

function Run({ answer }: { answer: ConfigAnswer }) {
	const { zone } = useSettings();
	const hello = useLive((l) => l.hello);
	const clients = useLive((l) => l.frame?.clients ?? null);
	const items: [string, string][] = [
		['version', answer.version],
		['started', answer.started ? `${day(answer.started * 1000, zone)} ${clock(answer.started * 1000, zone)}` : '–'],
		['process', whole(answer.pid ?? null).replaceAll(',', '')],
		['source', [hello?.source.name, hello?.source.input].filter(Boolean).join(' · ')],
		['tick', hello ? `${hello.tick_ms} ms` : '–'],
		...(clients === null ? [] : [['browsers', whole(clients)] as [string, string]]),
		['boot', hello?.boot_id ?? '–'],
	];
	return (
		<Panel
			title="This run"
			tools={
				<a class="button small" href={formatRoute({ view: 'snapshot' })}>
					Snapshot
				</a>
			}
		>
			<dl class="numbers">
				{items.map(([name, value]) => (
					<div key={name}>
						<dt>{name}</dt>
						<dd class="mono clip" title={value}>
							{value}
						</dd>
					</div>
				))}
			</dl>
		</Panel>
	);
}

function Doctor({ doctor }: { doctor: unknown }) {
	const list = findings(doctor);
	return (
		<Panel title="Doctor's findings" class="col-6" flush>
			{list === null ? (
				<Empty
					icon="help"
					title="Doctor did not run"
					next={
						<>
							Run <code>netscope doctor</code> on the machine.
						</>
					}
				>
					It checks the interface, the kernel and the machine. A file or synthetic traffic needs none of that.
				</Empty>
			) : list.length === 0 ? (
				<Empty icon="check" title="No findings" />
			) : (
				<ul class="findings">
					{list.map((f, i) => {
						const [tone, icon, word] = LEVEL_WORDS[f.level];
						return (
							<li key={i}>
								<span class={tone}>
									<Icon name={icon} small />
									<span class="offscreen">{word}</span>
								</span>
								<div class="grow">
									{f.title}
									{f.lines.map((line) => (
										<div key={line} class="muted small">
											{line}
										</div>
									))}
								</div>
							</li>
						);
					})}
				</ul>
			)}
		</Panel>
	);
}

function Memory({ answer }: { answer: ConfigAnswer }) {
	const arenas = answer.memory?.arenas ?? [];
	const budget = budgetRows(answer.memory?.budget);
	const most = Math.max(1, ...arenas.map((a) => a.resident ?? a.allocated ?? 0), ...budget.map((b) => b.bytes));
	return (
		<Panel
			title="Memory"
			class="col-6"
			tools={
				<span class="small muted">
					resident in all <b class="mono">{memory(answer.memory?.rss ?? null)}</b>
				</span>
			}
		>
			{arenas.length === 0 && budget.length === 0 ? (
				<p class="muted">Not told: sanitizer builds use the C library's allocator, which has no arenas.</p>
			) : (
				<ul class="bars" aria-label="Memory by arena and by purpose">
					{arenas.map((arena) => (
						<ArenaBar key={arena.name} arena={arena} most={most} />
					))}
					{budget.length > 0 && <li class="bars-head">laid out before the first packet</li>}
					{budget.map((b) => (
						<li key={b.name}>
							<span class="clip">{b.name}</span>
							<span class="mono">{memory(b.bytes)}</span>
							<i class="planned" style={{ width: `${(b.bytes / most) * 100}%` }} />
						</li>
					))}
				</ul>
			)}
		</Panel>
	);
}

function ArenaBar({ arena, most }: { arena: Arena; most: number }) {
	const size = arena.resident ?? arena.allocated ?? 0;
	return (
		<li title={`allocated ${memory(arena.allocated)}, resident ${memory(arena.resident)}`}>
			<span class="clip">{arena.name}</span>
			<span class="mono">
				{memory(arena.allocated)}{' '}
				{known(arena.resident) && <span class="muted">of {memory(arena.resident)}</span>}
			</span>
			<i style={{ width: `${(size / most) * 100}%` }} />
		</li>
	);
}

function Config({ config }: { config: Record<string, unknown> }) {
	const sections = configSections(config);
	const all = sections.reduce((n, s) => n + s.rows.length, 0);
	return (
		<Panel
			title="Effective configuration"
			tools={<span class="muted small">{plural(all, 'key')}, as --print-config says</span>}
		>
			<div class="config">
				{sections.map((section) => (
					<section key={section.name}>
						<h3 class="mono">{section.name ? `[${section.name}]` : 'top'}</h3>
						<dl>
							{section.rows.map((row) => [
								<dt key={row.key} class="mono clip" title={row.key}>
									{row.key}
								</dt>,
								<dd key={`${row.key}v`} class="mono">
									{row.value}
								</dd>,
							])}
						</dl>
					</section>
				))}
			</div>
		</Panel>
	);
}
