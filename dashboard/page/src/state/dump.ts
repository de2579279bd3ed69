// SPDX-License-Identifier: MIT
//
// The timeline that was taken last: it stays until another one is taken, so that a look at another view does not lose it.
import { createStore, type Store } from '../lib/store';
import { getAnswer } from '../net/api';
import { TimelineReader, type Timeline } from './timeline';

const TURN_MS = 12; // what is parsed without a pause

export interface Dump {
	timeline: Timeline | null;
	file: Blob | null; // the document as it came, for a download
	taken: number; // ms, this browser's clock
	loading: number | null; // bytes that have come; null: none is on its way
	error: string;
}

export const dump: Store<Dump> = createStore<Dump>({ timeline: null, file: null, taken: 0, loading: null, error: '' });

const pause = (): Promise<void> => new Promise((done) => setTimeout(done));

async function read(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<{ timeline: Timeline; file: Blob }> {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	const timeline = new TimelineReader();
	const parts: Uint8Array<ArrayBuffer>[] = [];
	let bytes = 0;
	let since = performance.now();
	for (;;) {
		const { done, value } = await reader.read();
		if (done) break;
		parts.push(value);
		bytes += value.length;
		timeline.push(decoder.decode(value, { stream: true }));
		if (performance.now() - since < TURN_MS) continue;
		dump.update((d) => ({ ...d, loading: bytes }));
		await pause();
		since = performance.now();
	}
	const whole = timeline.end();
	await pause();
	return { timeline: whole, file: new Blob(parts, { type: 'application/json' }) };
}

/** Takes what the threads do now. What was taken before stays when this fails. */
export async function takeDump(): Promise<void> {
	if (dump.get().loading !== null) return;
	const taken = Date.now();
	dump.update((d) => ({ ...d, loading: 0, error: '' }));
	try {
		const response = await getAnswer('/api/v1/timeline');
		if (!response.body) throw new Error('The browser cannot read the answer piece by piece.');
		const { timeline, file } = await read(response.body);
		dump.set({ timeline, file, taken, loading: null, error: '' });
	} catch (error) {
		dump.update((d) => ({ ...d, loading: null, error: (error as Error).message }));
	}
}

/** Gives the document to the browser to keep. */
export function saveFile(file: Blob, name: string): void {
	const url = URL.createObjectURL(file);
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
	setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
