// SPDX-License-Identifier: MIT
//
// Sampled packets and the inspector. The address names the packet, so that it can be sent to a colleague while it is kept.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { plural, whole } from '../lib/format';
import { go, useRoute, setQuery } from '../lib/router';
import { useStore } from '../lib/store';
import { inField } from '../lib/keys';
import { askPacket, Superseded } from '../net/ask';
import { link } from '../net/socket';
import type { PacketDetail, PacketRow } from '../net/wire';
import { matchesWords, terms } from '../state/filter';
import { useLive } from '../state/live';
import { sampleWords } from '../state/samples';
import { wantPackets } from '../state/session';
import { Empty, Waiting } from '../ui/bits';
import { FilterBar } from '../ui/filter_bar';
import { Icon } from '../ui/icon';
import { Inspector } from '../ui/inspector';
import { PacketTable } from '../ui/packet_table';
import { SamplingBar, useSampling, Wanted } from '../ui/sampling';
import { ServerFile } from '../ui/server_file';

const NO_EXAMPLES: readonly (readonly [string, string])[] = [];

export function Packets() {
	const { id, query } = useRoute();
	const kept = useLive((l) => l.packets);
	const after = useLive((l) => l.frame?.sampling?.after ?? 0);
	useEffect(wantPackets, []);
	const filter = query['filter'] ?? '';
	const all = useMemo(() => (after ? kept.filter((p) => p.id > after) : kept), [kept, after]);
	const rows = useMemo(() => {
		const words = terms(filter);
		return words.length ? all.filter((p) => matchesWords(words, p.line)) : all;
	}, [all, filter]);
	const selected = id === null ? null : Number(id);
	const open = (packet: PacketRow): void =>
		go({ view: 'packets', id: String(packet.id), query: { filter } }, selected !== null);
	useStepKeys(rows, selected, open);
	return (
		<div class={selected === null ? 'view fill packets' : 'view fill packets split'}>
			<div class="view-head">
				<FilterBar
					filter={filter}
					onChange={(next) => setQuery({ filter: next })}
					label="Filter sampled packets"
					placeholder="Words of the packet line: dns 10.0.0.1 !ack"
					list={NO_EXAMPLES}
				/>
				<Count shown={rows.length} all={all.length} />
				<Download rows={filter ? rows : null} after={after} />
				<SamplingBar />
			</div>
			<section class="panel stretch packet-list">
				<PacketTable
					rows={rows}
					selected={selected}
					onOpen={open}
					onMove={(p) => selected !== null && open(p)}
					stick={selected === null}
					empty={<NoPackets filter={filter} all={all.length} />}
				/>
			</section>
			{selected !== null && <Detail id={selected} onClose={() => go({ view: 'packets', query: { filter } })} />}
		</div>
	);
}

const IDS = 256; // at most, in one request

/** All packets that are kept, those that were sampled with the filter that is set, or those that the words show. */
function Download({ rows, after }: { rows: PacketRow[] | null; after: number }) {
	const ids = (rows ?? []).slice(-IDS).map((p) => p.id);
	const of = rows && rows.length > IDS ? `the newest ${IDS} of those` : 'those';
	return (
		<ServerFile
			class="button"
			href={`/api/v1/packets.pcapng${rows ? `?ids=${ids.join(',') || 0}` : after ? `?after=${after}` : ''}`}
			download="netscope-packets.pcapng"
			title={
				rows
					? `A capture file of ${of} that are shown`
					: `All packets that the server keeps${after ? ' of flows that match' : ''}, as a capture file`
			}
		>
			<Icon name="download" small />
			pcapng{rows && rows.length > IDS && ` (newest ${IDS})`}
		</ServerFile>
	);
}

