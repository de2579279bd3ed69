/* SPDX-License-Identifier: MIT
 *
 * The page's files as read-only data, each gzipped and as it is. The assembler finds them in the build folder, which
 * the makefile names with -I.
 */
	.section .rodata

	.macro bytes label, file
	.balign 16
	.globl \label
	.globl \label\()_end
\label:
	.incbin "\file"
\label\()_end:
	.endm

	.macro asset name, file
	bytes nsc_asset_\name, "\file"
	bytes nsc_asset_\name\()_gz, "\file\().gz"
	.endm

	asset index_html, "index.html"
	asset app_js, "app.js"
	asset app_css, "app.css"
	asset icon_svg, "icon.svg"
	asset snapshot_js, "snapshot.js"

	.section .note.GNU-stack, "", @progbits
