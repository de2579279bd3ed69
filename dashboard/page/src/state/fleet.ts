// SPDX-License-Identifier: MIT
//
// Other sensors: what each of them is in a word, a tone and a sentence.
import { plural, short } from '../lib/format';
import type { Peer, PeerRun } from '../net/api';
import { STATES, type Tone } from './status';

export interface Told {
	tone: Tone;
	text: string;
	detail: string;
}

const UNREACHED: Record<string, Told> = {
	asking: { tone: 'quiet', text: 'asking', detail: '' },
	slow: { tone: 'bad', text: 'slow', detail: '' },
	gone: { tone: 'bad', text: 'not reached', detail: '' },
	certificate: { tone: 'bad', text: 'certificate not trusted', detail: '' },
	password: { tone: 'bad', text: 'password refused', detail: '' },
	refused: { tone: 'bad', text: 'refused', detail: '' },
	no_netscope: { tone: 'bad', text: 'not a NetScope', detail: '' },
	too_large: { tone: 'bad', text: 'answer too large', detail: '' },
	unknown_host: { tone: 'bad', text: 'unknown name', detail: '' },
};

export const hostOfUrl = (url: string): string => url.replace(/^https?:\/\//, '');
export const nameOf = (peer: Peer): string => peer.run?.sensor || hostOfUrl(peer.url);

/** What is known of it is old: it does not answer now. */
export const isOld = (peer: Peer): boolean => peer.state !== 'ok';

export function peerState(peer: Peer): Told {
	if (peer.state !== 'ok')
		return { ...(UNREACHED[peer.state] ?? { tone: 'bad', text: peer.state.replaceAll('_', ' ') }), detail: peer.why };
	const run = peer.run?.state ?? '';
	const made = peer.run?.source === 'synth' ? 'generating' : 'reading';
	const known = run === 'running' && !peer.run?.live ? { tone: 'good' as const, text: made } : STATES[run];
	return { tone: known?.tone ?? 'quiet', text: known?.text ?? run, detail: peer.run?.state_text ?? '' };
}

export function peerLosses(run: PeerRun): Told {
	if (run.lost) return { tone: 'bad', text: short(run.lost), detail: 'packets lost on their way to the analysis' };
	if (run.losses) return { tone: 'bad', text: plural(run.losses, 'loss', 'losses'), detail: 'see its ledger' };
	if (run.limits) return { tone: 'warn', text: plural(run.limits, 'limit'), detail: 'something is less exact' };
	if (run.lost === null && run.live) return { tone: 'quiet', text: 'not known', detail: 'its source does not count drops' };
	return { tone: 'good', text: 'none', detail: '' };
}

export function peerLedger(run: PeerRun): Told {
	if (!run.ledger.borders) return { tone: 'quiet', text: 'nothing yet', detail: '' };
	if (run.ledger.balanced) return { tone: 'good', text: 'balanced', detail: plural(run.ledger.borders, 'border') };
	return { tone: 'bad', text: 'not balanced', detail: run.ledger.unbalanced ?? '' };
}

const WEIGHT: Record<Tone, number> = { bad: 0, warn: 1, quiet: 2, good: 3 };

/** How bad it is, the worst first: sensors that are not reached, then what those that are say. */
export function gravity(peer: Peer): number {
	const tones = [peerState(peer).tone, ...(peer.run ? [peerLosses(peer.run).tone, peerLedger(peer.run).tone] : [])];
	return (isOld(peer) && peer.state !== 'asking' ? -10 : 0) + Math.min(...tones.map((tone) => WEIGHT[tone]));
}

/** One sentence for the whole fleet. */
export function fleetWords(peers: Peer[]): Told {
	const lost = peers.filter((p) => isOld(p) && p.state !== 'asking').length;
	const bad = peers.filter((p) => !isOld(p) && gravity(p) <= 0).length;
	const all = plural(peers.length, 'sensor');
	if (lost) return { tone: 'bad', text: `${lost} of ${all} not reached`, detail: bad ? `${bad} more with a fault` : '' };
	if (bad) return { tone: 'bad', text: `${bad} of ${all} with a fault`, detail: '' };
	if (peers.some((p) => p.state === 'asking')) return { tone: 'quiet', text: `asking ${all}`, detail: '' };
	return { tone: 'good', text: `${all}, all well`, detail: '' };
}
