// SPDX-License-Identifier: MIT
//
// Icons as paths on a 24-unit grid, drawn with the text's colour. Meaning is never an icon's alone: a word stands beside it or in its label.

const PATHS = {
	overview: 'M3 13h4l3-8 4 14 3-6h4',
	who: 'M9 4a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7ZM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5m2 3a6.5 6.5 0 0 1 3.5 6',
	flows: 'M4 7h13m0 0-3-3m3 3-3 3M20 17H7m0 0 3-3m-3 3 3 3',
	packets: 'M4 6h16v12H4zM4 10h16M9 10v8M14 10v8',
	alerts: 'M12 4 2.5 20h19zM12 10v5m0 2.2v.3',
	cores: 'M7 7h10v10H7zM10 3v4m4-4v4m-4 10v4m4-4v4M3 10h4m-4 4h4m10-4h4m-4 4h4',
	profile: 'M4 6h7m3 0h6M4 12h3m3 0h10M4 18h12m3 0h1',
	ledger: 'M4 5h5c5 0 3 9 8 9h3M4 9h3c4 0 4 10 8 10h5M17 11l3 3-3 3',
	fleet: 'M4 4h16v6H4zM4 14h16v6H4zM7 7h.01M7 17h.01M11 7h6M11 17h6',
	system: 'M4 7h9m4 0h3M4 17h3m4 0h9M13 4v6M7 14v6',
	search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm5 12 5 5',
	pause: 'M8 5v14M16 5v14',
	play: 'M7 4.5v15l12-7.5z',
	help: 'M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4m0 3v.3M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
	sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8ZM12 2v3m0 14v3M2 12h3m14 0h3M5 5l2 2m10 10 2 2M5 19l2-2M17 7l2-2',
	moon: 'M20 14.5A8.5 8.5 0 1 1 9.5 4 7 7 0 0 0 20 14.5Z',
	system_theme: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 0v18M12 8h6M12 12h9M12 16h6',
	check: 'M5 12.5 10 17.5 19.5 7',
	cross: 'M6 6l12 12M18 6 6 18',
	warn: 'M12 4 2.5 20h19zM12 10v5m0 2.2v.3',
	download: 'M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 20h14',
	plug: 'M9 3v5m6-5v5M6 8h12v3a6 6 0 0 1-12 0zM12 17v4',
	copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
	back: 'M19 12H5m0 0 6-6m-6 6 6 6',
	wait: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 4v5l3.5 2',
	gauge: 'M4 17a9 9 0 1 1 16 0M12 14l4-5',
	dns: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM3 12h18M12 3c-5 5-5 13 0 18M12 3c5 5 5 13 0 18',
	more: 'M5 12h.01M12 12h.01M19 12h.01',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, small = false }: { name: IconName; small?: boolean }) {
	return (
		<svg class={small ? 'icon s' : 'icon'} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
			<path
				d={PATHS[name]}
				fill="none"
				stroke="currentColor"
				stroke-width={small ? 2.4 : 1.8}
				stroke-linecap="round"
				stroke-linejoin="round"
			/>
		</svg>
	);
}
