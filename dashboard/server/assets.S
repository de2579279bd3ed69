/* SPDX-License-Identifier: MIT
 *
 * The page's files, gzipped, as read-only data. The assembler finds them in the build folder, which the makefile names
 * with -I.
 */
	.section .rodata

	.macro asset name, file
	.balign 16
	.globl nsc_asset_\name
	.globl nsc_asset_\name\()_end
nsc_asset_\name:
	.incbin "\file"
nsc_asset_\name\()_end:
	.endm

	asset index_html, "index.html.gz"
	asset app_js, "app.js.gz"
	asset app_css, "app.css.gz"
	asset icon_svg, "icon.svg.gz"

	.section .note.GNU-stack, "", @progbits
