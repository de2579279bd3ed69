// SPDX-License-Identifier: MIT
//
// What must be where in a document that came from nobody knows where. Each reader copies what it knows and throws one sentence for the
// first value that is something else; what it does not know is left behind, so nothing in the copy has a name or a type of its own.
export type Read<T = unknown> = (value: unknown, at: string) => T;
export type Shape = Record<string, Read>;

const TEXT_MOST = 1 << 18; // characters
const LIST_MOST = 20_000;

function told(value: unknown): string {
	if (value === undefined) return 'nothing';
	if (Array.isArray(value)) return `a list of ${value.length}`;
	if (typeof value === 'object' && value) return 'an object';
	return JSON.stringify(typeof value === 'string' ? value.slice(0, 40) : value);
}

export function unfit(at: string, wanted: string, value: unknown): never {
	throw new Error(`${at || 'the file'}: ${wanted} is wanted, ${told(value)} was found`);
}

export const num: Read<number> = (v, at) => (typeof v === 'number' && Number.isFinite(v) ? v : unfit(at, 'a number', v));
export const bool: Read<boolean> = (v, at) => (typeof v === 'boolean' ? v : unfit(at, 'true or false', v));
export const str: Read<string> = (v, at) =>
	typeof v !== 'string' ? unfit(at, 'a text', v) : v.length > TEXT_MOST ? unfit(at, `a text of at most ${TEXT_MOST} characters`, v) : v;

/** Nothing and null stay what they are. */
export const maybe =
	<T>(read: Read<T>): Read<T | null | undefined> =>
	(v, at) =>
		v === null || v === undefined ? v : read(v, at);

export const list =
	<T>(read: Read<T>, most = LIST_MOST): Read<T[]> =>
	(v, at) => {
		if (!Array.isArray(v)) return unfit(at, 'a list', v);
		if (v.length > most) unfit(at, `a list of at most ${most}`, v);
		return v.map((item, i) => read(item, `${at}[${i}]`));
	};

const members = (v: unknown, at: string): Record<string, unknown> =>
	typeof v === 'object' && v && !Array.isArray(v) ? (v as Record<string, unknown>) : unfit(at, 'an object', v);

export const obj =
	(shape: Shape): Read<Record<string, unknown>> =>
	(v, at) => {
		const from = members(v, at);
		const to: Record<string, unknown> = {};
		for (const name in shape) {
			const value = (shape[name] as Read)(from[name], at ? `${at}.${name}` : name);
			if (value !== undefined) to[name] = value;
		}
		return to;
	};

const NAMELESS = ['__proto__', 'constructor', 'prototype'];

/** An object with any names. */
export const map =
	(read: Read): Read<Record<string, unknown>> =>
	(v, at) =>
		Object.fromEntries(
			Object.entries(members(v, at))
				.filter(([name]) => !NAMELESS.includes(name))
				.map(([name, value]) => [name, read(value, `${at}.${name.slice(0, 40)}`)]),
		);

/** Any JSON of so many levels, for what is shown as it is. */
export const any =
	(levels: number): Read =>
	(v, at) =>
		typeof v !== 'object' || !v ? v : levels === 0 ? unfit(at, 'something less deep', v) : Array.isArray(v) ? list(any(levels - 1))(v, at) : map(any(levels - 1))(v, at);

/** The same reader for several names. */
export const each = (read: Read, names: string): Shape => Object.fromEntries(names.split(' ').map((name) => [name, read]));

/** Rows whose names are written once: see pack(). */
export const packed =
	(shape: Shape): Read<Record<string, unknown>[]> =>
	(v, at) => {
		const { columns, rows } = members(v, at);
		const names = list(str, 200)(columns, `${at}.columns`);
		const read = obj(shape);
		return list((row, where) => {
			const values = list((x) => x, names.length)(row, where);
			return read(Object.fromEntries(names.map((name, i) => [name, values[i]])), where);
		})(rows, `${at}.rows`);
	};
