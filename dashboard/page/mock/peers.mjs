// SPDX-License-Identifier: MIT
// Other sensors as the server tells them: well, with losses, and each way in which one cannot be had.
const run = (name, more = {}) => ({
	version: '0.3.0',
	boot_id: '8f1c5a2e90b7d3f4',
	sensor: name,
	source: 'tpacket',
	input: 'eth0',
	live: true,
	state: 'running',
	state_text: '',
	elapsed_secs: 356_412.5,
	tick_end: 1764046800,
	pps: 81_234,
	bps: 489_876_536,
	flows: 1000,
	alerts: 0,
	drops: 0,
	received: 1e9,
	lost: 0,
	losses: 0,
	limits: 0,
	ledger: { balanced: true, borders: 5, unbalanced: null },
	...more,
});
const peer = (url, state, why, told, more = {}) => ({ url, state, why, took_ms: told ? 12.4 : null, age_secs: told ? 1.2 : null, run: told, ...more });

export const PEERS = [
	peer('https://rack1.example:8080', 'ok', '', run('rack1')),
	peer('https://rack2.example:8080', 'ok', '', run('rack2', { lost: 8130, losses: 1, alerts: 3, drops: 12 })),
	peer('https://rack3.example:8080', 'ok', '', run('rack3', { limits: 1, state: 'link_down', state_text: 'eth0 has no carrier', pps: 0, bps: 0 })),
	peer('https://rack4.example:8080', 'ok', '', run('<img src=x>', { ledger: { balanced: false, borders: 5, unbalanced: 'workers: taken = sum of all fates' } })),
	peer('https://rack5.example:8080', 'slow', 'no whole answer within 2 s', run('rack5'), { age_secs: 41 }),
	peer('http://10.0.0.6:8080', 'gone', 'Connection refused', null),
	peer('https://rack7.example:8080', 'certificate', 'SSL certificate problem: self-signed certificate', null),
	peer('https://rack8.example:8080', 'password', 'name or password is wrong', null),
	peer('https://[2001:db8::9]:8080', 'no_netscope', 'it has no /api/v1/summary', null),
	peer('https://rack10.example:8080', 'asking', '', null),
];
