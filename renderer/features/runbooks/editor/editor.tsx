import type { MethodOutput } from '#shared/contract/index.ts';
import { Loaded } from '../../../components/loaded.tsx';
import { PageHead } from '../../../components/screen.tsx';
import { useMethod } from '../../../transport/use-method.ts';
import { RunbookTitle } from '../title.tsx';
import { EditorForm } from './editor-form.tsx';
import { template } from './text-edits.ts';
import '../runbooks.css';
import './editor.css';

export type Opened = Pick<MethodOutput<'runbook.get'>, 'text' | 'stats' | 'runs'> & { card: MethodOutput<'runbook.get'>['card'] | null };

const fresh: Opened = { text: template, stats: [], runs: [], card: null };

/** One runbook: its text, what is wrong in it, its steps as they would be sent, and how they went so far. */
export function RunbookEditor({ systemId, pack, file }: { systemId: string | null; pack: string; file: string }) {
  const ref = `${pack}/${file}`;
  const query = useMethod('runbook.get', { ref });
  return (
    <>
      <RunbookTitle systemId={systemId} screen={pack === 'own' ? 'Edit a runbook' : 'A runbook'} focus />
      {query.data === undefined ? <div className="page"><PageHead title="A runbook" /><Loaded query={query} what="the runbook">{() => null}</Loaded></div> : <EditorForm systemId={systemId} refName={ref} opened={query.data} onReread={async () => (await query.refetch({ throwOnError: true })).data ?? null} />}
    </>
  );
}

/** A runbook that is begun: nothing is written before it is saved. */
export function NewRunbook({ systemId }: { systemId: string | null }) {
  return (
    <>
      <RunbookTitle systemId={systemId} screen="New runbook" focus />
      <EditorForm systemId={systemId} refName={null} opened={fresh} onReread={() => Promise.resolve(null)} />
    </>
  );
}
