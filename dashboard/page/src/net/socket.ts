// SPDX-License-Identifier: MIT
//
// The WebSocket with back-off: it is opened again until close() is called. Liveness is a ping every few seconds; a connection that
// answers none is closed and opened anew.
import { createStore, type Store } from '../lib/store';
import { backoffMs } from './backoff';
import { ClockOffset, now, sample } from './clock';
import { answerFrom, fileSource, type Source } from './source';
import { readMessage, type Message } from './wire';

const PING_MS = 3000;
const SILENT_MS = 12_000;

export interface Link {
	phase: 'connecting' | 'open' | 'waiting';
	attempt: number;
	retryAt: number | null; // ms, this browser's clock
	lostAt: number | null; // since when there is no connection
	reason: string;
}

export const link: Store<Link> = createStore<Link>({
	phase: 'connecting',
	attempt: 0,
	retryAt: null,
	lostAt: null,
	reason: '',
});
export const clockOffset = new ClockOffset();

const CLOSED: Record<number, string> = {
	1001: 'The server has ended.',
	1008: 'The server refused: too many messages.',
	1009: 'The server refused a message that was too long.',
	1013: 'This browser did not keep up.',
};

const UNREACHED = 'The server cannot be reached.';

type Listener = (message: Message) => void;

let socket: WebSocket | null = null;
let listener: Listener = () => {};
let retryTimer: ReturnType<typeof setTimeout> | undefined;
let pingTimer: ReturnType<typeof setInterval> | undefined;
let heardAt = 0;

function address(): string {
	return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`;
}

function ping(): void {
	if (now() - heardAt > SILENT_MS) {
		lose(socket, 'The server does not answer.');
		return;
	}
	send({ type: 'ping', t: now() });
}

function receive(data: unknown): void {
	heardAt = now();
	const message = readMessage(data);
	if (!message) return;
	if (message.type === 'pong') clockOffset.add(sample(message.t, heardAt, message.server_ms));
	if (message.type === 'hello') opened();
	listener(message);
}

function opened(): void {
	link.set({ phase: 'open', attempt: 0, retryAt: null, lostAt: null, reason: '' });
	clockOffset.clear();
	clearInterval(pingTimer);
	pingTimer = setInterval(ping, PING_MS);
	for (const delay of [0, 250, 600]) setTimeout(() => send({ type: 'ping', t: now() }), delay);
}

function lose(which: WebSocket | null, reason: string): void {
	if (which !== socket) return;
	socket = null;
	which?.close();
	clearInterval(pingTimer);
	const before = link.get();
	const wait = backoffMs(before.attempt);
	link.set({
		phase: 'waiting',
		attempt: before.attempt + 1,
		retryAt: now() + wait,
		lostAt: before.lostAt ?? now(),
		reason,
	});
	clearTimeout(retryTimer);
	retryTimer = setTimeout(connect, wait);
}

/** A browser does not tell why a WebSocket was refused: the same address without one does. */
async function askWhy(): Promise<void> {
	const response = await fetch('/ws').catch(() => null);
	if (response?.status !== 503) return;
	const { error } = (await response.json().catch(() => ({}))) as { error?: string };
	if (error && link.get().phase === 'waiting') link.update((l) => ({ ...l, reason: `The server has no room: ${error}.` }));
}

function connect(): void {
	clearTimeout(retryTimer);
	const mine = new WebSocket(address());
	socket = mine;
	heardAt = now();
	link.update((l) => ({ ...l, phase: 'connecting', retryAt: null }));
	mine.onmessage = (event) => {
		if (mine === socket) receive(event.data);
	};
	mine.onclose = (event) => {
		lose(mine, event.reason || CLOSED[event.code] || UNREACHED);
		if (link.get().reason === UNREACHED) void askWhy();
	};
}

export function startSocket(onMessage: Listener): void {
	listener = onMessage;
	connect();
	addEventListener('online', retryNow);
}

/** Leaves the server for a snapshot, which is always there. */
export function leaveFor(source: Source): void {
	answerFrom(source);
	const old = socket;
	socket = null;
	old?.close();
	clearTimeout(retryTimer);
	clearInterval(pingTimer);
	link.set({ phase: 'open', attempt: 0, retryAt: null, lostAt: null, reason: '' });
}

export function retryNow(): void {
	if (link.get().phase === 'waiting') connect();
}

/** False when there is no connection: the message is then lost. */
export function send(message: Record<string, unknown> & { type: string }): boolean {
	const file = fileSource();
	if (file) {
		file.send(message);
		return true;
	}
	if (!socket || socket.readyState !== WebSocket.OPEN) return false;
	socket.send(JSON.stringify(message));
	return true;
}
