// SPDX-License-Identifier: MIT
//
// The table: sticky head, sort, keyboard, and only the rows that can be seen exist, whatever their number. Rows are keyed, so one
// that stays keeps its element. Narrower than CARDS px each row becomes a card.
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { placeOfTable, tellPlace, type TablePlace } from '../lib/place';
import { inTheirPlaces } from '../state/pages';
import { fitColumns, nextOrder, template, visibleRows, type Column, type Order } from './columns';
import { useSize } from './use';

const ROW = 28;
const CARD = 56; // px, unless the table says otherwise
const CARDS = 560;

interface TableProps<T> {
	label: string;
	rows: T[];
	list?: string; // another one of the same table is shown from its top
	shows?: string; // which list the rows are of, when they may still be of the one before
	first?: number; // the place of rows[0] in the list
	total?: number; // rows that can be scrolled to, when not all of them are here
	all?: number; // rows that there are
	onRange?: (from: number, to: number) => void; // these are in sight: `to` not included
	holds?: boolean; // rows keep their places while the pointer is over them, or the keyboard stands on one
	rowKey: (row: T) => string | number;
	columns: Column<T>[];
	card: (row: T) => ComponentChildren;
	sort?: string;
	order?: Order;
	onSort?: (key: string, order: Order) => void;
	selected?: string | number | null;
	onOpen?: (row: T) => void;
	onMove?: (row: T) => void; // the cursor went to this row
	stick?: boolean; // stay at the end while rows are added there
	anchored?: boolean; // rows go at the front: what is on the screen stays where it is
	cardHeight?: number; // px
	cardsBelow?: number; // px of width
	empty?: ComponentChildren;
	testId?: string;
}

/** What was shown when the pointer or the keyboard came stays where it is, with new values, until it leaves or the list is another one. */
function useHeld<T>(props: TableProps<T>, pointed: boolean): [T[], boolean] {
	const { rows, first = 0, rowKey, holds, sort, order } = props;
	const before = useRef<{ rows: T[]; list: string }>({ rows: [], list: '' });
	const list = `${props.shows ?? props.list} ${first} ${sort} ${order}`;
	const same = pointed && holds === true && before.current.list === list && before.current.rows.length > 0;
	const shown = useMemo(() => (same ? inTheirPlaces(before.current.rows, rows, rowKey) : rows), [rows, same]);
	const moved = same && shown.some((row, i) => rows[i] === undefined || rowKey(rows[i]) !== rowKey(row));
	useEffect(() => {
		before.current = { rows: shown, list };
	});
	return [shown, moved];
}

