// SPDX-License-Identifier: MIT
//
// What is shown here, in other tools: --web-link of docs/dashboard.md. Plain links, which tell the other side nothing of this page.
import { useLive } from '../state/live';
import { toolLinks, type ToolLink, type ToolValues } from '../state/tools';

const NONE: ToolLink[] = [];

export function ToolLinks({ values }: { values: ToolValues }) {
	const links = useLive((l) => l.hello?.links ?? NONE);
	return (
		<>
			{toolLinks(links, values).map(({ name, url }) => (
				<a key={name} class="button small" href={url} target="_blank" rel="noopener noreferrer" data-tool={name}>
					{name}
				</a>
			))}
		</>
	);
}
