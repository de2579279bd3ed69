// SPDX-License-Identifier: MIT
import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/frame.css';
import './styles/table.css';
import './styles/views.css';
import './styles/packet.css';
import './styles/profile.css';
import './styles/who.css';
import './styles/time.css';
import { App } from './app';
import { startRouter } from './lib/router';
import { startSession } from './state/session';
import { startDrops } from './state/snapshot';
import { startTheme } from './state/settings';
import { startPointing } from './ui/term';

const root = document.getElementById('app');
if (root) {
	startTheme();
	startRouter();
	startPointing();
	startSession();
	startDrops();
	render(<App />, root);
}
