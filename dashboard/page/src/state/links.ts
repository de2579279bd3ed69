// SPDX-License-Identifier: MIT
//
// Where a click on something leads: to what is shown now with one more term, to the flows with it, or to the page of a host.
import { formatRoute, type Route } from '../lib/router';
import { withTerm } from './filter';
import { sameText } from './flow';

/** The flows that a filter lets through. */
export const flowsHref = (filter: string): string => formatRoute({ view: 'flows', query: { list: 'all', filter } });

/** A value's term behind the filter of the view that is shown; of a view without one: the flows with it. */
export function termHref(now: Route, term: string): string {
	const filter = withTerm(now.query['filter'] ?? '', term);
	if (now.view === 'flows') return formatRoute({ ...now, query: { ...now.query, list: 'all', filter, focus: null } });
	if (now.view === 'who') return formatRoute({ ...now, query: { ...now.query, filter } });
	if (now.view === 'host' && now.id) return flowsHref(withTerm(`host:${now.id}`, term));
	return flowsHref(term);
}

/** The page of a host; the span of time that was chosen goes along. */
export const hostHref = (now: Route, ip: string): string =>
	formatRoute({ view: 'host', id: ip, query: { last: now.query['last'] ?? null } });

/** An endpoint as the server writes it, "10.0.0.1:443", "[2001:db8::1]:443", or an address alone; null: something else, as a MAC address. */
export function parseEnd(text: string): { ip: string; port: number | null } | null {
	const found = /^(?:\[([0-9a-f:.]+)\]|(\d+\.\d+\.\d+\.\d+)):(\d+)$/i.exec(text);
	if (found) return { ip: found[1] ?? found[2] ?? '', port: Number(found[3]) };
	if (/^\d+\.\d+\.\d+\.\d+$/.test(text)) return { ip: text, port: null };
	const mac = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text);
	return !mac && /^[0-9a-f:]*:[0-9a-f:.]*$/i.test(text) && text.includes(':') ? { ip: text, port: null } : null;
}

export const isAddress = (text: string): boolean => parseEnd(text)?.port === null;

const SHORT_PREFIX = 6; // characters of the front that are worth a gap

/** An address in two parts, of which the first may be cut: addresses of one network differ at their ends. */
export function addressParts(ip: string): [string, string] {
	const at = ip.length - 7;
	return at < SHORT_PREFIX - 3 ? ['', ip] : [ip.slice(0, at), ip.slice(at)];
}

/** What a field of a packet is called in the filter of flows; null: flows are not looked for by it. */
export function fieldTerm(name: string, value: string): string | null {
	if (/^(ip|ipv6)\.(src|dst)$/.test(name)) return isAddress(value) ? `host:${value}` : null;
	if (/^(tcp|udp|sctp)\.(src|dst)port$/.test(name)) return /^\d+$/.test(value) ? `port:${value}` : null;
	if (name === 'vlan.id') return /^\d+$/.test(value) ? `vlan:${value}` : null;
	const asked = ['dns.qry.name', 'tls.handshake.extensions_server_name', 'http.host'].includes(name);
	return asked ? sameText('name', value.replace(/\.$/, '').toLowerCase()) : null;
}
