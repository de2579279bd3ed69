// SPDX-License-Identifier: MIT
//
// Where the time goes, in two pictures: thread by thread, and function by function.
import { TimelineTools, TimelineView } from './timeline';

export function Profile() {
	return (
		<div class="view">
			<div class="view-head">
				<TimelineTools />
			</div>
			<TimelineView />
		</div>
	);
}
