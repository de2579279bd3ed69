// SPDX-License-Identifier: MIT
//
// The way of the packets from the wire to their fates, as steps that each pass packets on and let some go.
import type { Loss } from '../net/wire';

export interface Exit {
	name: string;
	title: string;
	count: number;
	loss: boolean; // false: meant to go (the filter)
}

export interface Step {
	name: string;
	count: number; // packets that came here
	exits: Exit[];
	unknown: boolean; // its losses cannot be known
}

export interface Fate {
	name: string;
	help: string;
	count: number;
}

export interface Waterfall {
	steps: Step[];
	fates: Fate[];
}

export type Values = (name: string) => number | null;

const exit = (name: string, title: string, count: number | null, loss = true): Exit[] =>
	count ? [{ name, title, count, loss }] : [];

/** `lanes`: packets cross lanes in this run. A place that a source cannot ask is a step whose losses are unknown. */
export function waterfall(value: Values, fates: Fate[], lanes: boolean, live: boolean): Waterfall {
	const received = value('rx_received') ?? 0;
	const nic = value('rx_nic_drops');
	const stack = value('rx_stack_drops');
	const kernel = value('rx_kernel_drops');
	const delivered = value('rx_delivered') ?? received;
	const laneFull = value('lane_full');
	const behindStack = received + (kernel ?? 0);
	const behindNic = behindStack + (stack ?? 0);
	const steps: Step[] = [];
	if (live) {
		steps.push({ name: 'Wire', count: behindNic + (nic ?? 0), exits: [], unknown: false });
		steps.push({
			name: 'NIC',
			count: behindNic + (nic ?? 0),
			exits: exit('rx_nic_drops', 'lost in the interface', nic),
			unknown: nic === null,
		});
		steps.push({
			name: 'Driver',
			count: behindNic,
			exits: exit('rx_stack_drops', 'lost in driver or backlog', stack),
			unknown: stack === null,
		});
		steps.push({
			name: 'Kernel',
			count: behindStack,
			exits: exit('rx_kernel_drops', 'lost in the kernel', kernel),
			unknown: kernel === null,
		});
	}
	steps.push({
		name: live ? 'Source' : 'Input',
		count: received,
		exits: exit('rx_filtered', 'refused by the filter', value('rx_filtered'), false),
		unknown: false,
	});
	if (lanes)
		steps.push({
			name: 'Lanes',
			count: delivered,
			exits: exit('lane_full', 'lane was full', laneFull),
			unknown: false,
		});
	steps.push({ name: 'Decode', count: lanes ? delivered - (laneFull ?? 0) : delivered, exits: [], unknown: false });
	return { steps, fates: fates.filter((f) => f.count > 0).sort((a, b) => b.count - a.count) };
}

/** Heights in px of counts that share `room`; whatever is not 0 can be seen. */
export function heights(counts: number[], total: number, room: number, least = 2): number[] {
	return counts.map((count) => (count <= 0 || total <= 0 ? 0 : Math.max(least, (count / total) * room)));
}

export const sortLosses = (losses: Loss[]): Loss[] => [...losses].sort((a, b) => b.count - a.count);
