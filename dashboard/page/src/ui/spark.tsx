// SPDX-License-Identifier: MIT
//
// A line without axes. Unknown values are gaps.

export function sparkPath(values: (number | null)[], width: number, height: number, top: number, bottom = 0): string {
	const step = values.length > 1 ? width / (values.length - 1) : 0;
	const range = top - bottom || 1;
	let path = '';
	let pen = false;
	values.forEach((value, i) => {
		if (value === null || !Number.isFinite(value)) {
			pen = false;
			return;
		}
		const y = height - 1 - ((value - bottom) / range) * (height - 2);
		path += `${pen ? 'L' : 'M'}${(i * step).toFixed(1)} ${y.toFixed(1)}`;
		pen = true;
	});
	return path;
}

interface SparkProps {
	values: (number | null)[];
	length: number; // the width stands for so many values; newer ones enter at the right
	label: string;
	height?: number;
	floor?: number;
	marks?: boolean[]; // a mark at the foot, for events
	level?: number | null; // a dashed line across: the least, a limit
}

export function Spark({ values, length, label, height = 28, floor = 0, marks, level = null }: SparkProps) {
	const width = 200;
	const lead = Math.max(0, length - values.length);
	const padded = [...new Array<null>(lead).fill(null), ...values.slice(-length)];
	const known = padded.filter((v): v is number => v !== null);
	const top = Math.max(...known, floor + 1e-12);
	const line = sparkPath(padded, width, height, top, floor);
	const step = width / Math.max(1, length - 1);
	return (
		<svg class="spark" viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={label}>
			<path d={line} fill="none" stroke="currentColor" stroke-width="1.5" vector-effect="non-scaling-stroke" />
			{level !== null && (
				<path
					class="spark-level"
					d={sparkPath([level, level], width, height, top, floor)}
					vector-effect="non-scaling-stroke"
				/>
			)}
			{marks
				?.slice(-length)
				.map(
					(on, i) =>
						on && (
							<rect
								key={i}
								class="spark-mark"
								x={(lead + i) * step - 1}
								y={height - 6}
								width="2"
								height="6"
							/>
						),
				)}
		</svg>
	);
}
