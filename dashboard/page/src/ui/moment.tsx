// SPDX-License-Identifier: MIT
//
// What happened at a time: the events around it, and who talked then, as far as it is still kept. Each leads on.
import { useEffect, useRef, useState } from 'preact/hooks';
import { volumeText, whole } from '../lib/format';
import { formatRoute, route, useRoute } from '../lib/router';
import { useStore } from '../lib/store';
import { full } from '../lib/time';
import { getFlows } from '../net/api';
import type { AlertRow, FlowRow } from '../net/wire';
import { events, eventsKnown, kindOf, wordsOf } from '../state/events';
import { live, useLive } from '../state/live';
import { rangeQuery, useRange } from '../state/range';
import { useSettings } from '../state/settings';
import { alertText } from '../state/status';
import { Icon } from './icon';
import { Shape, showMoment } from './marks';
import { ServerFile } from './server_file';
import { moment } from './time_axis';

const AROUND_S = 30; // events so long before and behind, at least
const ACTIVE_S = 5; // flows whose life touches this
const SHOWN = 40;
const TALKERS = 8;

/** Flows whose life touches the time, for the server: ages count back from `clock`. */
export function activeThen(at: number, clock: number): string {
	const ago = clock - at;
	const begun = ago - ACTIVE_S;
	return `${begun > 0 ? `age>=${begun.toFixed(1)}s ` : ''}idle<=${Math.max(0, ago + ACTIVE_S).toFixed(1)}s`;
}

/** The address that an alert is about, as a filter. */
export const alertHost = (alert: AlertRow | undefined): string | null => alert?.source_ip ?? alert?.target_ip ?? null;

export function Moment() {
	const at = Number(useRoute().query['at'] || NaN);
	const range = useRange();
	const span = range.fixed ? range.to - range.from : range.span;
	return Number.isFinite(at) ? <Opened key={at} at={at} around={Math.max(AROUND_S, span / 40)} /> : null;
}

function Opened({ at, around }: { at: number; around: number }) {
	const { zone } = useSettings();
	const head = useRef<HTMLHeadingElement>(null);
	const recorded = useLive((l) => (l.frame?.cores ?? []).some((c) => c.recorder && (c.recorder.oldest ?? Infinity) <= at));
	useEffect(() => head.current?.focus(), []);
	return (
		<section class="panel moment" aria-label="What happened then" data-moment={at}>
			<header>
				<h2 ref={head} tabIndex={-1}>
					What happened at {full(at * 1000, zone)}
				</h2>
				<span class="grow" />
				<a class="button small" href={zoomed(at)}>
					Zoom to these 2 minutes
				</a>
				{recorded && (
					<ServerFile class="button small" href={`/api/v1/recorder.pcapng?from=${at - ACTIVE_S}&to=${at + ACTIVE_S}`} download="netscope-recorder.pcapng">
						<Icon name="download" small />
						Packets of these 10 s
					</ServerFile>
				)}
				<button type="button" class="icon-button" aria-label="Close" onClick={() => showMoment(null)}>
					<Icon name="cross" />
				</button>
			</header>
			<div class="body moment-body">
				<Happened at={at} around={around} />
				<Talkers at={at} />
			</div>
		</section>
	);
}

function zoomed(at: number): string {
	const { view, id, query } = route.get();
	return formatRoute({ view, id, query: { ...query, ...rangeQuery({ fixed: true, from: Math.max(0, at - 60), to: at + 60 }) } });
}

function Happened({ at, around }: { at: number; around: number }) {
	const { zone } = useSettings();
	const near = useStore(events, (all) => all).filter((e) => Math.abs(e.time - at) <= around);
	const alerts = useLive((l) => l.alerts);
	const known = useStore(eventsKnown, (k) => k);
	return (
		<div>
			<h3>Events around it</h3>
			{near.length === 0 && <p class="muted">{known ? 'None is kept.' : 'Waiting for the server'}</p>}
			<ul class="happened">
				{near.slice(0, SHOWN).map((event) => {
					const host = event.alert_id === null ? null : alertHost(alerts.find((a) => a.id === event.alert_id));
					return (
						<li key={event.id}>
							<Shape kind={kindOf(event)} />
							<span class="mono">{moment(event.time * 1000, zone)}</span>
							<span>
							<b>{wordsOf(event)}</b> {alertText(event.text)}{' '}
							{kindOf(event) === 'alert' && <a href={formatRoute({ view: 'alerts' })}>alerts</a>}{' '}
							{host && (
								<a href={formatRoute({ view: 'flows', query: { filter: `host:${host}`, list: 'all' } })}>flows of {host}</a>
							)}
							{kindOf(event) === 'loss' && <a href={formatRoute({ view: 'ledger' })}>ledger</a>}
							</span>
						</li>
					);
				})}
			</ul>
			{near.length > SHOWN && <p class="muted small">and {whole(near.length - SHOWN)} more</p>}
		</div>
	);
}

function Talkers({ at }: { at: number }) {
	const { units } = useSettings();
	const [answer, setAnswer] = useState<FlowRow[] | string | null>(null);
	const ready = useLive((l) => l.frame?.tick != null);
	useEffect(() => {
		const clock = live.get().frame?.tick?.end;
		if (!ready || clock === undefined) return;
		let over = false;
		getFlows(activeThen(at, clock), 'bytes', TALKERS)
			.then((a) => !over && setAnswer(a.flows))
			.catch((e: unknown) => !over && setAnswer(e instanceof Error ? e.message : String(e)));
		return () => void (over = true);
	}, [at, ready]);
	const flows = Array.isArray(answer) ? answer : [];
	return (
		<div>
			<h3>Largest flows that were active then</h3>
			{answer === null && <p class="muted">Waiting for the server</p>}
			{typeof answer === 'string' && <p class="bad">{answer}</p>}
			{Array.isArray(answer) && answer.length === 0 && <p class="muted">No flow of that time is kept any more.</p>}
			<ul class="then-flows">
				{flows.map((f) => (
					<li key={f.key}>
						<a class="mono clip" href={formatRoute({ view: 'flow', id: f.key })}>
							{f.key}
						</a>
						<span class="clip muted">{f.name ?? f.app ?? ''}</span>
						<span class="mono right">{volumeText(f.bytes_total, units)}</span>
					</li>
				))}
			</ul>
			{flows.length > 0 && <p class="muted small">Volumes are of the whole flow. Flows that are no longer kept are missing.</p>}
		</div>
	);
}
