// SPDX-License-Identifier: MIT
//
// Where a reader stood: how far the view and its tables were scrolled and what had the focus. It is kept with the entry of the browser's
// history before a link is followed, and found again by whoever comes back.

export interface TablePlace {
	top: number; // px
	cursor: string | number | null; // key of a row
}

interface Focus {
	selector: string;
	at: number;
}

interface Kept {
	main?: number; // px
	focus?: Focus | null; // the element, as one of those that the selector finds
	tables?: Record<string, TablePlace>;
}

const PATIENCE_MS = 4000; // what is fetched is drawn by then

const tables = new Map<string, () => TablePlace>();

/** A table that is shown tells its place when it is left. Returns what ends that. */
export function tellPlace(id: string, read: () => TablePlace): () => void {
	tables.set(id, read);
	return () => {
		if (tables.get(id) === read) tables.delete(id);
	};
}

const kept = (): Kept => (typeof history === 'undefined' ? null : (history.state as Kept | null)) ?? {};

export const placeOfTable = (id: string | undefined): TablePlace | null => (id && kept().tables?.[id]) || null;

/** How to find an element again: a table by its name, a link by where it leads; null: neither. */
export function selectorOf(element: { getAttribute(name: string): string | null } | null): string | null {
	const [table, href] = [element?.getAttribute('data-table'), element?.getAttribute('href')];
	if (table) return `[data-table="${CSS.escape(table)}"]`;
	return href ? `a[href="${CSS.escape(href)}"]` : null;
}

function focused(): Focus | null {
	const selector = selectorOf(document.activeElement);
	if (!selector) return null;
	return { selector, at: [...document.querySelectorAll(selector)].indexOf(document.activeElement as Element) };
}

export function keepPlace(): void {
	const all = Object.fromEntries([...tables].map(([id, read]) => [id, read()]));
	const main = document.getElementById('main')?.scrollTop ?? 0;
	history.replaceState({ main, focus: focused(), tables: all } satisfies Kept, '');
}

let restoring = 0;

/** Scrolls and focuses as it was kept, as soon as what is fetched is there, unless the reader does something meanwhile. */
export function restorePlace(main: HTMLElement): void {
	const { main: top = 0, focus = null } = kept();
	const mine = ++restoring;
	const began = performance.now();
	const inputs = ['keydown', 'pointerdown', 'wheel'] as const;
	const stop = (): void => {
		if (mine === restoring) restoring++;
		for (const input of inputs) removeEventListener(input, stop, true);
	};
	for (const input of inputs) addEventListener(input, stop, { capture: true, passive: true });
	const look = (): void => {
		if (mine !== restoring) return stop();
		main.scrollTop = top;
		const element = focus && document.querySelectorAll<HTMLElement>(focus.selector)[focus.at];
		if (element && document.activeElement === document.body) element.focus({ preventScroll: true });
		const there = Math.abs(main.scrollTop - top) < 2 && (!focus || element);
		if (there || performance.now() - began > PATIENCE_MS) stop();
		else requestAnimationFrame(look);
	};
	look();
}

/** Keeps the place whenever a link of the page is about to be followed. */
export function startPlaces(): void {
	document.addEventListener(
		'click',
		(event) => {
			if (event.target instanceof Element && event.target.closest('a[href^="#/"]')) keepPlace();
		},
		true,
	);
}
