// SPDX-License-Identifier: MIT
// A profile as docs/web-api.md describes it: a hundred samples a second, of which worker 1 spends more and more in the TCP analysis.
const THREADS = ['nsc-worker-0', 'nsc-worker-1', 'nsc-publisher', 'nsc-web'].map((name, i) => ({ name, tid: 4243 + i }));
const WORKER = ['start_thread', 'thread_main', 'run_worker', 'nsc_worker_run'];
// thread, core, stack below the thread's own frames, samples of each 100 in the first half of the time, in the second
const STACKS = [
	[0, 0, [...WORKER, 'nsc_flow_table_burst'], 20, 20],
	[0, 0, [...WORKER, 'nsc_flow_table_burst', 'tcp_remember'], 6, 6],
	[0, 0, [...WORKER, 'nsc_decode_burst'], 10, 10],
	[0, 0, [...WORKER, 'lane_poll', '[kernel]'], 4, 4],
	[1, 1, [...WORKER, 'nsc_flow_table_burst'], 30, 12],
	[1, 1, [...WORKER, 'nsc_flow_table_burst', 'tcp_remember'], 6, 26],
	[1, 1, [...WORKER, 'nsc_decode_burst'], 12, 10],
	[1, 0, [...WORKER, 'nsc_decode_burst'], 2, 2],
	[2, 0, ['start_thread', 'thread_main', 'run_publisher', 'publisher_merge', 'nsc_detectors_merge'], 5, 5],
	[2, 0, ['start_thread', 'thread_main', 'run_publisher', 'publisher_show'], 2, 2],
	[3, 1, ['start_thread', 'web_thread', 'nsc_server_run', 'run_once', 'h2o_evloop_run', '[libc.so.6]'], 2, 2],
	[3, 1, ['start_thread', 'web_thread', 'nsc_server_run', 'run_once', 'make_due_frame', 'nsc_message_frame'], 1, 1],
];
const SECONDS = 600;
const HALF = SECONDS / 2;

/** `state`: { running, started }. Spans are nanoseconds since the begin. */
export function profileTree(state, from, to) {
	const end = Math.min(to ?? SECONDS * 1e9, SECONDS * 1e9) / 1e9;
	const begin = Math.min(Math.max(0, from ?? 0) / 1e9, end);
	const early = Math.max(0, Math.min(end, HALF) - begin);
	const late = Math.max(0, end - Math.max(begin, HALF));
	const frames = [...new Set(STACKS.flatMap((s) => s[2]))];
	const stacks = STACKS.map(([thread, core, names, before, after]) => ({
		thread,
		core,
		frames: names.map((name) => frames.indexOf(name)),
		count: state.started ? Math.round(before * early + after * late) : 0,
	})).filter((s) => s.count > 0);
	return {
		available: true,
		hz: 99,
		running: state.running,
		samples: stacks.reduce((sum, s) => sum + s.count, 0),
		lost: 0,
		overwritten: 0,
		kernel: true,
		began: 1764046800.25,
		from_ns: begin * 1e9,
		to_ns: end * 1e9,
		threads: THREADS,
		stacks,
		omitted: 0,
		frames,
	};
}

/** The answer to a request below /api/v1/profile: a status and a body. */
export function profileAnswer(mock, request, url) {
	const state = (mock.profile ??= { running: true, started: true, ...mock.options.profile });
	const number = (name) => (url.searchParams.has(name) ? Number(url.searchParams.get(name)) : null);
	if (request.method === 'POST') {
		if (request.headers['x-netscope'] !== '1') return [403, { error: 'a POST needs the header X-NetScope: 1' }];
		if (state.reason) return [503, { error: state.reason }];
		state.running = url.pathname.endsWith('/start');
		state.started ||= state.running;
		return [200, { running: state.running }];
	}
	if (state.reason) return [200, { available: false, reason: state.reason }];
	if ((url.searchParams.get('format') ?? 'tree') !== 'tree') return [200, url.search];
	return [200, profileTree(state, number('from'), number('to'))];
}
