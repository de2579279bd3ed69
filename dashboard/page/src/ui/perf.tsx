// SPDX-License-Identifier: MIT
//
// ?perf=1: how long a frame takes from the server's stamp to pixels. After the browser's next drawing of a frame a task is queued:
// when that runs, the picture has been handed over.
import { useEffect, useState } from 'preact/hooks';
import { DASH, digits3 } from '../lib/format';
import { clockOffset } from '../net/socket';
import { now } from '../net/clock';
import { live } from '../state/live';
import { onFrame } from '../state/session';
import { FrameTimes } from '../state/perf';

const ms = (value: number | null): string => (value === null ? DASH : `${digits3(value)} ms`);

export function Perf() {
	const [times] = useState(() => new FrameTimes());
	const [, redraw] = useState(0);
	useEffect(() => {
		let running = true;
		const channel = new MessageChannel();
		let waiting: number[] = [];
		channel.port1.onmessage = () => {
			const at = now();
			for (const stamp of waiting) times.add(at, clockOffset.age(stamp, at));
			waiting = [];
		};
		const tell = (frame: { server_ms: number }): void => {
			if (!waiting.length) requestAnimationFrame(() => requestAnimationFrame(() => channel.port2.postMessage(0)));
			waiting.push(frame.server_ms);
		};
		const count = (): void => {
			times.drawn(now());
			if (running) requestAnimationFrame(count);
		};
		onFrame.add(tell);
		requestAnimationFrame(count);
		const timer = setInterval(() => redraw((n) => n + 1), 500);
		return () => {
			running = false;
			onFrame.delete(tell);
			clearInterval(timer);
			channel.port1.close();
		};
	}, []);
	const best = clockOffset.best();
	const rows: [string, string][] = [
		['drawn', `${times.drawnPerSecond(now()).toFixed(0)} fps`],
		['frames', `${times.framesPerSecond(now()).toFixed(1)} /s`],
		['latency p50', ms(times.quantile(0.5))],
		['latency p90', ms(times.quantile(0.9))],
		['latency p99', ms(times.quantile(0.99))],
		['latency max', ms(times.quantile(1))],
		['missed', String(live.get().missed)],
		['clock offset', best ? `${best.offset >= 0 ? '+' : '-'}${digits3(Math.abs(best.offset))} ms` : DASH],
		['round trip', ms(best?.roundTrip ?? null)],
	];
	return (
		<dl class="perf" data-perf title="Clock offset: server minus browser">
			{rows.map(([name, value]) => [
				<dt key={name}>{name}</dt>,
				<dd key={`${name}v`} data-perf-row={name}>
					{value}
				</dd>,
			])}
		</dl>
	);
}