export function Table<T>(props: TableProps<T>) {
	const { rowKey, first = 0 } = props;
	const [pointed, setPointed] = useState(false);
	const [keyed, setKeyed] = useState(false); // the keyboard moves in it
	const came = useRef(placeOfTable(props.testId));
	const [cursor, setCursor] = useState<string | number | null>(props.selected ?? came.current?.cursor ?? null);
	const [rows, held] = useHeld(props, pointed || (keyed && cursor !== null));
	const total = Math.max(props.total ?? 0, first + rows.length);
	const placeOfKey = (key: string | number | null | undefined): number => {
		const at = rows.findIndex((row) => rowKey(row) === key);
		return at < 0 ? -1 : first + at;
	};
	const [ref, size] = useSize<HTMLDivElement>();
	const [scrollTop, setScrollTop] = useState(0);
	const cards = size.width > 0 && size.width < (props.cardsBelow ?? CARDS);
	const rowHeight = cards ? (props.cardHeight ?? CARD) : ROW;
	const headHeight = cards ? 0 : 31;
	const columns = fitColumns(props.columns, size.width || 1200);
	const range = visibleRows(scrollTop, size.height, rowHeight, total);
	const atEnd = useRef(true);
	const anchor = useRef<{ key: string | number; offset: number } | null>(null);

	useLayoutEffect(() => {
		const element = ref.current;
		if (!element) return;
		if (props.stick && atEnd.current) element.scrollTop = element.scrollHeight;
		else if (props.anchored && anchor.current) {
			const at = placeOfKey(anchor.current.key);
			if (at >= 0) element.scrollTop = at * rowHeight + anchor.current.offset;
		}
	}, [rows, size.height, props.stick]);

	useLayoutEffect(() => {
		const place = came.current;
		const element = ref.current;
		if (!place || !element || size.height === 0 || rows.length === 0) return;
		came.current = null;
		element.scrollTop = place.top;
	}, [rows, size.height]);
	const place = useRef({ cursor });
	place.current.cursor = cursor;
	useEffect(() => {
		const read = (): TablePlace => ({ top: ref.current?.scrollTop ?? 0, cursor: place.current.cursor });
		return props.testId ? tellPlace(props.testId, read) : undefined;
	}, [props.testId]);
	useEffect(() => props.onRange?.(range.from, range.to), [range.from, range.to]);
	const list = `${props.list} ${props.sort} ${props.order}`;
	const listBefore = useRef(list);
	useLayoutEffect(() => {
		if (listBefore.current !== list && ref.current) ref.current.scrollTop = 0;
		listBefore.current = list;
	}, [list]);
	const openRow = (row: T): void => {
		place.current.cursor = rowKey(row);
		props.onOpen?.(row);
	};
	const onScroll = (event: Event): void => {
		const element = event.currentTarget as HTMLDivElement;
		atEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - rowHeight;
		const top = rows[Math.floor(element.scrollTop / rowHeight) - first];
		anchor.current = top === undefined ? null : { key: rowKey(top), offset: element.scrollTop % rowHeight };
		setScrollTop(element.scrollTop);
	};
	const show = (index: number): void => {
		const element = ref.current;
		if (!element) return;
		const top = index * rowHeight;
		const room = element.clientHeight - headHeight;
		if (top < element.scrollTop) element.scrollTop = top;
		else if (top + rowHeight > element.scrollTop + room) element.scrollTop = top + rowHeight - room;
	};
	const known = props.selected !== undefined && props.selected !== null && size.height > 0;
	useEffect(() => {
		if (!known) return;
		setCursor(props.selected ?? null);
		const at = placeOfKey(props.selected);
		if (at >= 0) show(at);
	}, [props.selected, known, cards]);
	const move = (to: number): void => {
		const at = Math.max(0, Math.min(total - 1, to));
		const row = rows[at - first];
		show(at);
		if (row === undefined) return; // it comes when it is in sight
		setCursor(rowKey(row));
		props.onMove?.(row);
	};
	const onKeyDown = (event: KeyboardEvent): void => {
		if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
		const at = placeOfKey(cursor);
		const page = Math.max(1, Math.floor(size.height / rowHeight) - 2);
		const targets: Record<string, number> = {
			ArrowDown: at + 1,
			j: at + 1,
			ArrowUp: at < 0 ? 0 : at - 1,
			k: at < 0 ? 0 : at - 1,
			PageDown: at + page,
			PageUp: at - page,
			Home: 0,
			End: total - 1,
		};
		const target = targets[event.key];
		const row = rows[at - first];
		if (target !== undefined) move(target);
		else if (event.key === 'Enter' && row !== undefined) openRow(row);
		else return;
		event.preventDefault();
	};

	const from = Math.max(range.from, first);
	const shown = rows.slice(from - first, Math.max(0, range.to - first));
	const active = cursor !== null && shown.some((row) => rowKey(row) === cursor);
	const id = `row-${props.testId ?? 'x'}-`;
	return (
		<div
			ref={ref}
			class={cards ? 'table as-cards' : 'table'}
			role="grid"
			aria-label={props.label}
			aria-rowcount={Math.max(props.all ?? 0, total) + 1}
			aria-activedescendant={active ? `${id}${cursor}` : undefined}
			tabIndex={0}
			data-table={props.testId}
			onScroll={onScroll}
			onKeyDown={(event) => {
				setKeyed(true);
				onKeyDown(event);
			}}
			onPointerEnter={(event) => setPointed(event.pointerType === 'mouse')}
			onPointerLeave={() => setPointed(false)}
			onBlur={() => setKeyed(false)}
			style={{ '--cols': template(columns) }}
		>
			{!cards && (
				<div class="head" role="rowgroup">
					<div class="line" role="row" aria-rowindex={1}>
						{columns.map((column) => (
							<Head key={column.key} column={column} {...props} />
						))}
					</div>
				</div>
			)}
			{rows.length === 0 && props.empty && (
				<div role="rowgroup">
					<div role="row">
						<div role="gridcell">{props.empty}</div>
					</div>
				</div>
			)}
			{rows.length > 0 && (
				<div class="rows" role="rowgroup" style={{ height: `${total * rowHeight}px` }}>
					{shown.map((row, i) => {
						const key = rowKey(row);
						return (
							<div
								key={key}
								id={`${id}${key}`}
								role="row"
								aria-rowindex={from + i + 2}
								aria-selected={props.selected === key}
								class={key === cursor ? 'line cursor' : 'line'}
								style={{
									transform: `translateY(${(from + i) * rowHeight}px)`,
									height: `${rowHeight}px`,
								}}
								onClick={() => {
									setCursor(key);
									ref.current?.focus({ preventScroll: true });
									openRow(row);
								}}
							>
								{cards ? (
									<div role="gridcell">{props.card(row)}</div>
								) : (
									columns.map((column) => <Cell key={column.key} column={column} row={row} />)
								)}
							</div>
						);
					})}
				</div>
			)}
			{held && (
				<div class="held" role="note">
					Order held {pointed ? 'under the pointer' : 'while the keyboard is here'}
				</div>
			)}
		</div>
	);
}

function Cell<T>({ column, row }: { column: Column<T>; row: T }) {
	return (
		<div role="gridcell" class={`cell ${column.align ?? ''}`}>
			{column.cell(row)}
		</div>
	);
}

function Head<T>({ column, sort, order = 'desc', onSort }: { column: Column<T> } & TableProps<T>) {
	const active = sort === column.key;
	const aria = active ? (order === 'asc' ? 'ascending' : 'descending') : undefined;
	return (
		<div role="columnheader" class={`cell ${column.align ?? ''}`} aria-sort={aria} title={column.title}>
			{column.sort && onSort ? (
				<button
					type="button"
					data-sort={column.key}
					onClick={() => onSort(column.key, nextOrder(active, order, column.align === 'num'))}
				>
					<span class="clip">{column.label}</span>
					<span class="mark" aria-hidden="true">
						{active ? (order === 'asc' ? '▲' : '▼') : ''}
					</span>
				</button>
			) : (
				column.label
			)}
		</div>
	);
}
