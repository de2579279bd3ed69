// SPDX-License-Identifier: MIT
//
// Where the time goes, in two pictures: thread by thread, and function by function.
import { go, useRoute } from '../lib/router';
import { Segments } from '../ui/bits';
import { FlameView } from './flame';
import { TimelineTools, TimelineView } from './timeline';

const PICTURES = [
	['timeline', 'Timeline'],
	['flame', 'Flame graph'],
] as const;

export function Profile() {
	const { id } = useRoute();
	const flame = id === 'flame';
	return (
		<div class="view">
			<div class="view-head">
				<Segments
					label="Picture"
					value={flame ? 'flame' : 'timeline'}
					options={PICTURES}
					onChange={(next) => go({ view: 'profile', id: next === 'flame' ? next : null })}
				/>
				{!flame && <TimelineTools />}
			</div>
			{flame ? <FlameView /> : <TimelineView />}
		</div>
	);
}
