// SPDX-License-Identifier: MIT
//
// What pictures on a canvas share: the colours of the theme, letters that can be read on each of them, and a canvas as sharp as the screen.
import { useLayoutEffect, type Inputs } from 'preact/hooks';
import type { RefObject } from 'preact';
import { useStore } from '../lib/store';
import { shownTheme } from '../state/settings';

export interface Look {
	color: (token: string) => string;
	on: (color: string) => string; // letters on that colour
}

const LETTER = 6.2; // px of a letter at 11 px, about

const channel = (value: number): number => {
	const part = value / 255;
	return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
};

/** Relative luminance of #rrggbb. */
export function luminance(color: string): number {
	const value = Number.parseInt(color.slice(1), 16);
	return 0.2126 * channel(value >> 16) + 0.7152 * channel((value >> 8) & 255) + 0.0722 * channel(value & 255);
}

/** `part` of one #rrggbb over another. */
export function mixed(over: string, under: string, part: number): string {
	const [a, b] = [Number.parseInt(over.slice(1), 16), Number.parseInt(under.slice(1), 16)];
	const mix = (shift: number): number =>
		Math.round(((a >> shift) & 255) * part + ((b >> shift) & 255) * (1 - part)) << shift;
	return `#${(mix(16) | mix(8) | mix(0)).toString(16).padStart(6, '0')}`;
}

/** Dark or light letters, whichever can be read better on the colour. */
export const readableOn = (color: string): string =>
	(luminance(color) + 0.05) / 0.055 >= 1.05 / (luminance(color) + 0.05) ? '#0c1014' : '#ffffff';

export function makeLook(): Look {
	const style = getComputedStyle(document.documentElement);
	const known = new Map<string, string>();
	const letters = new Map<string, string>();
	const remember = (map: Map<string, string>, key: string, make: () => string): string => {
		const found = map.get(key) ?? make();
		map.set(key, found);
		return found;
	};
	return {
		color: (token) => remember(known, token, () => style.getPropertyValue(`--${token}`).trim()),
		on: (color) => remember(letters, color, () => readableOn(color)),
	};
}

/** The text, cut so that it fits; empty when too little of it would. */
export function fitText(text: string, width: number): string {
	const room = Math.floor((width - 6) / LETTER);
	if (text.length <= room) return text;
	return room >= 4 ? `${text.slice(0, room - 1)}…` : '';
}

/** Draws when something in `inputs`, the size or the theme has changed. */
export function useDrawing(
	canvas: RefObject<HTMLCanvasElement | null>,
	width: number,
	height: number,
	draw: (context: CanvasRenderingContext2D, look: Look) => void,
	inputs: Inputs,
): void {
	const theme = useStore(shownTheme, (t) => t);
	useLayoutEffect(() => {
		const element = canvas.current;
		const context = element?.getContext('2d');
		if (!element || !context || width <= 0 || height <= 0) return;
		const scale = devicePixelRatio || 1;
		const [w, h] = [Math.round(width * scale), Math.round(height * scale)];
		if (element.width !== w) element.width = w;
		if (element.height !== h) element.height = h;
		context.setTransform(scale, 0, 0, scale, 0, 0);
		context.clearRect(0, 0, width, height);
		context.font = `11px ${getComputedStyle(element).fontFamily}`;
		context.textBaseline = 'middle';
		draw(context, makeLook());
	}, [width, height, theme, ...inputs]);
}
