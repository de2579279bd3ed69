// SPDX-License-Identifier: MIT
import { useRoute } from '../lib/router';
import { Empty } from '../ui/bits';

export function NotFound() {
	const { view } = useRoute();
	return (
		<div class="view">
			<Empty
				icon="search"
				title={`There is no view "${view}"`}
				next={<a href="#/overview">Go to the overview</a>}
			>
				The address may be from another version.
			</Empty>
		</div>
	);
}
