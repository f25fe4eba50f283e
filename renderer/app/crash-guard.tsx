import { Component, type ReactNode } from 'react';

/** What is shown where drawing a screen failed: the sentence and the way on. The engine is not touched by it. */
export class CrashGuard extends Component<{ children: ReactNode; resetKey?: string }, { failed: Error | null }> {
  override state: { failed: Error | null } = { failed: null };

  static getDerivedStateFromError(failed: Error): { failed: Error } {
    return { failed };
  }

  override componentDidUpdate(before: { resetKey?: string }): void {
    if (before.resetKey !== this.props.resetKey && this.state.failed !== null) this.setState({ failed: null });
  }

  override render(): ReactNode {
    if (this.state.failed === null) return this.props.children;
    return (
      <div className="page">
        <div className="tint critical err" role="alert">
          <span />
          <h1>This screen could not be drawn</h1>
          <p className="mono break">{this.state.failed.message}</p>
          <p>Nothing on your servers is touched by this; work that runs goes on.</p>
          <p>
            <button type="button" className="btn" onClick={() => window.location.reload()}>Load the console again</button>
          </p>
        </div>
      </div>
    );
  }
}
