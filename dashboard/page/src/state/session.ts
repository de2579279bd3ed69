// SPDX-License-Identifier: MIT
//
// Ties the socket to the state: what happens on each message, on pause, when the tab is hidden and when it is back.
import { createStore, useStore, type Store } from '../lib/store';
import { answer, dropAll } from '../net/ask';
import { getAlerts, getPackets } from '../net/api';
import { leaveFor, link, send, startSocket } from '../net/socket';
import { fileSource, type Source } from '../net/source';
import { now } from '../net/clock';
import type { Frame, Hello, Message } from '../net/wire';
import { addEvents, fetchEvents } from './events';
import { addPoints, fetchHistory, forgetHistory } from './history';
import { EMPTY, live, PACKETS_KEPT, withAlerts, withFrame, withHello, withPackets } from './live';
import { notify } from './notes';

const HIDDEN_MS = 10_000;
const DRAW_MS = 150; // between two pictures: nobody reads faster
const PENDING_MOST = 64; // a window that is not drawn, and not called hidden

/** Since when the page stands still, in ms of this browser; null: it moves. */
export const pausedAt: Store<number | null> = createStore<number | null>(null);
export const usePaused = (): boolean => useStore(pausedAt, (p) => p !== null);

/** Called with each frame as it arrives, before anything is drawn. */
export const onFrame = new Set<(frame: Frame, receivedMs: number) => void>();

let pendingFrames: Frame[] = [];
let drawing = false;
let drawnAt = 0;
let skipGap = false; // the next gap in frame_seq is one that was asked for

export function wantedRate(hidden: boolean, paused: boolean, tickMs: number): number {
	if (paused) return 0;
	return hidden ? Math.max(HIDDEN_MS, tickMs) : tickMs;
}

function askRate(): void {
	const hello = live.get().hello;
	if (!hello) return;
	skipGap = true;
	send({ type: 'set_rate', tick_ms: wantedRate(document.hidden, pausedAt.get() !== null, hello.tick_ms) });
}

let packetsWanted = false; // a view that shows sampled packets has been open

async function fillPackets(): Promise<void> {
	const { hello, known, packets } = live.get();
	const newest = known.packets ? (packets.at(-1)?.id ?? null) : null;
	const fetched = await getPackets(newest, PACKETS_KEPT);
	live.update((l) => (l.hello?.boot_id === hello?.boot_id ? withPackets(l, fetched.packets) : l));
}

/** Fetches the packets that the server keeps, and from now on those that a gap has left out. */
export function wantPackets(): void {
	if (packetsWanted) return;
	packetsWanted = true;
	if (live.get().hello) void fillPackets().catch(() => {});
}

async function fill(anew = false): Promise<void> {
	const boot = live.get().hello?.boot_id;
	const jobs = [
		packetsWanted && fillPackets(),
		fetchEvents(anew),
		getAlerts(null).then((a) => live.update((l) => (l.hello?.boot_id === boot ? withAlerts(l, a.alerts) : l))),
	];
	await Promise.allSettled(jobs);
}

function onHello(hello: Hello): void {
	const before = live.get();
	const restarted = before.hello !== null && before.hello.boot_id !== hello.boot_id;
	live.set(withHello(before, hello));
	skipGap = true;
	if (restarted) {
		pausedAt.set(null);
		notify('The server was restarted: counters and history begin anew.', 5000);
	}
	if (restarted || before.hello === null) forgetHistory();
	else void fetchHistory();
	askRate();
	if (pausedAt.get() === null) void fill(restarted || before.hello === null);
}

/** Frames are taken in when the browser is about to draw, at most seven times a second: never more work than pictures. A hidden tab draws nothing, so it takes them at once. */
function takeFrames(): void {
	drawing = false;
	drawnAt = now();
	const frames = pendingFrames;
	pendingFrames = [];
	if (pausedAt.get() !== null || !frames.length) return;
	let next = live.get();
	for (const frame of frames) {
		next = withFrame(next, frame, !document.hidden && !skipGap);
		skipGap = false;
		addPoints(frame.points ?? []);
		addEvents(frame.events);
	}
	live.set(next);
}

function onFrameMessage(frame: Frame): void {
	const at = now();
	for (const tell of onFrame) tell(frame, at);
	pendingFrames.push(frame);
	if (document.hidden || pendingFrames.length >= PENDING_MOST) takeFrames();
	else if (!drawing) {
		drawing = true;
		const draw = (): number => requestAnimationFrame(takeFrames);
		if (at < drawnAt + DRAW_MS) setTimeout(draw, drawnAt + DRAW_MS - at);
		else draw();
	}
}

function onMessage(message: Message): void {
	if (message.type === 'hello') onHello(message);
	else if (message.type === 'frame') onFrameMessage(message);
	else answer(message);
}

/** All that is shown comes from a file from now on; whatever came from a server or another file is forgotten. */
export function startFile(source: Source, hello: Hello, frame: Frame): void {
	leaveFor(source);
	dropAll();
	pausedAt.set(null);
	pendingFrames = [];
	live.set(EMPTY);
	onHello(hello);
	onFrameMessage(frame);
}

export function togglePause(): void {
	if (fileSource()) return;
	const paused = pausedAt.get() !== null;
	pausedAt.set(paused ? null : now());
	askRate();
	if (paused) {
		void fetchHistory();
		void fill();
	}
}

export function clearPackets(): void {
	live.update((l) => ({ ...l, packets: EMPTY.packets }));
}

export function startSession(): void {
	startSocket(onMessage);
	link.subscribe(() => {
		if (link.get().phase === 'waiting') dropAll();
	});
	document.addEventListener('visibilitychange', () => {
		askRate();
		if (!document.hidden) {
			takeFrames();
			void fetchHistory();
			if (pausedAt.get() === null) void fill();
		}
	});
}
