// SPDX-License-Identifier: MIT
//
// The heat map's shades: ten steps of the square root, so that small stages can still be told apart.

export const SHADES = 10;

export function shade(value: number | null, most: number): number {
	if (value === null || value <= 0 || most <= 0) return 0;
	return Math.max(1, Math.min(SHADES - 1, Math.round(Math.sqrt(value / most) * (SHADES - 1))));
}

export const sumKnown = (values: (number | null)[] | null): number | null => {
	const known = (values ?? []).filter((v): v is number => v !== null);
	return known.length ? known.reduce((sum, v) => sum + v, 0) : null;
};

export const cyclesText = (value: number | null): string =>
	value === null ? '–' : value >= 1000 ? Math.round(value).toString() : value.toFixed(1);
