// SPDX-License-Identifier: MIT
//
// Axis steps that a person would choose: 1, 2 or 5 times a power of ten.

export function niceStep(span: number, most: number): number {
	if (!(span > 0) || most < 1) return 1;
	const rough = span / most;
	const power = 10 ** Math.floor(Math.log10(rough));
	for (const factor of [1, 2, 5, 10]) if (factor * power >= rough * (1 - 1e-9)) return factor * power;
	return 10 * power;
}

/** The top of an axis that starts at 0: a whole number of nice steps, never below `least`. */
export function niceTop(max: number, least = 1, steps = 4): number {
	const top = Math.max(max, least);
	const step = niceStep(top, steps);
	return Math.ceil(top / step - 1e-9) * step;
}

export function ticks(top: number, steps = 4): number[] {
	const step = niceStep(top, steps);
	const list: number[] = [];
	for (let i = 0; i * step <= top * (1 + 1e-9); i++) list.push(i * step);
	return list;
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800];

/** Seconds between two marks of a time axis. */
export function timeStep(spanSeconds: number, most: number): number {
	for (const step of TIME_STEPS) if (spanSeconds / step <= most) return step;
	return 2_592_000;
}
