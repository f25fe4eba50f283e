import { useState } from 'react';
import type { MethodArgument, MethodOutput } from '#shared/contract/index.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { SelectField } from '../../components/field.tsx';
import { plural } from '../../components/format.ts';
import { saveDocument } from '../../components/save-document.ts';
import { Tint } from '../../components/state.tsx';
import { desktop } from '../../transport/desktop.ts';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';

export type HistoryFilter = Omit<MethodArgument<'history.search'>, 'limit' | 'cursor'>;

/** What was found, as a document to keep or to hand on. */
export function ExportDialog({ filter, onClose }: { filter: HistoryFilter; onClose: () => void }) {
  const engine = useEngine();
  const [format, setFormat] = useState<'json' | 'markdown'>('markdown');
  /** The document that was written last. It outlives a failure, so that what comes next begins where it ended. */
  const [written, setWritten] = useState<MethodOutput<'history.export'> | null>(null);
  const run = useSubmission<MethodOutput<'history.export'>, string | null>({
    mutationFn: (cursor) => engine.call('history.export', { ...filter, format, ...(cursor === null ? {} : { cursor }) }),
    onSuccess: (document) => {
      saveDocument(document);
      setWritten(document);
    },
  });
  const rest = written?.nextCursor ?? null;
  return (
    <Dialog title="Export what was found" onClose={onClose} size={440}>
      <SelectField label="As" value={format} onChange={(chosen) => { setFormat(chosen); setWritten(null); run.reset(); }} options={[{ value: 'markdown', label: 'Markdown, for people' }, { value: 'json', label: 'JSON, for scripts' }]} hint="Passwords and keys are never in it" />
      {run.error === null ? null : <ErrorPanel error={run.error} />}
      {written === null ? null : <Tint kind="ok" role="status"><p>{plural(written.events, 'event')} {desktop === null ? `written to ${written.fileName}` : `handed over as ${written.fileName}; it lies where you save it`}.</p></Tint>}
      {rest === null ? null : <Tint kind="warn"><p>That is not all: older events were found than one document takes.</p></Tint>}
      <div className="btns">
        <Button size="lg" onClick={onClose}>{written === null ? 'Cancel' : 'Close'}</Button>
        <Button size="lg" look="primary" disabled={run.isPending} onClick={() => run.mutate(rest)}>{rest === null ? 'Export history' : 'Export the next part'}</Button>
      </div>
    </Dialog>
  );
}
