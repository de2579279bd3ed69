// SPDX-License-Identifier: MIT
//
// The file of docs/web-api.md that has what all views show at one moment: what is in it.
import type { RangeAnswer } from './api';
import type { FlowRow, Frame, GroupsAnswer, Hello, PacketDetail } from './wire';

export const SNAPSHOT_BYTES = 32 << 20; // a file
export const VERSION = 1;
export const BODY_NAMES = ['alerts', 'events', 'episodes', 'packets', 'cores', 'config', 'dns', 'peers', 'profile'] as const;
export type BodyName = (typeof BODY_NAMES)[number];

export interface Snapshot {
	netscope_snapshot: number;
	version: string;
	made: number; // seconds since 1970
	host: string;
	zone: string; // of the browser that saved it
	hello: Hello;
	frame: Frame;
	ranges: RangeAnswer[]; // one of each tier that there was, the finest first
	flows: { matched: number; clock: number; rows: FlowRow[] };
	groups: GroupsAnswer[];
	details: PacketDetail[];
	bodies: { [name in BodyName]?: object }; // of GET /api/v1/NAME
}

/** Rows as their columns' names and a list of values for each: a row's names are written once. */
export interface Packed {
	columns: string[];
	rows: unknown[][];
}

export function pack(rows: object[]): Packed {
	const columns = Object.keys(rows[0] ?? {});
	return { columns, rows: rows.map((row) => columns.map((name) => (row as Record<string, unknown>)[name] ?? null)) };
}
