// SPDX-License-Identifier: MIT
//
// One packet: the tree of its fields, its bytes, and each lights the other. Names and values came from the wire and are text here.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ownerOfBytes, parseHex, type Span } from '../lib/hex';
import type { PacketDetail } from '../net/wire';
import { fieldTerm } from '../state/links';
import { ancestors, flatten, reveal, valueText, visible, walk, type Node } from '../state/tree';
import { HexView } from './hex_view';
import { Term } from './term';

const spanOf = (node: Node | undefined): Span | null => (node && node.field.length > 0 ? node.field : null);

export function Inspector({ detail }: { detail: PacketDetail }) {
	const nodes = useMemo(() => flatten(detail.layers ?? []), [detail]);
	const bytes = useMemo(() => parseHex(detail.hex ?? ''), [detail]);
	const owner = useMemo(
		() =>
			ownerOfBytes(
				nodes.map((n) => n.field),
				bytes.length,
			),
		[nodes, bytes],
	);
	const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
	const [picked, setPicked] = useState(0);
	const [hover, setHover] = useState<number | null>(null);
	useEffect(() => {
		setClosed(new Set());
		setPicked(0);
		setHover(null);
	}, [detail.id]);
	const pick = (index: number): void => {
		setClosed((c) => reveal(nodes, c, index));
		setPicked(index);
	};
	const fieldAt = (at: number): number | null => {
		const index = owner[at] ?? -1;
		return index < 0 ? null : index;
	};
	const path = ancestors(nodes, picked);
	const cut = (detail.packet?.cap_len ?? bytes.length) - bytes.length;
	return (
		<div class="inspector" data-inspector={detail.id}>
			<div class="crumbs clip" aria-live="polite" data-crumbs>
				{path.map((n) => n.field.label).join(' › ')}
				<span class="muted mono"> {path.at(-1)?.field.name}</span>
			</div>
			<Tree
				nodes={nodes}
				closed={closed}
				picked={picked}
				hot={hover}
				onPick={pick}
				onHover={setHover}
				onToggle={(index, open) =>
					setClosed((c) => {
						const next = new Set(c);
						if (open) next.delete(index);
						else next.add(index);
						return next;
					})
				}
			/>
			<HexView
				bytes={bytes}
				hot={spanOf(nodes[hover ?? -1])}
				pick={spanOf(nodes[picked])}
				onHover={(at) => setHover(at === null ? null : fieldAt(at))}
				onPick={(at) => {
					const index = fieldAt(at);
					if (index !== null) pick(index);
				}}
			/>
			{(detail.truncated || cut > 0) && (
				<p class="muted small inspector-foot">
					{detail.truncated && 'The tree was too large: some fields are missing. '}
					{cut > 0 && `${cut} more bytes were captured; web.payload_bytes says how many are kept.`}
				</p>
			)}
		</div>
	);
}

interface TreeProps {
	nodes: Node[];
	closed: ReadonlySet<number>;
	picked: number;
	hot: number | null;
	onPick: (index: number) => void;
	onHover: (index: number | null) => void;
	onToggle: (index: number, open: boolean) => void;
}

function Tree({ nodes, closed, picked, hot, onPick, onHover, onToggle }: TreeProps) {
	const box = useRef<HTMLDivElement>(null);
	const shown = visible(nodes, closed);
	useLayoutEffect(() => {
		box.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
	}, [picked]);
	const onKeyDown = (event: KeyboardEvent): void => {
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		if (event.key === 'Enter') box.current?.querySelector<HTMLElement>('[aria-selected=true] a')?.click();
		const step = walk(nodes, closed, picked, event.key);
		if (!step) return;
		event.preventDefault();
		if ('select' in step) onPick(step.select);
		else if ('open' in step) onToggle(step.open, true);
		else onToggle(step.close, false);
	};
	return (
		<div
			ref={box}
			class="tree"
			role="tree"
			aria-label="Fields"
			tabIndex={0}
			aria-activedescendant={`field-${picked}`}
			onKeyDown={onKeyDown}
			onMouseLeave={() => onHover(null)}
		>
			{shown.map((node) => (
				<div
					key={node.index}
					id={`field-${node.index}`}
					role="treeitem"
					aria-level={node.depth + 1}
					aria-selected={node.index === picked}
					aria-expanded={node.children ? !closed.has(node.index) : undefined}
					class={`field-row${node.depth === 0 ? ' layer' : ''}${node.index === hot ? ' hot' : ''}`}
					data-field={node.field.name}
					style={{ paddingLeft: `${8 + node.depth * 16}px` }}
					onMouseEnter={() => onHover(node.index)}
					onClick={() => onPick(node.index)}
					onDblClick={() => node.children && onToggle(node.index, closed.has(node.index))}
				>
					<span
						class="twist"
						aria-hidden="true"
						onClick={(event) => {
							if (!node.children) return;
							event.stopPropagation();
							onToggle(node.index, closed.has(node.index));
						}}
					>
						{node.children ? (closed.has(node.index) ? '▸' : '▾') : ''}
					</span>
					<span class="field-label">{node.field.label}</span>
					<span class="field-value mono">
						<Term term={fieldTerm(node.field.name, String(node.field.value ?? ''))}>{valueText(node.field)}</Term>
					</span>
				</div>
			))}
		</div>
	);
}
