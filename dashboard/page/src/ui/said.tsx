// SPDX-License-Identifier: MIT
//
// What flows say: application and name, and their columns.
import { useMemo } from 'preact/hooks';
import type { FlowRow } from '../net/wire';
import { sameText } from '../state/flow';
import { useLive } from '../state/live';
import type { Column } from './columns';
import { NameTerm, Term } from './term';

export interface Said {
	apps: boolean;
	names: boolean;
}

/** What this run tells of flows: docs/names.md. */
export function useSaid(): Said {
	const [apps, names] = useLive(
		(l) => [l.hello?.analysis?.['apps'] ?? false, l.hello?.analysis?.['names'] ?? false] as const,
	);
	return useMemo(() => ({ apps, names }), [apps, names]);
}

export const BY_PORT = 'Only its port says so: its bytes have said nothing that is known';

/** The application; with a question mark when nothing but the port tells it. */
export function App({ flow }: { flow: FlowRow }) {
	if (!flow.app) return <span class="muted">–</span>;
	const guess = flow.app_source !== 'payload';
	return (
		<Term term={sameText('app', flow.app)} {...(guess ? { class: 'muted', title: BY_PORT } : {})}>
			{flow.app}
			{guess && '?'}
		</Term>
	);
}

/** Whom the client asked for. It gives up letters of its front before any of its end. */
export function Name({ flow }: { flow: FlowRow }) {
	if (!flow.name) return <span class="muted">–</span>;
	return <NameTerm name={flow.name} />;
}

/** Columns of what flows say, for a run that listens to them. */
export function saidColumns(said: Said): Column<FlowRow>[] {
	const app: Column<FlowRow> = {
		key: 'app',
		label: 'App',
		width: 84,
		priority: 2,
		align: 'mono',
		sort: true,
		title: 'Application; with a question mark when only the port tells it',
		cell: (f) => <App flow={f} />,
	};
	const name: Column<FlowRow> = {
		key: 'name',
		label: 'Name',
		width: 154,
		grow: 1,
		priority: 1,
		sort: true,
		title: 'Whom the client asked for',
		cell: (f) => <Name flow={f} />,
	};
	return [...(said.apps ? [app] : []), ...(said.names ? [name] : [])];
}
