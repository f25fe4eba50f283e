import { useState } from 'react';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { ImportedDatabase } from '#shared/contract/imports.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { VaultInTheWay } from '../../components/connect/vault-in-the-way.tsx';
import { EnvironmentTag } from '../../components/environment-tag.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { SelectField } from '../../components/field.tsx';
import { plural } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { Empty } from '../../components/screen.tsx';
import { Tint } from '../../components/state.tsx';
import { useEngine } from '../../transport/engine-context.ts';
import { useMethod } from '../../transport/use-method.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import { ItemTable, type Column } from './item-table.tsx';
import { databaseWords, SourceForm, WhatWasRead } from './source-form.tsx';
import { TargetFields, type Target } from './target.tsx';
import { fieldsOf, useDatabasesPreview, useReadAgain, usualFiles, type DatabasesPreview, type Source } from './use-preview.ts';

type Answer = MethodOutput<'import.applyDatabases'>;

const passwordWords: Record<ImportedDatabase['password'], string> = { passfile: 'in the password file', given: 'stands there', ask: 'asked for' };
const fromWords: Record<ImportedDatabase['from'], string> = { passfile: 'password file', 'service-file': 'service file', pgadmin: 'pgAdmin', text: 'pasted' };

const columns: readonly Column<ImportedDatabase>[] = [
  { head: 'Database', cell: ({ label, from, line }) => <>{label}<span className="t3 xs under">{fromWords[from]}{line === null ? '' : `, line ${line}`}</span></> },
  { head: 'Reached at', cell: ({ host, port, database, user, tls }) => <><span className="mono break">{host ?? '*'}:{port ?? '*'}/{database ?? '*'}</span><span className="t3 xs break">as {user ?? 'anybody'}{tls === null ? '' : tls === 'disable' ? ', without TLS' : `, TLS ${tls}`}</span></> },
  { head: 'Password', cell: ({ password }) => passwordWords[password], className: 'nowrap' },
];

/** What was imported, and into which system: another one may be chosen for what comes next. */
interface Done {
  answer: Answer;
  systemId: string;
  name: string;
}

function Imported({ answer, systemId, name }: Done) {
  return (
    <section className="panel" aria-labelledby="imported">
      <header><h2 id="imported"><span className="row"><span className="ok"><Glyph kind="ok" small label="Done" /></span>{plural(answer.added.length, 'database')} added to {name}</span></h2></header>
      <div className="body stack">
        <p className="t2">Nothing was connected to yet. A test goes through each layer and only reads.</p>
        <div className="row wrap">
          <LinkButton look="primary" to={paths.system(systemId)} {...(answer.added[0] === undefined ? {} : { intent: { intent: 'test-connection', about: answer.added[0].id } })}>Test {answer.added[0]?.label ?? 'them'}</LinkButton>
          <LinkButton to={paths.systemScreen(systemId, 'backups')} intent={{ intent: 'back-up' }}>Back up…</LinkButton>
        </div>
      </div>
    </section>
  );
}

interface ChooserProps {
  preview: DatabasesPreview;
  target: Target;
  fixed: boolean;
  source: Record<string, string>;
  viaId: string | null;
  onVia: (viaId: string | null) => void;
  /** Something was imported just now: the next step stands there. */
  isDone: boolean;
  onLookAgain: () => void;
  onImported: (done: Done) => void;
}

