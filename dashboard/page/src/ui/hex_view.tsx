// SPDX-License-Identifier: MIT
//
// The bytes, sixteen on a row, as hexadecimal digits and as text. Rows that a highlight does not touch are not drawn again.
import { Component } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { asciiText, byteText, offsetText, ROW_BYTES, type Span } from '../lib/hex';

interface RowProps {
	bytes: Uint8Array;
	at: number;
	hotFrom: number; // hovered, within the row; from = to: none
	hotTo: number;
	pickFrom: number; // selected
	pickTo: number;
}

class Row extends Component<RowProps> {
	override shouldComponentUpdate(next: RowProps): boolean {
		const now = this.props;
		return (
			now.bytes !== next.bytes ||
			now.at !== next.at ||
			now.hotFrom !== next.hotFrom ||
			now.hotTo !== next.hotTo ||
			now.pickFrom !== next.pickFrom ||
			now.pickTo !== next.pickTo
		);
	}

	mark(i: number): string {
		const { hotFrom, hotTo, pickFrom, pickTo } = this.props;
		return `${i >= hotFrom && i < hotTo ? ' hot' : ''}${i >= pickFrom && i < pickTo ? ' pick' : ''}`;
	}

	override render({ bytes, at }: RowProps) {
		const row = [...bytes.subarray(at, at + ROW_BYTES)];
		return (
			<div class="hex-row">
				<span class="hex-at">{offsetText(at)}</span>
				<span class="hex-bytes">
					{row.map((byte, i) => (
						<i key={i} class={`b${i === 8 ? ' mid' : ''}${this.mark(i)}`} data-at={at + i}>
							{byteText(byte)}
						</i>
					))}
				</span>
				<span class="hex-text">
					{row.map((byte, i) => (
						<i key={i} class={`c${this.mark(i)}`} data-at={at + i}>
							{asciiText(byte)}
						</i>
					))}
				</span>
			</div>
		);
	}
}

interface HexProps {
	bytes: Uint8Array;
	hot: Span | null;
	pick: Span | null;
	onHover: (at: number | null) => void;
	onPick: (at: number) => void;
}

const within = (span: Span | null, at: number): [number, number] => {
	if (!span) return [0, 0];
	const from = Math.max(0, span.offset - at);
	const to = Math.min(ROW_BYTES, span.offset + span.length - at);
	return to > from ? [from, to] : [0, 0];
};

const byteAt = (event: Event): number | null => {
	const at = event.target instanceof HTMLElement ? event.target.dataset['at'] : undefined;
	return at === undefined ? null : Number(at);
};

export function HexView({ bytes, hot, pick, onHover, onPick }: HexProps) {
	const box = useRef<HTMLDivElement>(null);
	useLayoutEffect(() => {
		const first = box.current?.querySelector('.b.pick');
		first?.scrollIntoView({ block: 'nearest' });
	}, [pick]);
	const rows = [];
	for (let at = 0; at < bytes.length; at += ROW_BYTES) {
		const [hotFrom, hotTo] = within(hot, at);
		const [pickFrom, pickTo] = within(pick, at);
		rows.push(
			<Row key={at} bytes={bytes} at={at} hotFrom={hotFrom} hotTo={hotTo} pickFrom={pickFrom} pickTo={pickTo} />,
		);
	}
	return (
		<div
			ref={box}
			class="hex"
			role="group"
			tabIndex={0}
			aria-label={`${bytes.length} bytes of the packet`}
			onMouseOver={(event) => onHover(byteAt(event))}
			onMouseLeave={() => onHover(null)}
			onClick={(event) => {
				const at = byteAt(event);
				if (at !== null) onPick(at);
			}}
		>
			{rows}
		</div>
	);
}
