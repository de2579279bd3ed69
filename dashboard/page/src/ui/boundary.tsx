// SPDX-License-Identifier: MIT
//
// A view that fails must not take the page with it: the frame stays, and says what happened.
import { Component, type ComponentChildren } from 'preact';
import { Empty } from './bits';

interface BoundaryProps {
	of: string; // another view begins anew
	children: ComponentChildren;
}

export class Boundary extends Component<BoundaryProps, { error: Error | null; of: string }> {
	override state = { error: null, of: this.props.of };

	static override getDerivedStateFromProps(props: BoundaryProps, state: { of: string }) {
		return props.of === state.of ? null : { error: null, of: props.of };
	}

	override componentDidCatch(error: unknown): void {
		console.error(error);
		this.setState({ error: error instanceof Error ? error : new Error(String(error)) });
	}

	override render() {
		const error = this.state.error as Error | null;
		if (!error) return this.props.children;
		return (
			<div class="view">
				<Empty
					icon="cross"
					title="This view has failed"
					next={
						<button type="button" class="button" onClick={() => this.setState({ error: null })}>
							Try again
						</button>
					}
				>
					The page met something that it did not expect: <code>{error.message}</code>. Other views go on;
					capture is not touched by it.
				</Empty>
			</div>
		);
	}
}
