// SPDX-License-Identifier: MIT
//
// The one frame: top bar, rail, the view that the route names, and what lies over them.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentType } from 'preact';
import { listen } from './lib/keys';
import { restorePlace } from './lib/place';
import { useRoute } from './lib/router';
import { useStore } from './lib/store';
import { link } from './net/socket';
import { own, unseenNow } from './state/episodes';
import { useLive } from './state/live';
import { note } from './state/notes';
import { useSnapshot } from './state/snapshot';
import { Boundary } from './ui/boundary';
import { shortcuts } from './ui/shortcuts';
import { SnapshotBand } from './ui/snapshot';
import { Help } from './ui/help';
import { Offline } from './ui/offline';
import { Perf } from './ui/perf';
import { Rail } from './ui/rail';
import { Top } from './ui/top';
import { Alerts } from './views/alerts';
import { Cores } from './views/cores';
import { Dns } from './views/dns';
import { Fleet } from './views/fleet';
import { Flow } from './views/flow';
import { Flows } from './views/flows';
import { Host } from './views/host';
import { Ledger } from './views/ledger';
import { NotFound } from './views/not_found';
import { Overview } from './views/overview';
import { Packets } from './views/packets';
import { Profile } from './views/profile';
import { Snapshot } from './views/snapshot';
import { System } from './views/system';
import { Tcp } from './views/tcp';
import { Who } from './views/who';

const VIEWS: Record<string, ComponentType> = {
	overview: Overview,
	who: Who,
	host: Host,
	flows: Flows,
	flow: Flow,
	tcp: Tcp,
	dns: Dns,
	packets: Packets,
	alerts: Alerts,
	cores: Cores,
	profile: Profile,
	ledger: Ledger,
	fleet: Fleet,
	system: System,
	snapshot: Snapshot,
};

const titleOf = (view: string): string =>
	view === 'tcp' || view === 'dns' ? view.toUpperCase() : view.charAt(0).toUpperCase() + view.slice(1);

const perfWanted = /[?&]perf=1(&|$)/.test(location.search) || /[?&]perf=1(&|$)/.test(location.hash);

export function App() {
	const { view, id } = useRoute();
	const page = view === 'host' || view === 'flow' ? id : ''; // of others the id chooses a part
	const View = VIEWS[view] ?? NotFound;
	const [help, setHelp] = useState(false);
	const stale = useStore(link, (l) => l.phase !== 'open' && l.lostAt !== null);
	const text = useStore(note, (n) => n);
	const main = useRef<HTMLElement>(null);

	useEffect(() => listen(shortcuts(() => setHelp((open) => !open))), []);
	const file = useSnapshot();
	const mine = useStore(own, (o) => o);
	const alarms = useLive((l) => unseenNow(mine, l.hello?.boot_id ?? '', l.frame?.episodes) ?? 0);
	useEffect(() => {
		document.title = `${file ? 'Snapshot · ' : alarms ? `(${alarms}) ` : ''}${titleOf(view)} · NetScope`;
	}, [view, alarms, file]);
	useEffect(() => {
		if (main.current) restorePlace(main.current);
	}, [view, page]);

	return (
		<div class={stale ? 'frame stale' : 'frame'} data-view={view}>
			<button type="button" class="skip button" onClick={() => main.current?.focus()}>
				Skip to the content
			</button>
			<Top onHelp={() => setHelp(true)} />
			<SnapshotBand />
			<Rail />
			<main class="main" ref={main} tabIndex={0} id="main">
				<h1 class="offscreen">{view}</h1>
				<Boundary of={view}>
					<View key={file?.made} />
				</Boundary>
			</main>
			<Offline />
			<div aria-live="polite">{text && <div class="note">{text}</div>}</div>
			{perfWanted && <Perf />}
			{help && <Help onClose={() => setHelp(false)} />}
		</div>
	);
}
