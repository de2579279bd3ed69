// SPDX-License-Identifier: MIT
//
// A flame graph as a picture: the outermost function above, as wide as the samples in it. What is narrower than half a pixel is not drawn,
// so a picture costs as much as it is wide, however many stacks there are. Strong colours have time of their own, pale ones only callees.
import { useRef, useState } from 'preact/hooks';
import { percent, plural } from '../lib/format';
import {
	depthOf,
	frameSeries,
	nodeUnder,
	shares,
	sibling,
	widestChild,
	type Finder,
	type FlameNode,
} from '../state/flame';
import { fitText, mixed, useDrawing, type Look } from './canvas';
import { useSize } from './use';

const ROW = 19;
const LEAST = 0.5; // px

interface FlameProps {
	root: FlameNode;
	zoom: FlameNode; // as wide as the picture
	chosen: FlameNode | null;
	find: Finder | null;
	label: string;
	onZoom: (node: FlameNode) => void;
	onChoose: (node: FlameNode | null) => void;
}

export function FlameCanvas(props: FlameProps) {
	const { root, zoom, chosen, find } = props;
	const [box, size] = useSize<HTMLDivElement>();
	const canvas = useRef<HTMLCanvasElement>(null);
	const [hover, setHover] = useState<{ x: number; y: number } | null>(null);
	const rows = depthOf(zoom) + 1;
	const height = rows * ROW;
	useDrawing(
		canvas,
		size.width,
		height,
		(context, look) => {
			context.fillStyle = look.color('raised');
			context.fillRect(0, 0, size.width, height);
			const pen = { context, look, width: size.width, zoom, chosen, find, root };
			for (let node = zoom.parent; node; node = node.parent) paintNode(pen, node, 0, size.width);
			paintTree(pen, zoom);
		},
		[root, zoom, chosen, find],
	);
	const under = (x: number, y: number): FlameNode | null => {
		const depth = Math.floor(y / ROW);
		for (let node: FlameNode | null = zoom; node; node = node.parent) if (node.depth === depth) return node;
		return nodeUnder(root, zoom.begin + (x / size.width) * zoom.count, depth);
	};
	const pointed = hover && under(hover.x, hover.y);
	const onKeyDown = (event: KeyboardEvent): void => {
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		const node = chosen ?? zoom;
		const targets: Record<string, FlameNode | null> = {
			ArrowUp: node.parent,
			ArrowDown: widestChild(node),
			ArrowLeft: sibling(node, -1),
			ArrowRight: sibling(node, 1),
		};
		const target = targets[event.key];
		if (event.key in targets) target && props.onChoose(target);
		else if (event.key === 'Enter') props.onZoom(node);
		else if (event.key === 'Home') props.onZoom(root);
		else if (event.key === 'Escape') zoom === root ? props.onChoose(null) : props.onZoom(zoom.parent ?? root);
		else return;
		event.preventDefault();
	};
	return (
		<div class="flame">
			<div class="flame-box" ref={box}>
				<canvas
					ref={canvas}
					style={{ height: `${height}px` }}
					tabIndex={0}
					role="application"
					aria-label={`${props.label}: arrow keys walk, Enter zooms, Escape goes back`}
					aria-describedby="flame-chosen"
					data-flame={root.count}
					onKeyDown={onKeyDown}
					onClick={(event) => {
						const node = under(event.offsetX, event.offsetY);
						props.onChoose(node);
						if (node) props.onZoom(node);
					}}
					onMouseMove={(event) => setHover({ x: event.offsetX, y: event.offsetY })}
					onMouseLeave={() => setHover(null)}
				/>
				{hover && pointed && (
					<div
						class="timeline-tip"
						style={{
							top: `${hover.y + 22}px`,
							...(hover.x > size.width / 2
								? { right: `${size.width - hover.x + 10}px` }
								: { left: `${hover.x + 10}px` }),
						}}
					>
						<b class="mono">{pointed.name}</b>
						<div>{nodeWords(pointed, root)}</div>
					</div>
				)}
			</div>
			<p id="flame-chosen" class="timeline-chosen" aria-live="polite">
				{chosen ? (
					<>
						<span class="mono">{chosen.name}</span>: {nodeWords(chosen, root)}
					</>
				) : (
					<span class="muted">Choose a function by a click, or with the arrow keys. Enter or a click zooms.</span>
				)}
			</p>
		</div>
	);
}

export const pointsText = (points: number): string => 
	Math.abs(points) < 0.05 ? '0.0' : `${points > 0 ? '+' : '−'}${Math.abs(points).toFixed(1)}`;

/** Share, samples, itself, and what has changed; how far chance may have moved it. */
export function nodeWords(node: FlameNode, root: FlameNode): string {
	const { points, error } = shares(node.count, node.before, root);
	const more = points === null ? '' : `, ${pointsText(points)} points`;
	return `${percent(node.count, root.count)}${more} (± ${(100 * error).toFixed(1)}), ${plural(node.count, 'sample')}, itself ${percent(node.self, root.count)}`;
}

interface Pen {
	context: CanvasRenderingContext2D;
	look: Look;
	width: number;
	root: FlameNode;
	zoom: FlameNode;
	chosen: FlameNode | null;
	find: Finder | null;
}

function paintTree(pen: Pen, node: FlameNode): void {
	const scale = pen.width / Math.max(1, pen.zoom.count);
	const width = node.count * scale;
	if (width < LEAST) return;
	paintNode(pen, node, (node.begin - pen.zoom.begin) * scale, width);
	for (const child of node.children) paintTree(pen, child);
}

/** Without a comparison the colour of its part of the program; with one, more is red and less is blue, by how much. What chance may have
 * moved has no colour. */
function fillOf({ look, root, find }: Pen, node: FlameNode): string {
	const { points, error } = shares(node.count, node.before, root);
	const compared = points !== null;
	const color = compared ? (points > 0 ? 's6' : 's1') : node.depth === 1 ? 'line-strong' : `s${frameSeries(node.name)}`;
	const sure = compared && Math.abs(points) > 100 * error;
	const strength = compared ? Number(sure) * Math.min(1, Math.sqrt(Math.abs(points) / 20)) : 0.25 + 0.75 * Math.sqrt(node.self / node.count);
	const paler = find === null || find(node.name) ? 1 : 0.25;
	return mixed(look.color(color), look.color('sunken'), node.depth === 0 ? 0 : strength * paler);
}

function paintNode(pen: Pen, node: FlameNode, x: number, width: number): void {
	const { context, look, find } = pen;
	const fill = fillOf(pen, node);
	const y = node.depth * ROW;
	const gap = width > 3 ? 0.5 : 0;
	context.fillStyle = fill;
	context.fillRect(x, y, width - gap, ROW - 1);
	if (find?.(node.name)) {
		context.fillStyle = look.color('ink');
		context.fillRect(x, y + ROW - 3, width - gap, 2);
	}
	if (node === pen.chosen) {
		context.strokeStyle = look.color('ink');
		context.lineWidth = 2;
		context.strokeRect(x + 1, y + 1, Math.max(1, width - gap - 2), ROW - 3);
	}
	if (width < 26) return;
	const { points } = shares(node.count, node.before, pen.root);
	const whole = points === null || Math.abs(points) < 0.05 ? node.name : `${node.name} ${pointsText(points)}`;
	context.fillStyle = look.on(fill);
	context.fillText(fitText(whole, width), x + 4, y + ROW / 2, width - 4);
}
