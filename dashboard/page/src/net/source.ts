// SPDX-License-Identifier: MIT
//
// Where answers come from: the server that this page was loaded from, or a snapshot of one. Nothing else of the page makes a request.
export interface Source {
	get(path: string, options: RequestInit): Promise<Response>;
	send(message: Record<string, unknown> & { type: string }): void;
}

let file: Source | null = null;

/** The snapshot that answers; null: the server does. */
export const fileSource = (): Source | null => file;

/** From now on the server is asked nothing, until the page is loaded again. */
export function answerFrom(source: Source): void {
	file = source;
}

/** Before a sentence that came as an answer. */
export const saidBy = (): string => (file ? '' : 'The server says: ');

export const request = (path: string, options: RequestInit): Promise<Response> =>
	file ? file.get(path, options) : fetch(path, options);
