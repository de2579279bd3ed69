// SPDX-License-Identifier: MIT
//
// Draws the tracks of a timeline. A span of a pixel or more is a box; shorter ones share a column of one pixel, which is as high as its
// thread was busy and has the colour of what took most of it. So a picture costs as much as it is wide, however full the rings are.
import { firstEndingAfter, seriesOf, type Arrow, type Kind, type Timeline, type Track, type Window } from '../state/timeline';
import { fitText, type Look } from './canvas';

export const ROW = 34;
const TOP = 7;
const BAND = 18;
const ARROWS_MOST = 300;

export interface Chosen {
	track: Track;
	span: number;
}

export interface Scene {
	timeline: Timeline;
	window: Window;
	width: number;
	height: number;
	scroll: number; // px of tracks above the picture
	chosen: Chosen | null;
	track: Track | null; // the one that the keyboard is on
	marked: Window | null; // what is being marked to be zoomed
	cursor: number | null; // px
}

interface Pen extends Scene {
	context: CanvasRenderingContext2D;
	look: Look;
	fills: (string | CanvasPattern)[]; // by name
	letters: string[]; // by name
	scale: number; // px per µs
}

export function paintTimeline(context: CanvasRenderingContext2D, look: Look, scene: Scene): void {
	const { timeline, width, height, window } = scene;
	const pen: Pen = {
		...scene,
		context,
		look,
		fills: timeline.names.map(({ name, kind }) => fillOf(context, look, name, kind)),
		letters: timeline.names.map(({ name, kind }) => lettersOf(look, name, kind)),
		scale: width / (window.to - window.from),
	};
	timeline.tracks.forEach((track, i) => {
		const y = i * ROW - scene.scroll;
		if (y < height && y + ROW > 0) paintTrack(pen, track, y);
	});
	paintArrows(pen);
	paintOver(pen);
}

function fillOf(context: CanvasRenderingContext2D, look: Look, name: string, kind: Kind): string | CanvasPattern {
	if (kind === 'stage') return look.color(`s${seriesOf(name)}`);
	return kind === 'idle' ? look.color('line') : stripes(context, look);
}

const lettersOf = (look: Look, name: string, kind: Kind): string =>
	kind === 'stage' ? look.on(look.color(`s${seriesOf(name)}`)) : look.color(kind === 'idle' ? 'muted' : 'warn');

/** Waiting for another thread: striped, so that it is told from work without colours too. */
function stripes(context: CanvasRenderingContext2D, look: Look): string | CanvasPattern {
	const tile = document.createElement('canvas');
	tile.width = tile.height = 8;
	const pen = tile.getContext('2d');
	if (!pen) return look.color('warn');
	pen.fillStyle = look.color('warn-soft');
	pen.fillRect(0, 0, 8, 8);
	pen.strokeStyle = look.color('warn');
	pen.lineWidth = 1.5;
	for (const x of [-8, 0, 8]) {
		pen.moveTo(x, 8);
		pen.lineTo(x + 8, 0);
	}
	pen.stroke();
	return context.createPattern(tile, 'repeat') ?? look.color('warn');
}

function paintTrack(pen: Pen, track: Track, y: number): void {
	const { context, look, width, window } = pen;
	context.fillStyle = look.color(track === pen.track ? 'accent-soft' : 'raised');
	context.fillRect(0, y, width, ROW - 1);
	context.fillStyle = look.color('line');
	context.fillRect(0, y + ROW - 1, width, 1);
	context.fillStyle = look.color('sunken');
	context.fillRect(0, y + TOP, width, BAND);
	paintSpans(pen, track, y);
	context.fillStyle = look.color('accent');
	for (const round of pen.timeline.rounds) {
		if (round.track !== track || round.end < window.from || round.begin > window.to) continue;
		const x = Math.max(0, (round.begin - window.from) * pen.scale);
		context.fillRect(x, y + TOP - 4, Math.max(2, Math.min(width, (round.end - window.from) * pen.scale) - x), 2);
	}
	paintMarks(pen, track, y);
}

function paintSpans(pen: Pen, track: Track, y: number): void {
	const { window, scale, width } = pen;
	const sums = new Float64Array(pen.timeline.names.length);
	let column = -1;
	const flush = (): void => {
		if (column >= 0) paintColumn(pen, sums, column, y);
		sums.fill(0);
	};
	for (let i = firstEndingAfter(track, window.from); i < track.n; i++) {
		const begin = ((track.begin[i] as number) - window.from) * scale;
		const end = ((track.end[i] as number) - window.from) * scale;
		if (begin > width) break;
		const what = track.what[i] as number;
		if (end - begin >= 1) {
			flush();
			column = -1;
			paintBox(pen, what, track.amount[i] as number, Math.max(begin, -1), Math.min(end, width + 1), y);
			continue;
		}
		if (Math.floor(begin) !== column) {
			flush();
			column = Math.floor(begin);
		}
		sums[what] = (sums[what] as number) + end - begin;
	}
	flush();
}

