// SPDX-License-Identifier: MIT
//
// What only a page needs that opens a snapshot: a file of its own, which the first picture does not wait for.
export { sourceOf } from './net/held';
export { readSnapshot } from './net/snapshot';
