// SPDX-License-Identifier: MIT
//
// All flows that a filter lets through, as a file: docs/web-api.md.
import { whole } from '../lib/format';
import { flowsFile } from '../net/api';
import { Icon } from './icon';
import { ServerFile } from './server_file';

export function FlowDownloads({ filter, matched }: { filter: string; matched: number }) {
	if (!matched) return null;
	return (
		<>
			{(['csv', 'json'] as const).map((format) => (
				<ServerFile
					key={format}
					class="button small"
					href={flowsFile(format, filter)}
					download
					title={`All ${whole(matched)} flows as ${format.toUpperCase()}, in the order of first packets, as the exports have them`}
					data-download={format}
				>
					<Icon name="download" small />
					{format.toUpperCase()}
				</ServerFile>
			))}
		</>
	);
}