function paintColumn({ context, timeline, fills, look }: Pen, sums: Float64Array, x: number, y: number): void {
	let busy = 0;
	let most = -1;
	let idle = false;
	sums.forEach((px, what) => {
		if (px === 0) return;
		if (timeline.names[what]?.kind === 'idle') {
			idle = true;
			return;
		}
		busy += px;
		if (most < 0 || px > (sums[most] as number)) most = what;
	});
	if (idle) {
		context.fillStyle = look.color('line');
		context.fillRect(x, y + TOP + 6, 1, BAND - 12);
	}
	if (most < 0) return;
	const height = Math.max(2, Math.min(1, busy) * BAND);
	context.fillStyle = fills[most] as string;
	context.fillRect(x, y + TOP + BAND - height, 1, height);
}

/** Idle is a thin line: what is tall is what somebody did. */
function paintBox(pen: Pen, what: number, n: number, begin: number, end: number, y: number): void {
	const { context, look } = pen;
	const { name, kind } = pen.timeline.names[what] as { name: string; kind: Kind };
	const idle = kind === 'idle';
	const width = end - begin;
	context.fillStyle = pen.fills[what] as string;
	context.fillRect(begin, y + TOP + (idle ? 6 : 0), width - (width > 3 ? 0.5 : 0), idle ? BAND - 12 : BAND);
	if (idle || width < 24) return;
	const whole = n ? `${name} ${n}` : name;
	const text = fitText(whole, width) === whole ? whole : fitText(name, width);
	if (!text) return;
	if (kind === 'wait') {
		context.fillStyle = look.color('warn-soft');
		context.fillRect(begin + 2, y + TOP + 3, context.measureText(text).width + 4, BAND - 6);
	}
	context.fillStyle = pen.letters[what] as string;
	context.fillText(text, Math.max(begin, 0) + 4, y + TOP + BAND / 2 + 0.5, width - 4);
}

/** A loss points down, everything else that was counted is a dot. */
function paintMarks({ context, look, window, scale, width }: Pen, track: Track, y: number): void {
	let before = -9;
	for (const mark of track.marks) {
		const x = (mark.at - window.from) * scale;
		if (x < 0 || x > width || x - before < 1) continue;
		before = x;
		context.fillStyle = look.color(mark.loss ? 'chart-loss' : 'muted');
		context.beginPath();
		if (mark.loss) {
			context.moveTo(x - 4, y + TOP + BAND + 1);
			context.lineTo(x + 4, y + TOP + BAND + 1);
			context.lineTo(x, y + TOP + BAND + 8);
		} else context.arc(x, y + TOP + BAND + 4.5, 2.2, 0, 2 * Math.PI);
		context.fill();
	}
}

/** Bursts on their way over lanes, of which an end is in sight, when there are few enough to be followed. */
function paintArrows(pen: Pen): void {
	const { timeline, window, context, look, scale, scroll } = pen;
	const inside = (at: number): boolean => at >= window.from && at <= window.to;
	const seen: Arrow[] = [];
	for (const arrow of timeline.arrows)
		if ((inside(arrow.sent) || inside(arrow.received)) && seen.push(arrow) > ARROWS_MOST) return;
	const middle = (track: Track): number => timeline.tracks.indexOf(track) * ROW - scroll + TOP + BAND / 2;
	context.strokeStyle = look.color('ink');
	context.fillStyle = look.color('ink');
	context.globalAlpha = 0.55;
	for (const arrow of seen) {
		const [x0, y0] = [(arrow.sent - window.from) * scale, middle(arrow.from)];
		const [x1, y1] = [(arrow.received - window.from) * scale, middle(arrow.to)];
		const bend = Math.max(8, Math.min(60, (x1 - x0) / 2));
		context.beginPath();
		context.moveTo(x0, y0);
		context.bezierCurveTo(x0 + bend, y0, x1 - bend, y1, x1, y1);
		context.stroke();
		context.beginPath();
		context.moveTo(x1, y1);
		context.lineTo(x1 - 5, y1 - 3);
		context.lineTo(x1 - 5, y1 + 3);
		context.fill();
	}
	context.globalAlpha = 1;
}

function paintOver({ context, look, timeline, window, scale, scroll, width, height, chosen, marked, cursor }: Pen): void {
	if (chosen) {
		const { track, span } = chosen;
		const begin = ((track.begin[span] as number) - window.from) * scale;
		const end = ((track.end[span] as number) - window.from) * scale;
		context.strokeStyle = look.color('ink');
		context.lineWidth = 2;
		context.strokeRect(
			Math.max(-4, begin),
			timeline.tracks.indexOf(track) * ROW - scroll + TOP - 1,
			Math.max(2, Math.min(width + 8, end) - Math.max(-4, begin)),
			BAND + 2,
		);
		context.lineWidth = 1;
	}
	if (marked) {
		context.globalAlpha = 0.18;
		context.fillStyle = look.color('accent');
		context.fillRect((marked.from - window.from) * scale, 0, (marked.to - marked.from) * scale, height);
		context.globalAlpha = 1;
	}
	if (cursor !== null) {
		context.fillStyle = look.color('muted');
		context.fillRect(Math.round(cursor), 0, 1, height);
	}
}
