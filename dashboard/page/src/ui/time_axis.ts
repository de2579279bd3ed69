// SPDX-License-Identifier: MIT
//
// The time axis of all charts: steps that a person would choose, and the date where a day begins.
import type uPlot from 'uplot';
import { timeStep } from '../lib/axis';
import { clock, day, hourMinute, type Zone } from '../lib/time';
import { settings } from '../state/settings';

export function timeSplits(u: uPlot, _axis: number, min: number, max: number): number[] {
	const step = timeStep(max - min, Math.max(2, Math.floor(u.width / 90)));
	const list: number[] = [];
	for (let t = Math.ceil(min / step) * step; t <= max; t += step) list.push(t);
	return list;
}

export function timeValues(_u: uPlot, splits: number[]): string[] {
	const { zone } = settings.get();
	const step = splits.length > 1 ? (splits[1] as number) - (splits[0] as number) : 60;
	return splits.map((t, i) => {
		const time = step < 60 ? clock(t * 1000, zone) : hourMinute(t * 1000, zone);
		const date = day(t * 1000, zone);
		const other = i === 0 ? date !== day(Date.now(), zone) : date !== day((splits[i - 1] as number) * 1000, zone);
		return other ? `${time}\n${date}` : time;
	});
}

/** The time of day, with its date when that is not today's. */
export const moment = (ms: number, zone: Zone): string =>
	day(ms, zone) === day(Date.now(), zone) ? clock(ms, zone) : `${day(ms, zone)} ${clock(ms, zone)}`;

/** Room for a second line only where one is. */
export const timeSize = (_u: uPlot, values: string[] | null): number => (values?.some((v) => v.includes('\n')) ? 42 : 26);
