// SPDX-License-Identifier: MIT
//
// Flows added up by what they have in common: which groups there are, what they are called, and how exact an answer is, in words.
import { duration, plural, short, volumeText, whole, type Units } from '../lib/format';
import type { GroupRow, GroupsAnswer } from '../net/wire';

export interface Kind {
	by: string;
	tab: string;
	one: string;
	many: string;
	sent: string; // heads of the columns of both directions; empty: these groups have none
	received: string;
	lacks: string; // what flows that are in no row lack
	why: string; // when nothing has it
}

const OF_END = { sent: 'Sent', received: 'Received' };
const OF_SERVER = { sent: 'From server', received: 'To server' };
const NONE = { sent: '', received: '' };

export const KINDS: readonly Kind[] = [
	{ by: 'host', tab: 'Hosts', one: 'host', many: 'hosts', ...OF_END, lacks: 'address', why: '' },
	{ by: 'service', tab: 'Services', one: 'service', many: 'services', ...OF_SERVER, lacks: 'port', why: '' },
	{
		by: 'name',
		tab: 'Names',
		one: 'name',
		many: 'names',
		...OF_SERVER,
		lacks: 'name',
		why: 'Names are those that clients ask for: in TLS and QUIC, HTTP, DNS and others, with --names full.',
	},
	{ by: 'app', tab: 'Apps', one: 'application', many: 'applications', ...OF_SERVER, lacks: 'known application', why: '' },
	{ by: 'pair', tab: 'Talkers', one: 'pair', many: 'pairs', sent: '→', received: '←', lacks: 'address', why: '' },
	{ by: 'net24', tab: 'Networks', one: 'network', many: 'networks', ...OF_END, lacks: 'address', why: '' },
	{
		by: 'asn',
		tab: 'AS',
		one: 'AS',
		many: 'autonomous systems',
		...OF_END,
		lacks: 'AS at either end',
		why: 'Start with --geoip and a file that has autonomous systems.',
	},
	{
		by: 'country',
		tab: 'Countries',
		one: 'country',
		many: 'countries',
		...OF_END,
		lacks: 'country at either end',
		why: 'Start with --geoip and a file that has countries.',
	},
	{ by: 'vlan', tab: 'VLANs', one: 'VLAN', many: 'VLANs', ...NONE, lacks: 'VLAN tag', why: 'No packet had a tag.' },
	{
		by: 'interface',
		tab: 'Interfaces',
		one: 'interface',
		many: 'interfaces',
		...NONE,
		lacks: 'interface',
		why: 'The capture does not name the interface of its packets.',
	},
];

export const kindOf = (by: string | null): Kind => KINDS.find((kind) => kind.by === by) ?? (KINDS[0] as Kind);

/** Kinds that this server adds up; before it has said which: all. */
export const kindsOf = (told: string[] | undefined): Kind[] => KINDS.filter((kind) => told?.includes(kind.by) ?? true);

/** The two addresses of a pair's key. */
export function pairOf(key: string): [string, string] {
	const at = key.indexOf(' ');
	return at < 0 ? [key, ''] : [key.slice(0, at), key.slice(at + 1)];
}

/** "443" and its protocol out of "tcp/443". */
export function serviceOf(key: string): { protocol: string; port: string } {
	const at = key.indexOf('/');
	return { protocol: key.slice(0, at), port: key.slice(at + 1) };
}

export const GROUP_SORTS = ['bytes', 'packets', 'flows'] as const;
export type GroupSort = (typeof GROUP_SORTS)[number];

/** What may be sorted by: packets of the last minute are not known. */
export const sortOf = (asked: string | undefined, last: boolean): GroupSort => {
	const sort = GROUP_SORTS.find((s) => s === asked) ?? 'bytes';
	return last && sort === 'packets' ? 'bytes' : sort;
};

/** What rows are sorted by, as a number. */
export const sizeOf = (row: { flows: number; bytes: number; packets: number | null }, sort: string): number =>
	(sort === 'flows' ? row.flows : sort === 'packets' ? row.packets : row.bytes) ?? 0;

const amount = (n: number, sort: string, units: Units): string =>
	sort === 'bytes' ? volumeText(n, units) : `${short(n)} ${sort}`;

export interface Exactness {
	exact: boolean;
	text: string; // how many groups, and how far that can be trusted
	detail: string; // the same at length
}

export function exactness(answer: GroupsAnswer, kind: Kind, units: Units): Exactness {
	const before = answer.before ?? 0;
	const shown = before + answer.rows.length;
	const count = answer.groups === null ? `More ${kind.many} than there is room for` : plural(answer.groups, kind.one, kind.many);
	if (answer.exact)
		return {
			exact: true,
			text: answer.groups === null ? `The largest ${kind.many}, exact` : `${count}, exact`,
			detail:
				answer.groups === null || answer.groups > shown
					? `Each sum is exact. No ${kind.one} behind those that are shown has more than ${amount(answer.bound, answer.sort, units)}.`
					: `Each sum is exact, and no ${kind.one} is missing.`,
		};
	if (answer.of_flows)
		return {
			exact: false,
			text: `${count} in the largest ${whole(answer.held)} of ${whole(answer.of_flows)} flows`,
			detail: 'Each sum is of the flows that the snapshot holds: what smaller ones add is not known.',
		};
	const bound = amount(answer.bound, answer.sort, units);
	const sure = answer.proven > 0
			? `the first ${whole(before + answer.proven)} are certain`
			: `no place ${before ? 'shown here' : 'in this list'} is certain`;
	return {
		exact: false,
		text: `${count}: ${sure}; one that is missing has at most ${bound}`,
		detail:
			kind.by === 'asn' || kind.by === 'country'
				? `Addresses that had no room are missing in the sums: each row may have up to ${bound} more.`
				: `Each sum that is shown is exact. A ${kind.one} that is not shown has at most ${bound}.`,
	};
}

/** Rows that can be asked for. */
export const rowsKnown = (answer: GroupsAnswer): number => (answer.before ?? 0) + answer.rows.length + (answer.more ?? 0);

/** What of the flows is in no row, as a sentence; empty: nothing. */
export function withoutText(answer: GroupsAnswer, kind: Kind, units: Units): string {
	if (!answer.without.flows) return '';
	return `${plural(answer.without.flows, 'flow')} with ${volumeText(answer.without.bytes, units)} ${
		answer.without.flows === 1 ? 'has' : 'have'
	} no ${kind.lacks}`;
}

/** How old an answer is that the server has given before; empty: less than a second. */
export const agoText = (answer: GroupsAnswer): string => {
	const seconds = Math.floor((answer.age_ms ?? 0) / 1000);
	return seconds ? `${duration(seconds)} ago` : '';
};

/** Which time the numbers cover. */
export const windowText = (answer: GroupsAnswer): string =>
	[answer.window ? `last ${duration(answer.window.to - answer.window.from)}` : 'all flows that are held', agoText(answer)].filter(Boolean).join(', ');

/** A part's share of all that matched, 0 to 1. */
export function shareOf(row: GroupRow, answer: GroupsAnswer): number {
	const all = sizeOf(answer.total, answer.sort);
	return all > 0 ? sizeOf(row, answer.sort) / all : 0;
}

/** Mean rate in bits per second over the window; null: not of a window. */
export function windowRate(row: GroupRow, answer: GroupsAnswer): number | null {
	const length = answer.window ? answer.window.to - answer.window.from : 0;
	return length > 0 ? (row.bytes * 8) / length : null;
}
