// SPDX-License-Identifier: MIT
//
// Links to other tools, from the server's configuration: values are put into a template, each encoded, behind its host.
export interface ToolLink {
	name: string;
	url: string;
}

export type ToolValues = Partial<
	Record<'from_ms' | 'to_ms' | 'host' | 'peer' | 'port' | 'protocol' | 'app' | 'name' | 'key', string | number | null>
>;

/** The address; null: it needs a value that is not known here, or is none of http and https. */
export function fillLink(url: string, values: ToolValues): string | null {
	if (!/^https?:\/\//.test(url)) return null;
	let missing = false;
	const text = url.replace(/\{([a-z_]+)\}/g, (_, place: string) => {
		const value = values[place as keyof ToolValues];
		if (value === undefined || value === null || value === '') missing = true;
		return encodeURIComponent(String(value ?? ''));
	});
	return missing ? null : text;
}

export function toolLinks(links: readonly ToolLink[], values: ToolValues): ToolLink[] {
	return links.flatMap(({ name, url }) => {
		const filled = fillLink(url, values);
		return filled === null ? [] : [{ name, url: filled }];
	});
}
