// SPDX-License-Identifier: MIT
//
// The effective configuration as rows, and doctor's findings whatever their shape.

export interface ConfigRow {
	key: string;
	value: string;
}

export interface ConfigSection {
	name: string;
	rows: ConfigRow[];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

export function valueWord(value: unknown): string {
	if (value === null || value === undefined || value === '') return '–';
	if (typeof value === 'boolean') return value ? 'yes' : 'no';
	if (Array.isArray(value)) return value.length ? value.map(valueWord).join(', ') : '–';
	if (isObject(value)) return JSON.stringify(value);
	return String(value);
}

/** Keys of one level and of deeper ones ("web.tls.enabled", or nested objects) by their section. */
export function configSections(config: Record<string, unknown>): ConfigSection[] {
	const sections = new Map<string, ConfigRow[]>();
	const add = (path: string[], value: unknown): void => {
		if (isObject(value)) {
			for (const [key, inner] of Object.entries(value)) add([...path, ...key.split('.')], inner);
			return;
		}
		const name = path.slice(0, -1).join('.');
		const rows = sections.get(name) ?? [];
		rows.push({ key: path[path.length - 1] ?? '', value: valueWord(value) });
		sections.set(name, rows);
	};
	add([], config);
	return [...sections].map(([name, rows]) => ({ name, rows }));
}

export type Level = 'ok' | 'note' | 'warn' | 'bad';

export interface Finding {
	level: Level;
	title: string;
	lines: string[];
}

const LEVELS: Record<string, Level> = {
	ok: 'ok',
	good: 'ok',
	pass: 'ok',
	info: 'note',
	note: 'note',
	hint: 'note',
	warn: 'warn',
	warning: 'warn',
	bad: 'bad',
	fail: 'bad',
	failed: 'bad',
	error: 'bad',
};
const TITLES = ['what', 'title', 'name', 'check', 'id'];
const LEVEL_KEYS = ['level', 'severity', 'verdict', 'status', 'state'];

function finding(item: unknown): Finding | null {
	if (typeof item === 'string') return { level: 'note', title: item, lines: [] };
	if (!isObject(item)) return null;
	const pick = (keys: string[]): string | undefined =>
		keys.map((k) => item[k]).find((v): v is string => typeof v === 'string');
	const title = pick(TITLES);
	const levelKey = LEVEL_KEYS.find((k) => typeof item[k] === 'string');
	const used = new Set([TITLES.find((k) => item[k] === title), levelKey]);
	const lines = Object.entries(item)
		.filter(([key, value]) => !used.has(key) && value !== null && value !== '' && key !== 'id')
		.map(([key, value]) => `${key.replaceAll('_', ' ')}: ${valueWord(value)}`);
	return {
		level: LEVELS[String(item[levelKey ?? '']).toLowerCase()] ?? 'note',
		title: title ?? lines.shift() ?? '?',
		lines,
	};
}

const RANK: Level[] = ['bad', 'warn', 'note', 'ok'];

/** Findings, the worst first; null: doctor did not look. */
export function findings(doctor: unknown): Finding[] | null {
	if (doctor === null || doctor === undefined) return null;
	const list = Array.isArray(doctor)
		? doctor
		: isObject(doctor) && Array.isArray(doctor['findings'])
			? (doctor['findings'] as unknown[])
			: isObject(doctor) && Array.isArray(doctor['checks'])
				? (doctor['checks'] as unknown[])
				: [];
	return list
		.map(finding)
		.filter((f): f is Finding => f !== null)
		.sort((a, b) => RANK.indexOf(a.level) - RANK.indexOf(b.level));
}

const NOT_BYTES = /_limit$|_each$/; // what the sizes were made from

export interface Budget {
	name: string;
	bytes: number;
}

/** Numbers in the memory budget, by their names. */
export function budgetRows(budget: unknown): Budget[] {
	if (!isObject(budget)) return [];
	return Object.entries(budget)
		.filter((entry): entry is [string, number] => typeof entry[1] === 'number' && !NOT_BYTES.test(entry[0]))
		.map(([name, bytes]) => ({ name: name.replace(/_bytes$/, '').replaceAll('_', ' '), bytes }));
}
