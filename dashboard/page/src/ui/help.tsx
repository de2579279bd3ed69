// SPDX-License-Identifier: MIT
import { useEffect, useRef } from 'preact/hooks';
import { formatRoute, go } from '../lib/router';
import { useLive } from '../state/live';
import { UnitsAndZone } from './rail';
import { FILTER_EXAMPLES, withEndpoints } from '../state/filter';
import { Icon } from './icon';
import { shortcuts } from './shortcuts';

export function Help({ onClose }: { onClose: () => void }) {
	const dialog = useRef<HTMLDialogElement>(null);
	const fields = useLive((l) => l.hello?.filter?.fields ?? null);
	useEffect(() => {
		dialog.current?.showModal();
		return () => dialog.current?.close();
	}, []);
	const groups = grouped();
	return (
		<dialog
			ref={dialog}
			aria-label="Help"
			onClose={onClose}
			onKeyDown={(event) => event.key === '?' && onClose()}
			onClick={(event) => event.target === dialog.current && onClose()}
		>
			<header>
				<h2>Help and settings</h2>
				<button type="button" class="icon-button" aria-label="Close" onClick={onClose}>
					<Icon name="cross" />
				</button>
			</header>
			<form
				class="help-settings"
				onSubmit={(event) => {
					event.preventDefault();
					const text = new FormData(event.currentTarget).get('filter');
					onClose();
					go({ view: 'flows', query: { filter: withEndpoints(String(text ?? '').trim()), list: 'all' } });
				}}
			>
				<div class="field grow">
					<Icon name="search" small />
					<input type="search" name="filter" aria-label="Search flows from here" placeholder="Search flows" autocomplete="off" />
				</div>
				<UnitsAndZone />
				<a class="button" href={formatRoute({ view: 'snapshot' })} onClick={onClose}>
					Save or open a snapshot
				</a>
			</form>
			<div class="help">
				{groups.map(([group, list]) => (
					<section key={group}>
						<h3>{group}</h3>
						<dl>
							{list.map((s) => [
								<dt key={`${s.keys}k`}>
									<kbd>{s.keys.trim()}</kbd>
								</dt>,
								<dd key={`${s.keys}d`}>{s.what}</dd>,
							])}
						</dl>
					</section>
				))}
				<section class="wide">
					<h3>Filters</h3>
					<dl>
						{FILTER_EXAMPLES.map(([example, meaning]) => [
							<dt key={example} class="mono">
								{example}
							</dt>,
							<dd key={`${example}d`}>{meaning}</dd>,
						])}
					</dl>
				</section>
				{fields && (
					<section class="wide">
						<h3>Fields of a filter</h3>
						<dl>
							{fields.map((field) => [
								<dt key={field.name} class="mono">
									{field.name}
								</dt>,
								<dd key={`${field.name}d`}>
									{field.words ? `${field.help}: ${field.words.join(', ')}` : field.help}
								</dd>,
							])}
						</dl>
					</section>
				)}
			</div>
		</dialog>
	);
}

function grouped() {
	const groups = new Map<string, ReturnType<typeof shortcuts>>();
	for (const s of shortcuts(() => {})) groups.set(s.group, [...(groups.get(s.group) ?? []), s]);
	return [...groups];
}
