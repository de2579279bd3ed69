// SPDX-License-Identifier: MIT
//
// Marks of an axis of time that may be hours or a microsecond wide: seconds of the minute, with as many digits as tell two marks apart.
import { niceStep, timeStep } from './axis';
import { clock, type Zone } from './time';

export interface Tick {
	at: number; // µs
	text: string;
}

const THIN = '\u202f';

/** Microseconds between two marks: whole seconds, or 1, 2 or 5 times a power of ten. */
export function rulerStep(width: number, most: number): number {
	const step = niceStep(width, most);
	return step <= 1e6 ? step : timeStep(width / 1e6, most) * 1e6;
}

/** What stands at a mark: the time of day, or below a second the second and its fraction: "04.123 456". */
export function rulerText(at: number, began: number, step: number, zone: Zone): string {
	const whole = Math.floor(began);
	const us = (began - whole) * 1e6 + at;
	const digits = Math.max(0, Math.min(9, Math.ceil(6 - Math.log10(step) - 1e-9)));
	const rounded = Math.round(us * 10 ** (digits - 6));
	const second = whole + Math.floor(rounded / 10 ** digits);
	const time = clock(second * 1000, zone);
	if (digits === 0) return time;
	const fraction = String(rounded % 10 ** digits).padStart(digits, '0');
	return `${time.slice(6)}.${fraction.replace(/(\d{3})(?=\d)/g, `$1${THIN}`)}`;
}

/** Marks for a window whose times count from `began`, in seconds since 1970; on whole steps of that clock. */
export function rulerTicks(from: number, to: number, began: number, most: number, zone: Zone): Tick[] {
	const step = rulerStep(to - from, most);
	const shift = ((began - Math.floor(began)) * 1e6) % step;
	const ticks: Tick[] = [];
	for (let at = Math.ceil((from + shift) / step) * step - shift; at <= to && ticks.length < 64; at += step)
		ticks.push({ at, text: rulerText(at, began, step, zone) });
	return ticks;
}
