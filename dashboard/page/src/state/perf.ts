// SPDX-License-Identifier: MIT
//
// Times of the newest frames, bounded.

const KEEP = 600;
const SECOND = 1000;

export class FrameTimes {
	private latencies: number[] = [];
	private arrivals: number[] = [];
	private drawings: number[] = [];

	add(atMs: number, latency: number | null): void {
		this.arrivals = [...this.arrivals.filter((t) => t > atMs - 5 * SECOND), atMs];
		if (latency === null) return;
		this.latencies.push(latency);
		if (this.latencies.length > KEEP) this.latencies.shift();
	}

	drawn(atMs: number): void {
		this.drawings.push(atMs);
		while (this.drawings.length && (this.drawings[0] as number) < atMs - SECOND) this.drawings.shift();
	}

	drawnPerSecond(atMs: number): number {
		return this.drawings.filter((t) => t > atMs - SECOND).length;
	}

	framesPerSecond(atMs: number): number {
		return this.arrivals.filter((t) => t > atMs - 5 * SECOND).length / 5;
	}

	/** Nearest rank; null without a frame. */
	quantile(q: number): number | null {
		if (!this.latencies.length) return null;
		const sorted = [...this.latencies].sort((a, b) => a - b);
		return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? null;
	}
}
