// SPDX-License-Identifier: MIT
//
// The filter language is the server's (docs/web-api.md). Here are its examples and what the page adds to a filter by a click.

export const FILTER_EXAMPLES: readonly (readonly [string, string])[] = [
	['name:example.com', 'it and all below it; also *.example.com'],
	['app:dns', 'application'],
	['port:443', 'either end'],
	['host:10.0.0.0/8', 'address or network'],
	['!host:10.0.0.9', 'not this one'],
	['proto:tcp state:reset', 'all terms must hold'],
	['rtt>50ms', 'also ns, us, s, m, h'],
	['bytes>10M retrans>0', 'k M G, Ki Mi Gi'],
	['port:80,443,8000-9000', 'any of these'],
	['ended:no', 'not those that have ended'],
];

/** What a run without names, or without applications, cannot find: the field of the first such term, or null. */
export function unheard(filter: string, said: { apps: boolean; names: boolean }): string | null {
	const field = /(?:^|\s)!?(app|app_source|name|sni|alpn|ja4)(?:[:=]|!=)/.exec(filter)?.[1] ?? null;
	const name = field === 'name' || field === 'sni';
	return (name ? said.names : said.apps) ? null : field;
}

/** What is shown and copied as terms of the language: an endpoint, "10.0.0.1:443" or "[2001:db8::1]:443", and a JA4 fingerprint. */
export const withEndpoints = (filter: string): string =>
	filter.replace(/(^|\s)(!?)([tqd]\w{9}_[0-9a-f]{12}_[0-9a-f]{12})(?=\s|$)/g, '$1$2ja4:$3').replace(
		/(^|\s)(!?)(?:\[([0-9a-f:.]+)\]|(\d+\.\d+\.\d+\.\d+)):(\d+)(?=\s|$)/gi,
		(_, space: string, not: string, six: string, four: string, port: string) =>
			`${space}${not}host:${six ?? four} ${not}port:${port}`,
	);

/** The one host that a filter asks for; null: none, several, or a network. */
export function hostOf(filter: string): string | null {
	const hosts = terms(filter).flatMap((term) => /^host[:=]([0-9a-f:.]+)$/i.exec(term)?.[1] ?? []);
	return hosts.length === 1 ? (hosts[0] ?? null) : null;
}

const CHOICE_BYTES = 160;

/** Packets that a filter chooses, as parameters of a download; null: their own bytes do not tell, or all are wanted. */
export function packetsOf(filter: string): Record<string, string> | null {
	const host = hostOf(filter);
	if (host && terms(filter).length === 1) return { host }; // with what makes no flow
	const all = terms(filter);
	const told = all.every((term) => /^!?(host|port|proto|protocol|ip)(?=\W)/.test(term));
	return all.length && told && filter.length <= CHOICE_BYTES ? { filter } : null;
}

/** The terms of a filter as typed, split at spaces. */
export const terms = (filter: string): string[] => filter.split(/\s+/).filter(Boolean);

export function withTerm(filter: string, term: string): string {
	const all = terms(filter);
	return all.includes(term) ? filter : [...all, term].join(' ');
}

export const withoutTerm = (filter: string, at: number): string =>
	terms(filter)
		.filter((_, i) => i !== at)
		.join(' ');

/** A plain text filter for lists that this browser holds: all words must occur, a leading ! turns one round. */
export function matchesWords(words: string[], text: string): boolean {
	const low = text.toLowerCase();
	return words.every((word) =>
		word.startsWith('!') && word.length > 1
			? !low.includes(word.slice(1).toLowerCase())
			: low.includes(word.toLowerCase()),
	);
}
