// SPDX-License-Identifier: MIT
//
// Points in time as text, in UTC or in the reader's own zone. Input: milliseconds since 1970 UTC.
import { DASH, known, type Known } from './format';

export type Zone = 'utc' | 'local';

const two = (n: number): string => String(n).padStart(2, '0');
const three = (n: number): string => String(n).padStart(3, '0');

interface Parts {
	year: number;
	month: number;
	day: number;
	hour: number;
	minute: number;
	second: number;
	ms: number;
}

function split(ms: number, zone: Zone): Parts {
	const at = new Date(Math.floor(ms));
	if (zone === 'utc')
		return {
			year: at.getUTCFullYear(),
			month: at.getUTCMonth() + 1,
			day: at.getUTCDate(),
			hour: at.getUTCHours(),
			minute: at.getUTCMinutes(),
			second: at.getUTCSeconds(),
			ms: at.getUTCMilliseconds(),
		};
	return {
		year: at.getFullYear(),
		month: at.getMonth() + 1,
		day: at.getDate(),
		hour: at.getHours(),
		minute: at.getMinutes(),
		second: at.getSeconds(),
		ms: at.getMilliseconds(),
	};
}

export function clock(ms: Known, zone: Zone): string {
	if (!known(ms)) return DASH;
	const p = split(ms, zone);
	return `${two(p.hour)}:${two(p.minute)}:${two(p.second)}`;
}

export function hourMinute(ms: Known, zone: Zone): string {
	return clock(ms, zone).slice(0, 5);
}

export function clockMs(ms: Known, zone: Zone): string {
	if (!known(ms)) return DASH;
	return `${clock(ms, zone)}.${three(split(ms, zone).ms)}`;
}

export function day(ms: Known, zone: Zone): string {
	if (!known(ms)) return DASH;
	const p = split(ms, zone);
	return `${p.year}-${two(p.month)}-${two(p.day)}`;
}

export function full(ms: Known, zone: Zone): string {
	if (!known(ms)) return DASH;
	return `${day(ms, zone)} ${clockMs(ms, zone)} ${zoneName(zone)}`;
}

/** "UTC", or the reader's offset: "UTC+02:00". */
export function zoneName(zone: Zone, now = new Date()): string {
	if (zone === 'utc') return 'UTC';
	const minutes = -now.getTimezoneOffset();
	if (minutes === 0) return 'UTC+00:00';
	const size = Math.abs(minutes);
	return `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}