function useStepKeys(rows: PacketRow[], selected: number | null, open: (packet: PacketRow) => void): void {
	useEffect(() => {
		const onKey = (event: KeyboardEvent): void => {
			if (inField(event.target) || event.ctrlKey || event.metaKey || event.altKey || selected === null) return;
			if (event.key === 'Escape') go({ view: 'packets' });
			const step = event.key === 'n' ? 1 : event.key === 'p' ? -1 : 0;
			const next = rows[rows.findIndex((p) => p.id === selected) + step];
			if (step && next) open(next);
		};
		document.addEventListener('keydown', onKey);
		return () => document.removeEventListener('keydown', onKey);
	}, [rows, selected]);
}

function Count({ shown, all }: { shown: number; all: number }) {
	const [text, why] = useLive((l) => sampleWords(l, all));
	return (
		<span class="muted small" data-packet-count={shown} title={why}>
			{shown === all ? '' : `${whole(shown)} shown · `}
			{text}
		</span>
	);
}

function NoPackets({ filter, all }: { filter: string; all: number }) {
	const rate = useLive((l) => l.hello?.settings?.sample_rate ?? 1);
	const [state, known] = useLive((l) => [l.frame?.state ?? null, l.known.packets] as const);
	const sampling = useSampling();
	if (all > 0)
		return (
			<Empty icon="search" title="No packet matches" next={<a href="#/packets">Show all packets</a>}>
				{plural(all, 'sampled packet')} in this browser; none has all of these words in its line:{' '}
				<code>{filter}</code>
			</Empty>
		);
	if (!known) return <Waiting />;
	if (sampling)
		return (
			<Empty icon="packets" title="No packet has matched yet">
				Only packets of <Wanted of={sampling} /> are sampled.
			</Empty>
		);
	if (rate === 0)
		return (
			<Empty icon="packets" title="Samples are off" next="Start with web.sample_rate = 1 or more.">
				web.sample_rate is 0, so no packet is copied for this list.
			</Empty>
		);
	if (state === 'link_down')
		return (
			<Empty icon="plug" title="The link is down">
				Packets appear here when it is back.
			</Empty>
		);
	return (
		<Empty icon="packets" title="No packets yet">
			Sampled packets appear here as they arrive.
		</Empty>
	);
}

function Detail({ id, onClose }: { id: number; onClose: () => void }) {
	const [detail, setDetail] = useState<PacketDetail | null>(null);
	const [error, setError] = useState('');
	const connected = useStore(link, (l) => l.phase === 'open');
	const boot = useLive((l) => l.hello?.boot_id ?? '');
	useEffect(() => {
		let over = false;
		if (!connected || !boot) return;
		setError('');
		askPacket(id)
			.then((d) => !over && setDetail(d))
			.catch((e: Error) => !over && !(e instanceof Superseded) && setError(e.message));
		return () => void (over = true);
	}, [id, connected, boot]);
	return (
		<section class="panel packet-detail">
			<header>
				<h2 class="grow clip">
					Packet {id} <span class="muted">{detail?.packet?.protocol}</span>
				</h2>
				{detail?.packet?.key && <a href={`#/flow/${encodeURIComponent(detail.packet.key)}`}>Its flow</a>}
				{detail?.found && (
					<ServerFile
						class="icon-button"
						href={`/api/v1/packets.pcapng?ids=${id}`}
						download={`netscope-packet-${id}.pcapng`}
						aria-label="This packet as pcapng"
						title="This packet as pcapng"
					>
						<Icon name="download" />
					</ServerFile>
				)}
				<button
					type="button"
					class="icon-button"
					aria-label="Close (Esc)"
					title="Close (Esc)"
					onClick={onClose}
				>
					<Icon name="cross" />
				</button>
			</header>
			<DetailBody detail={detail} error={error} />
		</section>
	);
}

function DetailBody({ detail, error }: { detail: PacketDetail | null; error: string }) {
	if (error)
		return (
			<Empty icon="cross" title="The packet could not be fetched" next="Choose it again to ask again.">
				{error}
			</Empty>
		);
	if (!detail) return <Empty title="Fetching the packet…" />;
	if (!detail.found)
		return (
			<Empty icon="packets" title="This packet is not kept any more" next="Choose a newer one.">
				{detail.message}
			</Empty>
		);
	return <Inspector detail={detail} />;
}
