// SPDX-License-Identifier: MIT
//
// Numbers as text. Every function takes null for "not known" and says so with a dash: an unknown is never 0.
// Digits are chosen so that a value keeps its width while it moves.

/** Null, and a member that the server does not send, are "not known". */
export type Known = number | null | undefined;
export const DASH = '–';
export const known = (value: Known): value is number => typeof value === 'number' && Number.isFinite(value);
export type Units = 'bits' | 'bytes';

interface Scaled {
	value: string;
	unit: string;
}

const SI = ['', 'k', 'M', 'G', 'T', 'P'];

/** Three or four digits: 9.99, 99.9, 999. */
export function digits3(value: number): string {
	const size = Math.abs(value);
	if (size >= 99.95) return value.toFixed(0);
	return size >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

function scale(value: number, base: number): [number, number] {
	let step = 0;
	while (Math.abs(value) >= base * 0.9995 && step < SI.length - 1) {
		value /= base;
		step++;
	}
	return [value, step];
}

export function scaled(value: Known, unit: string, whole = false): Scaled {
	if (!known(value)) return { value: DASH, unit };
	const [small, step] = scale(value, 1000);
	const text = step === 0 && (whole || Number.isInteger(small)) ? small.toFixed(0) : digits3(small);
	return { value: text, unit: (SI[step] ?? '') + unit };
}

/** A rate given in bits per second, in the units that the person chose. */
export function rate(bitsPerSecond: Known, units: Units): Scaled {
	const value = !known(bitsPerSecond) ? null : units === 'bits' ? bitsPerSecond : bitsPerSecond / 8;
	return scaled(value, units === 'bits' ? 'bit/s' : 'B/s');
}

/** A volume given in bytes. */
export function volume(bytes: Known, units: Units): Scaled {
	return scaled(!known(bytes) ? null : units === 'bits' ? bytes * 8 : bytes, units === 'bits' ? 'bit' : 'B', true);
}

export function join(part: Scaled): string {
	if (part.value === DASH) return DASH;
	return part.unit ? `${part.value} ${part.unit}` : part.value;
}

export const rateText = (bps: Known, units: Units): string => join(rate(bps, units));
export const volumeText = (bytes: Known, units: Units): string => join(volume(bytes, units));
export const short = (value: Known, unit = ''): string =>
	join(scaled(value, unit, true)).replace(/ (?=[kMGTP]$)/, '\u202f');

/** Without zeros that say nothing: "15.0 Gbit/s" is "15 Gbit/s" on an axis. */
export const tidy = (text: string): string => text.replace(/(\.\d*?)0+(?=\D|$)/, '$1').replace(/\.(?=\D|$)/, '');

/** Memory: powers of two, as the arenas are laid out. */
export function memory(bytes: Known): string {
	if (!known(bytes)) return DASH;
	const names = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
	let step = 0;
	let value = bytes;
	while (value >= 1023.5 && step < names.length - 1) {
		value /= 1024;
		step++;
	}
	return `${step === 0 ? value.toFixed(0) : digits3(value)} ${names[step]}`;
}

/** All digits, in groups of three: 12,345,678. */
export function whole(value: Known): string {
	if (!known(value)) return DASH;
	return Math.round(value)
		.toString()
		.replace(/\B(?=(\d{3})+$)/g, ',');
}

export function percent(part: Known, total: Known): string {
	if (!known(part) || !known(total) || total <= 0) return DASH;
	const share = (part / total) * 100;
	if (share > 0 && share < 0.05) return '<0.1 %';
	if (share < 100 && share > 99.95) return '>99.9 %';
	return `${share.toFixed(1)} %`;
}

/** A duration given in seconds: 1.20 ms, 4.5 s, 3 min 05 s, 2 h 07 min, 5 d 03 h. */
export function duration(seconds: Known): string {
	if (!known(seconds)) return DASH;
	if (seconds < 0) return `-${duration(-seconds)}`;
	if (seconds === 0) return '0 s';
	if (seconds < 1e-6) return `${digits3(seconds * 1e9)} ns`;
	if (seconds < 1e-3) return `${digits3(seconds * 1e6)} µs`;
	if (seconds < 1) return `${digits3(seconds * 1e3)} ms`;
	if (seconds < 60) return `${digits3(seconds)} s`;
	return longDuration(Math.round(seconds));
}

function longDuration(seconds: number): string {
	const two = (n: number): string => String(n).padStart(2, '0');
	if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
	const minutes = Math.floor(seconds / 60);
	if (minutes < 1440) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
	const hours = Math.floor(minutes / 60);
	return `${Math.floor(hours / 24)} d ${two(hours % 24)} h`;
}

export const milliseconds = (ms: Known): string => (!known(ms) ? DASH : duration(ms / 1000));

export const plural = (n: number, one: string, many = `${one}s`): string => `${whole(n)} ${n === 1 ? one : many}`;
