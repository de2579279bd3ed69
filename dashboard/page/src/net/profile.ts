// SPDX-License-Identifier: MIT
//
// /api/v1/profile of docs/web-api.md.
import { getAnswer, getJson } from './api';

export interface Stack {
	thread: number; // place in `threads`
	core: number;
	frames: number[]; // places in `frames`, the outermost first
	count: number;
}

export interface Profile {
	available: true;
	hz: number;
	running: boolean;
	samples: number;
	lost: number;
	overwritten?: number;
	kernel: boolean;
	note?: string; // timers sample: why, and what is not seen
	began?: number; // seconds since 1970
	from_ns: number; // since `began`
	to_ns: number;
	threads: { name: string; tid: number }[];
	frames: string[];
	stacks: Stack[];
	omitted?: number; // samples of stacks that are left out
}

export interface NoProfile {
	available: false;
	reason?: string;
}

export interface Span {
	from: number | null; // ns since `began`
	to: number | null;
}

export interface Part {
	thread: number | null;
	core: number | null;
}

export function profilePath(format: string, span: Span, part: Part = { thread: null, core: null }): string {
	const query = new URLSearchParams({ format });
	for (const [key, value] of Object.entries({ ...span, ...part }))
		if (value !== null) query.set(key, String(Math.round(value)));
	return `/api/v1/profile?${query}`;
}

export const getProfile = (span: Span): Promise<Profile | NoProfile> => getJson(profilePath('tree', span));

/** For all clients: sampling goes on until somebody stops it. */
export async function sample(on: boolean): Promise<void> {
	await getAnswer(`/api/v1/profile/${on ? 'start' : 'stop'}`, { method: 'POST', headers: { 'X-NetScope': '1' } });
}
