// SPDX-License-Identifier: MIT
//
// Questions over the WebSocket that have an answer: flow and group queries (by request number) and packet details (by id).
import { send } from './socket';
import type { FlowsAnswer, GroupsAnswer, Message, PacketDetail } from './wire';

const PATIENCE_MS = 15_000;

export interface FlowQuery {
	filter?: string;
	sort?: string;
	order?: string;
	limit?: number;
	after?: string;
	key?: string;
}

export interface GroupQuery {
	by: string;
	filter?: string;
	sort?: string;
	limit?: number;
	after?: string;
	last?: number;
}

type Waiting = { resolve: (answer: never) => void; reject: (why: Error) => void; timer: ReturnType<typeof setTimeout> };

const flows = new Map<number, Waiting>();
const groups = new Map<number, Waiting>();
const details = new Map<number, Waiting>();
let lastRequest = 0;

export class Superseded extends Error {}

function wait<T>(from: Map<number, Waiting>, key: number, message: Parameters<typeof send>[0]): Promise<T> {
	return new Promise<T>((resolve, reject) => {
		const timer = setTimeout(() => settle(from, key, new Error('The server did not answer in time.')), PATIENCE_MS);
		from.get(key)?.reject(new Superseded('asked again'));
		from.set(key, { resolve: resolve as Waiting['resolve'], reject, timer });
		if (!send(message)) settle(from, key, new Error('There is no connection to the server.'));
	});
}

function settle(from: Map<number, Waiting>, key: number, result: unknown): void {
	const found = from.get(key);
	if (!found) return;
	from.delete(key);
	clearTimeout(found.timer);
	if (result instanceof Error) found.reject(result);
	else found.resolve(result as never);
}

export function askFlows(query: FlowQuery): Promise<FlowsAnswer> {
	const request = ++lastRequest;
	for (const older of [...flows.keys()]) settle(flows, older, new Superseded('a newer question'));
	return wait<FlowsAnswer>(flows, request, { type: 'query_flows', ...query, request });
}

let turn: Promise<unknown> = Promise.resolve();

/** One after the other, because the server keeps only the newest that waits; `wanted` is asked again when its turn has come. */
export function askGroups(query: GroupQuery, wanted: () => boolean = () => true): Promise<GroupsAnswer> {
	const mine = turn.then(() => {
		if (!wanted()) throw new Superseded('not wanted any more');
		const request = ++lastRequest;
		return wait<GroupsAnswer>(groups, request, { type: 'query_groups', ...query, request });
	});
	turn = mine.catch(() => {});
	return mine;
}

export function askPacket(id: number): Promise<PacketDetail> {
	return wait<PacketDetail>(details, id, { type: 'get_packet_detail', id });
}

/** Hands an answer to who waits for it. */
export function answer(message: Message): void {
	if (message.type === 'flows' && message.request !== null) settle(flows, message.request, message);
	else if (message.type === 'groups' && message.request !== null) settle(groups, message.request, message);
	else if (message.type === 'packet_detail') settle(details, message.id, message);
	else if (message.type === 'error' && message.request !== null)
		for (const from of [flows, groups]) settle(from, message.request, new Error(message.message));
}

export function dropAll(): void {
	const why = new Error('The connection was lost.');
	for (const from of [flows, groups, details]) for (const key of [...from.keys()]) settle(from, key, why);
}
