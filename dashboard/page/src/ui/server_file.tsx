// SPDX-License-Identifier: MIT
import type { JSX } from 'preact';
import { fileSource } from '../net/source';

/** A link to a file that the server makes: nothing while a snapshot is shown, which asks it for nothing. */
export const ServerFile = (props: JSX.IntrinsicElements['a']) => (fileSource() ? null : <a {...props} />);
