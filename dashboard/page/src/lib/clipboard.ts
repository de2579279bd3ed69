// SPDX-License-Identifier: MIT
import { notify } from '../state/notes';

/** Copies and says so. Without a secure context there is no clipboard: the old way still works then. */
export async function copy(text: string, what = text): Promise<void> {
	try {
		if (navigator.clipboard) await navigator.clipboard.writeText(text);
		else copyOldWay(text);
		notify(`Copied ${what}`);
	} catch {
		notify('The browser did not allow copying.');
	}
}

function copyOldWay(text: string): void {
	const area = document.createElement('textarea');
	area.value = text;
	area.className = 'offscreen';
	document.body.append(area);
	area.select();
	document.execCommand('copy');
	area.remove();
}
