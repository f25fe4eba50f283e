import { useState } from 'react';
import type { MethodOutput } from '#shared/contract/index.ts';
import { desktop } from '../transport/desktop.ts';
import { useEngine } from '../transport/engine-context.ts';
import { useSubmission } from '../transport/use-submission.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { ErrorPanel } from './error-panel.tsx';
import { SelectField } from './field.tsx';
import { saveDocument } from './save-document.ts';
import { Tint } from './state.tsx';

/** A walkthrough or an incident as a document to keep or to hand on: what happened, what was skipped and why, and what nobody knows. */
export function ReportDialog({ of, title, onClose }: { of: { walkthroughId: string } | { incidentId: string }; title: string; onClose: () => void }) {
  const engine = useEngine();
  const [format, setFormat] = useState<'markdown' | 'html' | 'json'>('markdown');
  const run = useSubmission<MethodOutput<'walkthrough.export' | 'incident.export'>>({ mutationFn: () => ('walkthroughId' in of ? engine.call('walkthrough.export', { ...of, format }) : engine.call('incident.export', { ...of, format })), onSuccess: saveDocument });
  return (
    <Dialog title="Export the report?" target={title} onClose={onClose} size={440}>
      <SelectField label="As" value={format} onChange={(chosen) => { setFormat(chosen); run.reset(); }} options={[{ value: 'markdown', label: 'Markdown, for people' }, { value: 'html', label: 'One page of HTML, to read and print' }, { value: 'json', label: 'JSON with every event, for scripts' }]} hint="Passwords and keys are never in it" />
      {run.error === null ? null : <ErrorPanel error={run.error} />}
      {run.data === undefined ? null : <Tint kind="ok" role="status"><p>{desktop === null ? `Written to ${run.data.fileName}` : `Handed over as ${run.data.fileName}; it lies where you save it`}.</p></Tint>}
      <div className="btns">
        <Button size="lg" onClick={onClose}>{run.data === undefined ? 'Cancel' : 'Close'}</Button>
        <Button size="lg" look="primary" disabled={run.isPending} onClick={() => run.mutate()}>Export report</Button>
      </div>
    </Dialog>
  );
}