function Chooser({ preview, target, fixed, source, viaId, onVia, isDone, onLookAgain, onImported }: ChooserProps) {
  const engine = useEngine();
  const readAgain = useReadAgain();
  const vault = useMethod('vault.status', {});
  const hosts = useMethod('host.list', {});
  const [passwordsTo, setPasswordsTo] = useState<'vault' | 'ask'>('vault');
  const { databases } = preview;
  const [picked, setPicked] = useState<ReadonlySet<string>>(() => new Set(databases.filter(({ state }) => state === 'new').map(({ id }) => id)));
  const possible = databases.filter(({ state }) => state === 'new');
  const chosen = possible.filter(({ id }) => picked.has(id));
  const given = chosen.some(({ password }) => password === 'given');
  const locked = given && passwordsTo === 'vault' && (vault.data?.state === 'absent' || vault.data?.state === 'locked') ? vault.data.state : null;
  const own = hosts.data?.hosts.filter(({ systemId }) => systemId === target.system?.id) ?? [];
  // A name that only a machine on the way can look up is reached through that machine.
  const behind = viaId !== null ? [] : own.filter(({ label, connection }) => connection.viaId !== null && chosen.some(({ host }) => host === label || host === connection.host));
  const onTheWay = own.find(({ id }) => id === behind[0]?.connection.viaId);
  const apply = useSubmission<Done>({
    mutationFn: async () => {
      const systemId = await target.need();
      return { systemId, name: target.name, answer: await engine.call('import.applyDatabases', { systemId, ...source, viaId, passwordsTo, items: chosen.map(({ id }) => id), previewHash: preview.previewHash }) };
    },
    onSuccess: onImported,
    onSettled: () => void readAgain(),
  });
  const choice = {
    chosen: new Set(chosen.map(({ id }) => id)), needed: new Map<string, readonly string[]>(),
    onChoose: (ids: readonly string[], isChosen: boolean) => setPicked((before) => new Set(isChosen ? [...before, ...ids] : [...before].filter((id) => !ids.includes(id)))),
  };
  const of = (...states: ImportedDatabase['state'][]) => databases.filter(({ state }) => states.includes(state));
  const sound = target.isSound && chosen.length > 0 && locked === null;
  return (
    <>
      <ItemTable title="New" what="database" items={possible} columns={columns} choice={choice} last="Mind" />
      <ItemTable title="Not supported" what="database" items={of('unsupported')} columns={columns.slice(0, 2)} last="Why" />
      <ItemTable title="Here already" what="database" items={of('known', 'changed')} columns={columns.slice(0, 2)} last="Here" />
      {possible.length === 0 ? (databases.length === 0 ? null : <Tint kind="ok"><p>There is nothing to import: everything that can be is here.</p></Tint>) : (
        <>
          {locked === null ? null : <VaultInTheWay state={locked} refused={false} onOpen={() => void vault.refetch()} />}
          <form className="import-bar" data-env={target.environment} onSubmit={(event) => { event.preventDefault(); if (sound) apply.mutate(); }}>
            {apply.error === null ? null : <ErrorPanel error={apply.error} title="Nothing was imported." vaultAtHand {...(apply.error.code === 'operation.plan-changed' ? { onRetry: () => { apply.reset(); onLookAgain(); }, retryLabel: 'Look again' } : {})} />}
            {locked === null ? null : <p className="t2 row"><span className="warn"><Glyph kind="warn" small /></span>{plural(chosen.filter(({ password }) => password === 'given').length, 'password')} would go into the vault: {locked === 'absent' ? 'make' : 'open'} it above, or choose to keep passwords until the engine stops.</p>}
            {behind.length === 0 || onTheWay === undefined ? null : <p className="t2 row"><span className="warn"><Glyph kind="warn" small /></span>{behind.map(({ label }) => label).slice(0, 3).join(', ')}{behind.length > 3 ? ` and ${behind.length - 3} more` : ''} {behind.length === 1 ? 'is a host here, which is' : 'are hosts here, which are'} reached through {onTheWay.label}: choose it, unless this computer reaches the database by itself.</p>}
            <div className="row wrap bar-row">
              <TargetFields target={target} fixed={fixed} />
              {own.length === 0 ? null : <SelectField label="Reached" value={viaId ?? ''} onChange={(id) => onVia(id === '' ? null : id)} options={[{ value: '', label: 'From this computer' }, ...own.map(({ id, label }) => ({ value: id, label: `Through ${label}` }))]} />}
              {given ? <SelectField label="Passwords that stand there" value={passwordsTo} onChange={setPasswordsTo} options={[{ value: 'vault', label: 'Into the vault' }, { value: 'ask', label: 'Kept until the engine stops' }]} /> : null}
              {fixed && target.system !== null ? <p className="row grow">Into <b className="strong">{target.name}</b><EnvironmentTag environment={target.environment} /></p> : null}
              <Button look={isDone ? 'plain' : 'primary'} size="lg" type="submit" disabled={!sound || apply.isPending}>{apply.isPending ? 'Importing' : chosen.length === 0 ? 'Import databases' : `Import ${plural(chosen.length, 'database')}`}</Button>
            </div>
          </form>
        </>
      )}
    </>
  );
}

/** Databases of libpq's files, of pgAdmin's list and of pasted addresses: shown first, then added as they were shown. */
export function DatabasesImport({ target, fixed }: { target: Target; fixed: boolean }) {
  const [source, setSource] = useState<Source | null>(usualFiles);
  const [viaId, setViaId] = useState<string | null>(null);
  const [done, setDone] = useState<Done | null>(null);
  const query = useDatabasesPreview(source, target.system?.id ?? null, viaId);
  return (
    <>
      <SourceForm words={databaseWords} onRead={(next) => { setSource(next); setDone(null); }} />
      {done === null ? null : <Imported answer={done.answer} systemId={done.systemId} name={done.name} />}
      {source === null ? null : (
        <Loaded query={query} what="the databases">
          {(preview) => (
            <>
              <WhatWasRead files={preview.files} problems={preview.problems} />
              {preview.databases.length === 0 ? <Empty>No database is named there.</Empty> : null}
              <Chooser key={source.turn} preview={preview} target={target} fixed={fixed} source={fieldsOf(source)} viaId={viaId} onVia={setViaId} isDone={done !== null} onLookAgain={() => void query.refetch()} onImported={setDone} />
            </>
          )}
        </Loaded>
      )}
    </>
  );
}
