// SPDX-License-Identifier: MIT
//
// The ledger: from the wire to each fate, what was lost where and why, and whether every border adds up.
import { useMemo } from 'preact/hooks';
import { known, percent, plural, whole } from '../lib/format';
import { useStore } from '../lib/store';
import { full } from '../lib/time';
import type { Interface, Loss } from '../net/wire';
import { counter, useLive } from '../state/live';
import { lossIsSeen, seeLosses, seen } from '../state/seen';
import { useSettings } from '../state/settings';
import { ledgerVerdict } from '../state/status';
import { interfaceTrouble } from '../state/interfaces';
import { sortLosses, waterfall, type Fate } from '../state/waterfall';
import { Empty, Panel, SeenButton, Waiting } from '../ui/bits';
import { Icon } from '../ui/icon';
import { WaterfallChart } from '../ui/waterfall';

const NO_LOSSES: Loss[] = [];
const NO_INTERFACES: Interface[] = [];

export function Ledger() {
	const frame = useLive((l) => l.frame);
	if (!frame)
		return (
			<div class="view">
				<Waiting />
			</div>
		);
	if (!frame.tick)
		return (
			<div class="view">
				<Empty icon="ledger" title="Nothing to account for yet">
					Totals appear after the first tick.
				</Empty>
			</div>
		);
	return (
		<div class="view">
			<Way />
			<Interfaces />
			<Losses />
			<Borders />
		</div>
	);
}

function useFates(): Fate[] {
	const hello = useLive((l) => l.hello);
	const fates = useLive((l) => l.frame?.mix?.fates ?? null);
	return useMemo(() => {
		const help = new Map(hello?.counters.map((c) => [c.name, c.help]));
		return (fates ?? []).map(([name, count]) => ({ name, count, help: help.get(`fate_${name}`) ?? '' }));
	}, [hello, fates]);
}

function Way() {
	const fates = useFates();
	const live = useLive((l) => l);
	const source = live.hello?.source;
	const lanes = (live.frame?.cores ?? []).some((c) => c.waiting !== null && c.waiting !== undefined);
	const data = waterfall((name) => counter(live, name), fates, lanes, source?.live ?? false);
	return (
		<Panel title="From the wire to each fate" tools={<Badge />}>
			<WaterfallChart data={data} />
		</Panel>
	);
}

function Badge() {
	const [tone, text, detail] = useLive((l) => {
		const v = ledgerVerdict(l);
		return [v.tone, v.text, v.detail] as const;
	});
	return (
		<span class={`badge ${tone}`} data-balanced={tone === 'good'} title={detail}>
			<Icon name={tone === 'good' ? 'check' : tone === 'bad' ? 'cross' : 'wait'} small />
			{text.toLowerCase()}
		</span>
	);
}

/** Of several interfaces: what came over each, and what is wrong with it. */
function Interfaces() {
	const list = useLive((l) => l.frame?.interfaces ?? NO_INTERFACES);
	if (list.length < 2) return null;
	return (
		<Panel title="Interfaces" flush>
			<ul class="borders" aria-label={plural(list.length, 'interface')}>
				{list.map((one) => {
					const { tone, words } = interfaceTrouble(one);
					return (
						<li key={one.name} data-interface={one.name}>
							<span class={tone}>
								<Icon name={tone === 'good' ? 'check' : tone === 'bad' ? 'cross' : 'warn'} small />
							</span>
							<b class="mono">{one.name}</b>
							<span class={`grow clip ${tone === 'good' ? 'muted' : ''}`}>{words}</span>
							<span class="mono">{plural(one.received, 'packet')}</span>
						</li>
					);
				})}
			</ul>
		</Panel>
	);
}

function Losses() {
	const losses = useLive((l) => l.frame?.losses ?? NO_LOSSES);
	const live = useLive((l) => l.hello?.source.live ?? false);
	const marked = useStore(seen, (s) => s);
	const news = useLive((l) => losses.some((loss) => !lossIsSeen(marked, l.hello?.boot_id, loss)));
	return (
		<Panel
			title="Losses and limits"
			class="col-6"
			flush
			tools={losses.length > 0 && <SeenButton news={news} onSeen={seeLosses} />}
		>
			{losses.length === 0 ? (
				<Empty icon="check" title="Nothing was lost and no limit was reached">
					{live
						? 'Interface, driver, kernel, lanes, flow table and outputs kept up since the start.'
						: 'From a file the reader waits instead of dropping; no table or queue was full.'}
				</Empty>
			) : (
				<ul class="losses">
					{sortLosses(losses).map((loss) => (
						<LossItem key={loss.counter} loss={loss} />
					))}
				</ul>
			)}
		</Panel>
	);
}

function LossItem({ loss }: { loss: Loss }) {
	const { zone } = useSettings();
	const help = useLive((l) => l.hello?.counters.find((c) => c.name === loss.counter)?.help ?? '');
	const received = useLive((l) => counter(l, 'rx_received'));
	const limit = loss.class === 'limit';
	return (
		<li>
			<details data-loss={loss.counter}>
				<summary>
					<span class={limit ? 'warn' : 'bad'} aria-hidden="true">
						{limit ? '◆' : '▼'}
					</span>
					<b class="mono">{whole(loss.count)}</b>
					<span class="grow clip">{loss.what ?? (help || loss.counter)}</span>
					<span class="tag">{loss.place}</span>
					{loss.class && <span class={`tag ${limit ? 'warn' : 'bad'}`}>{loss.class}</span>}
				</summary>
				<dl class="pairs">
					<dt>counter</dt>
					<dd class="mono">{loss.counter}</dd>
					<dt>place</dt>
					<dd>{loss.place}</dd>
					{loss.unit === 'packets' && <dt>share</dt>}
					{loss.unit === 'packets' && <dd>{percent(loss.count, (received ?? 0) + loss.count)}</dd>}
					<dt>since</dt>
					<dd>{loss.since === null ? 'not known' : full(loss.since * 1000, zone)}</dd>
					{known(loss.last) && <dt>last at</dt>}
					{known(loss.last) && <dd>{full(loss.last * 1000, zone)}</dd>}
				</dl>
				<p class="advice">{loss.advice}</p>
			</details>
		</li>
	);
}

function Borders() {
	const ledger = useLive((l) => l.frame?.ledger ?? null);
	if (!ledger) return null;
	return (
		<Panel
			title="Borders"
			class="col-6"
			flush
			tools={
				<span class="muted small">
					{ledger.exact
						? 'final: the run has ended'
						: 'those that hold while packets are in flight'}
				</span>
			}
		>
			{ledger.lines.length === 0 ? (
				<Empty title="No border can be checked now">Some can be checked only at the end of a run.</Empty>
			) : (
				<ul class="borders" aria-label={plural(ledger.lines.length, 'border')}>
					{ledger.lines.map((line) => {
						const good = line.have === line.want;
						return (
							<li key={line.what} class={good ? '' : 'broken'}>
								<span class={good ? 'good' : 'bad'}>
									<Icon name={good ? 'check' : 'cross'} small />
									<span class="offscreen">{good ? 'holds' : 'does not hold'}</span>
								</span>
								<span class="grow">{line.what}</span>
								<span class="mono">
									{whole(line.have)}
									{good ? '' : ` ≠ ${whole(line.want)}`}
								</span>
							</li>
						);
					})}
				</ul>
			)}
		</Panel>
	);
}
