// SPDX-License-Identifier: MIT
//
// How far the server's clock is from this browser's: offset = server - browser, so a positive one says that the server is ahead, and
// browser + offset is the server's time. Of the latest samples the one with the shortest round trip is believed.

const KEEP = 12;

export interface ClockSample {
	offset: number; // ms
	roundTrip: number; // ms
}

export function sample(sentMs: number, receivedMs: number, serverMs: number): ClockSample {
	return { offset: serverMs - (sentMs + receivedMs) / 2, roundTrip: receivedMs - sentMs };
}

export class ClockOffset {
	private samples: ClockSample[] = [];

	add(next: ClockSample): void {
		if (next.roundTrip < 0) return;
		this.samples = [...this.samples, next].slice(-KEEP);
	}

	clear(): void {
		this.samples = [];
	}

	best(): ClockSample | null {
		return this.samples.reduce<ClockSample | null>((b, s) => (b && b.roundTrip <= s.roundTrip ? b : s), null);
	}

	/** Age in ms of something that the server stamped, at `nowMs` of the browser; null before the first sample. */
	age(serverMs: number, nowMs: number): number | null {
		const best = this.best();
		return best ? nowMs + best.offset - serverMs : null;
	}
}

/** Wall time of this browser in ms with the resolution of performance.now, not moved by a step of the system's clock. */
export const now = (): number => performance.timeOrigin + performance.now();
