// SPDX-License-Identifier: MIT
//
// How many of the packets are here to be looked at, and why the others are not.
import { plural, whole } from '../lib/format';
import { counter, type Live } from './live';

/** What is here, of how many; and a sentence about the others. */
export function sampleWords(live: Live, here: number): [string, string] {
	const packets = counter(live, 'worker_packets');
	const chosen = live.frame?.sampling;
	if (chosen)
		return [
			`${whole(here)} of ${plural(Math.max(chosen.matched, here), 'packet')} that matched${chosen.missed ? ` · ${whole(chosen.missed)} missed` : ''}`,
			'Workers do not wait for this page, and a frame brings the newest 50 packets.',
		];
	const missed = counter(live, 'sample_missed') ?? 0;
	const rate = live.hello?.settings?.sample_rate ?? null;
	const of = packets !== null && packets > here ? `${whole(here)} of ${plural(packets, 'packet')}` : plural(here, 'packet');
	const sampling = rate === null ? '' : rate === 1 ? ' · sampling every packet' : ` · sampling one of ${whole(rate)}`;
	const late = missed ? ` · ${whole(missed)} missed` : '';
	const why = missed
		? 'Workers do not wait for this page: what comes faster than it takes samples is analysed, and not kept here.'
		: 'The newest samples are kept: web.packet_buffer.';
	return [of + sampling + late, packets !== null && packets > here ? why : ''];
}
