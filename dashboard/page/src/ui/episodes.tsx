// SPDX-License-Identifier: MIT
//
// Attacks as states: since when, how often, when it was worst, whether it goes on; what somebody has seen or muted is quiet.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { duration, plural, whole } from '../lib/format';
import { formatRoute } from '../lib/router';
import { useStore } from '../lib/store';
import { clock, full } from '../lib/time';
import { getEpisodes, sayOfEpisode, type EpisodesAnswer } from '../net/api';
import { fileSource } from '../net/source';
import type { AlertRow, Episode } from '../net/wire';
import { isMuted, isSeen, muteHere, own, seeHere } from '../state/episodes';
import { useLive } from '../state/live';
import { usePaused } from '../state/session';
import { useSettings } from '../state/settings';
import { alertText } from '../state/status';
import { Empty, Waiting } from './bits';
import { PacketsLink } from './recorder';
import { ToolLinks } from './tools';
import { usePoll } from './use';

const POLL_MS = 2000;
const SHOWN = 200;
const AROUND_MS = 60_000;

/** The flows that an alert is about, as a filter; empty: it is about none. */
export function flowsOf(alert: AlertRow): string {
	if (alert.target_ip !== null)
		return `server:${alert.target_ip}${alert.target_port === null ? '' : ` server_port:${alert.target_port}`}`;
	return alert.source_ip === null ? '' : `client:${alert.source_ip}`;
}

export function Episodes({ name, recorded }: { name: (kind: string) => string; recorded: (alert: AlertRow) => Record<string, string> }) {
	const [answer, setAnswer] = useState<EpisodesAnswer | null>(null);
	const [error, setError] = useState('');
	const paused = usePaused();
	const boot = useLive((l) => l.hello?.boot_id ?? '');
	const mine = useStore(own, (o) => o);
	const take = async (ask: () => Promise<EpisodesAnswer>): Promise<void> => {
		try {
			setAnswer(await ask());
			setError('');
		} catch (why) {
			setError(why instanceof Error ? why.message : String(why));
		}
	};
	usePoll(() => take(getEpisodes), POLL_MS, !paused, boot);
	if (!answer) return error ? <p class="bad" role="alert">{error}</p> : <Waiting />;
	const say = (what: 'seen' | 'mute', episode: Episode, on: boolean): void => {
		if (!answer.shared) return what === 'seen' ? seeHere(answer.boot_id, episode.id, on) : muteHere(episode.key, on);
		void take(() => sayOfEpisode(what, what === 'seen' ? { id: episode.id, on: Number(on) } : { key: episode.key, on: Number(on) }));
	};
	return (
		<>
			{!fileSource() && <p class="muted small" data-shared={answer.shared}>
				{answer.shared
					? 'What is marked as seen or muted here is so for everybody who uses this server.'
					: 'What is marked as seen or muted here is so in this browser only. With --web-auth it holds for everybody.'}
			</p>}
			{error && <p class="bad" role="alert">{error}</p>}
			{answer.episodes.length === 0 ? (
				<Empty icon="check" title="No attack">
					No flood and no port scan reached its threshold since the start.
				</Empty>
			) : (
				<ol class="alerts" aria-label="Attacks, newest first">
					{answer.episodes.slice(0, SHOWN).map((episode) => (
						<One
							key={episode.id}
							episode={episode}
							name={name(episode.kind)}
							seen={isSeen(mine, answer.boot_id, episode)}
							muted={isMuted(mine, episode)}
							packets={recorded({ ...episode, time: episode.begin })}
							onSay={(what, on) => say(what, episode, on)}
						/>
					))}
				</ol>
			)}
			<Muted keys={answer.shared ? answer.mutes : mine.mutes} onSpeak={(key) => (answer.shared ? void take(() => sayOfEpisode('mute', { key, on: 0 })) : muteHere(key, false))} />
		</>
	);
}

function One(props: {
	episode: Episode;
	name: string;
	seen: boolean;
	muted: boolean;
	packets: Record<string, string>;
	onSay: (what: 'seen' | 'mute', on: boolean) => void;
}) {
	const { episode, seen, muted } = props;
	const { zone } = useSettings();
	const at = (time: number) => <time title={full(time * 1000, zone)}>{clock(time * 1000, zone)}</time>;
	const flows = flowsOf(episode);
	const tone = muted ? 'tag' : episode.open && !seen ? 'tag bad' : 'tag warn';
	return (
		<li class="panel alert" data-episode={episode.id} data-open={episode.open} data-seen={seen} data-muted={muted}>
			<div class="alert-head">
				<span class={tone}>{props.name}</span>
				<b>{!episode.open ? 'over' : fileSource() ? 'went on' : 'goes on'}</b>
				{seen && <span class="tag">seen</span>}
				{muted && <span class="tag">muted</span>}
				<span class="grow" />
{!fileSource() && <>
				<button type="button" class="button small" aria-pressed={seen} onClick={() => props.onSay('seen', !seen)}>
					{seen ? 'Not seen' : 'Mark as seen'}
				</button>
				<button
					type="button"
					class="button small"
					aria-pressed={muted}
					title={`Never counted or red again: ${episode.key}`}
					onClick={() => props.onSay('mute', !muted)}
				>
					{muted ? 'Unmute' : 'Mute'}
				</button>
				</>}
			</div>
			<p class="alert-text">{alertText(episode.description)}</p>
			<dl class="evidence">
				<Fact name="since">{at(episode.begin)}</Fact>
				<Fact name="last alert">{at(episode.last)}</Fact>
				<Fact name="peak">{at(episode.peak)}</Fact>
				<Fact name="over">{episode.end === null ? 'no' : at(episode.end)}</Fact>
				{episode.count > 1 && <Fact name="alerted for">{duration(Math.max(0, episode.last - episode.begin))}</Fact>}
				<Fact name="alerts">{whole(episode.count)}</Fact>
				<Fact name="packets">{whole(episode.packets)}</Fact>
				{flows && (
					<Fact name="see">
						<a href={formatRoute({ view: 'flows', query: { filter: flows, list: 'all' } })}>its flows</a>
					</Fact>
				)}
				{flows && <PacketsLink query={props.packets} />}
				{flows && (
					<ToolLinks
						values={{
							host: episode.target_ip ?? episode.source_ip,
							port: episode.target_port,
							from_ms: Math.floor(episode.begin * 1000) - AROUND_MS,
							to_ms: Math.ceil((episode.end ?? episode.last) * 1000) + AROUND_MS,
						}}
					/>
				)}
			</dl>
		</li>
	);
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
	return (
		<div>
			<dt>{name}</dt>
			<dd>{children}</dd>
		</div>
	);
}

function Muted({ keys, onSpeak }: { keys: string[]; onSpeak: (key: string) => void }) {
	if (!keys.length) return null;
	return (
		<section class="panel" data-mutes={keys.length}>
			<header>
				<h2 class="grow">{plural(keys.length, 'target')} muted</h2>
			</header>
			<ul class="body">
				{keys.map((key) => (
					<li key={key}>
						<span class="mono">{key}</span>{' '}
						<button type="button" class="button small" aria-label={`Unmute ${key}`} onClick={() => onSpeak(key)}>
							Unmute
						</button>
					</li>
				))}
			</ul>
		</section>
	);
}
