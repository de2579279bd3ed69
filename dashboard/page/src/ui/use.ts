// SPDX-License-Identifier: MIT
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';

export interface Size {
	width: number;
	height: number;
}

/** The size of an element as it changes; 0 x 0 before the first layout. */
export function useSize<E extends Element>(): [RefObject<E | null>, Size] {
	const ref = useRef<E>(null);
	const [size, setSize] = useState<Size>({ width: 0, height: 0 });
	useLayoutEffect(() => {
		const element = ref.current;
		if (!element) return;
		const measure = (): void => {
			const box = element.getBoundingClientRect();
			const next = { width: Math.round(box.width), height: Math.round(box.height) };
			setSize((now) => (now.width === next.width && now.height === next.height ? now : next));
		};
		measure();
		const observer = new ResizeObserver(measure);
		observer.observe(element);
		return () => observer.disconnect();
	}, []);
	return [ref, size];
}

/** Calls `run` now and then every `ms` while the component is shown and `active`; a call is skipped while the one before is under way. */
export function usePoll(run: () => Promise<void>, ms: number, active: boolean, restart: unknown): void {
	const latest = useRef(run);
	latest.current = run;
	useEffect(() => {
		let busy = false;
		let over = false;
		const round = async (): Promise<void> => {
			if (busy || over || document.hidden) return;
			busy = true;
			try {
				await latest.current();
			} finally {
				busy = false;
			}
		};
		void round();
		const timer = active ? setInterval(() => void round(), ms) : undefined;
		return () => {
			over = true;
			clearInterval(timer);
		};
	}, [ms, active, restart]);
}

/** The time, once a second, for words such as "12 s ago". */
export function useNow(): number {
	const [now, setNow] = useState(Date.now);
	useEffect(() => {
		const timer = setInterval(() => setNow(Date.now()), 1000);
		return () => clearInterval(timer);
	}, []);
	return now;
}
