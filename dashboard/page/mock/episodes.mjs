// SPDX-License-Identifier: MIT
// The mock's attacks: alerts of one kind and target within a minute are one. The newest goes on, the second was seen by somebody, the
// third is muted, the others are over.
const APART_S = 60;

const keyOf = (a) => `${a.kind} ${a.kind === 'syn_flood' ? `${a.target_ip}:${a.target_port}` : a.source_ip}`;

/** The newest first. */
function episodesOf(engine) {
	const found = [];
	for (const alert of engine.alerts) {
		const key = keyOf(alert);
		const last = found.findLast((e) => e.key === key);
		if (last && alert.time - last.last < APART_S) Object.assign(last, { last: alert.time, count: last.count + 1 });
		else
			found.push({
				...alert,
				...{ id: found.length + 1, key, begin: alert.time, last: alert.time, peak: alert.time, count: 1, packets: 812, duration_secs: 4.2 },
			});
	}
	return found.reverse().map((e, i) => ({ ...e, open: i === 0, seen: i === 1, muted: i === 2, end: i === 0 ? null : e.last + 15 }));
}

export function episodesAnswer({ boot, engine, options }) {
	const episodes = episodesOf(engine);
	const open = episodes.filter((e) => e.open).length;
	const mutes = episodes.filter((e) => e.muted).map((e) => e.key);
	return { boot_id: boot, shared: !!options.auth, open, episodes, mutes };
}

/** As in a frame. */
export function openEpisodes(engine) {
	const open = episodesOf(engine).filter((e) => e.open);
	return { news: open.map(({ id, key }) => ({ id, key })), open: open.length, unseen: open.length };
}
