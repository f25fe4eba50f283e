import { useState } from 'react';
import type { ImportedHost, ImportedHostKey } from '#shared/contract/imports.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { EnvironmentTag } from '../../components/environment-tag.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { plural } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { Empty } from '../../components/screen.tsx';
import { State, Tint } from '../../components/state.tsx';
import { useEngine } from '../../transport/engine-context.ts';
import { useSubmission } from '../../transport/use-submission.ts';
import type { MethodOutput } from '#shared/contract/index.ts';
import { ItemTable, type Column } from './item-table.tsx';
import { SourceForm, sshWords, WhatWasRead } from './source-form.tsx';
import { TargetFields, type Target } from './target.tsx';
import { fieldsOf, useHostsPreview, useReadAgain, usualFiles, type HostsPreview, type Source } from './use-preview.ts';

const addressOf = ({ user, host, port }: ImportedHost): string => `${user}@${host.includes(':') ? `[${host}]` : host}${port === 22 ? '' : `:${port}`}`;

/** What one signs in with: the keys that can be used, then the agent, or a password that has to be typed. */
function signInOf({ keys, agent, password }: ImportedHost): string {
  const files = keys.filter(({ state }) => state === 'ready' || state === 'encrypted').map(({ path }) => path.split('/').at(-1) ?? path);
  return [...files, ...(agent ? ['the agent'] : []), ...(password ? ['a password'] : [])].join(', ') || 'what it asks';
}

/** Of all its keys the one that matters most. */
function keyOf(keys: readonly ImportedHostKey[]): { kind: 'critical' | 'warn' | 'ok' | 'skipped'; words: string; fingerprint: string | null } {
  const find = (...states: ImportedHostKey['state'][]) => keys.find(({ state }) => states.includes(state));
  const revoked = find('revoked', 'known-revoked');
  if (revoked !== undefined) return { kind: 'critical', words: 'Revoked', fingerprint: revoked.fingerprint };
  const conflict = find('conflict');
  if (conflict !== undefined) return { kind: 'warn', words: 'Another is trusted', fingerprint: conflict.fingerprint };
  const known = find('new', 'known');
  const more = keys.filter(({ state }) => state === 'new' || state === 'known').length - 1;
  if (known !== undefined) return { kind: 'ok', words: `Known${more > 0 ? `, and ${more} more` : ''}`, fingerprint: known.fingerprint };
  return { kind: 'skipped', words: 'Not known yet', fingerprint: null };
}

function columnsOf(hosts: readonly ImportedHost[]): readonly Column<ImportedHost>[] {
  const isOneFile = new Set(hosts.map(({ file }) => file)).size === 1;
  const labelOf = (id: string): string => hosts.find((host) => host.id === id)?.label ?? id;
  return [
    { head: 'Host', cell: ({ label, aliases, line, file }) => <>{label}<span className="t3 xs under">{aliases.length > 1 ? `also ${aliases.filter((alias) => alias !== label).join(', ')}` : aliases.length === 0 ? 'on the way' : line === null ? '' : `${isOneFile ? '' : `${file.split('/').at(-1)}, `}line ${line}`}</span></> },
    { head: 'Reached at', cell: (host) => <><span className="mono break">{addressOf(host)}</span><span className="t3 xs break">{host.through.length === 0 ? 'directly' : `through ${host.through.map(labelOf).join(', then ')}`}; {signInOf(host)}</span></> },
    {
      head: 'Host key',
      cell: ({ hostKeys }) => {
        const { kind, words, fingerprint } = keyOf(hostKeys);
        return <><State kind={kind}>{words}</State>{fingerprint === null ? <span className="t3 xs">compare it at the first test</span> : <span className="t3 xs mono print" title={fingerprint}>{fingerprint}</span>}</>;
      },
    },
  ];
}

/** Who is needed by whom: the machines on the way to those that are chosen, as far as they are to be added or changed. */
function neededBy(hosts: readonly ImportedHost[], chosen: ReadonlySet<string>): Map<string, string[]> {
  const needed = new Map<string, string[]>();
  for (const { id, label, through } of hosts) {
    if (!chosen.has(id)) continue;
    for (const before of through) {
      const state = hosts.find((host) => host.id === before)?.state;
      if (state === 'new' || state === 'changed') needed.set(before, [...(needed.get(before) ?? []), label]);
    }
  }
  return needed;
}

/** What was imported, and into which system: another one may be chosen for what comes next. */
interface Done {
  answer: MethodOutput<'import.applySsh'>;
  systemId: string;
  name: string;
}

function Imported({ answer, systemId, name }: Done) {
  const { added, updated, keys, skipped } = answer;
  // Those that nobody else is reached through: databases are there.
  const ends = added.filter(({ id }) => !added.some(({ connection }) => connection.viaId === id));
  return (
    <section className="panel" aria-labelledby="imported">
      <header><h2 id="imported"><span className="row"><span className="ok"><Glyph kind="ok" small label="Done" /></span>{plural(added.length, 'host')} added to {name}{updated.length === 0 ? '' : `, ${updated.length} changed`}</span></h2></header>
      <div className="body stack">
        <p className="t2">{plural(keys.trusted, 'host key')} taken over from known_hosts{keys.revoked === 0 ? '' : `, ${keys.revoked} revoked`}.{' '}Nothing was connected to yet.</p>
        {skipped.length === 0 ? null : <ul className="bul t2 break">{skipped.map(({ label, type, fingerprint, reason }) => <li key={`${label}${fingerprint}`}>{label}: {type} <span className="mono">{fingerprint}</span> was left out. {reason}</li>)}</ul>}
        <div className="row wrap">
          <LinkButton look="primary" to={paths.system(systemId)} intent={{ intent: 'add-database-behind', ...(ends.length === 1 && ends[0] !== undefined ? { about: ends[0].id } : {}) }}>Add a database behind one of them…</LinkButton>
          <LinkButton to={paths.import(systemId, 'databases')}>Import databases…</LinkButton>
          <LinkButton to={paths.systemScreen(systemId, 'health')} intent={{ intent: 'run-checks' }}>Check the hosts</LinkButton>
        </div>
      </div>
    </section>
  );
}

interface ChooserProps {
  preview: HostsPreview;
  target: Target;
  fixed: boolean;
  source: Record<string, string>;
  /** Something was imported just now: the next step stands there. */
  isDone: boolean;
  onLookAgain: () => void;
  onImported: (done: Done) => void;
}

function Chooser({ preview, target, fixed, source, isDone, onLookAgain, onImported }: ChooserProps) {
  const engine = useEngine();
  const readAgain = useReadAgain();
  const { hosts } = preview;
  const [picked, setPicked] = useState<ReadonlySet<string>>(() => new Set(hosts.filter(({ state }) => state === 'new').map(({ id }) => id)));
  const possible = new Set(hosts.filter(({ state }) => state === 'new' || state === 'changed').map(({ id }) => id));
  const chosen = new Set([...picked].filter((id) => possible.has(id)));
  const needed = neededBy(hosts, chosen);
  const items = [...new Set([...chosen, ...needed.keys()])];
  const apply = useSubmission<Done>({
    mutationFn: async () => {
      const systemId = await target.need();
      return { systemId, name: target.name, answer: await engine.call('import.applySsh', { systemId, ...source, items, previewHash: preview.previewHash }) };
    },
    onSuccess: onImported,
    onSettled: () => void readAgain(),
  });
  const of = (state: ImportedHost['state']) => hosts.filter((host) => host.state === state);
  const columns = columnsOf(hosts);
  const choice = {
    chosen, needed,
    onChoose: (ids: readonly string[], isChosen: boolean) => setPicked((before) => new Set(isChosen ? [...before, ...ids] : [...before].filter((id) => !ids.includes(id)))),
  };
  return (
    <>
      <ItemTable title="New" what="host" items={of('new')} columns={columns} choice={choice} last="Mind" />
      <ItemTable title="Here, and otherwise there" what="host" lede="Importing changes them" items={of('changed')} columns={columns} choice={choice} last="What would change" />
      <ItemTable title="Not supported" what="host" lede="Add them by hand, or change the file" items={of('unsupported')} columns={columns.slice(0, 2)} last="Why" />
      <ItemTable title="Here already" what="host" items={of('known')} columns={columns.slice(0, 2)} last="Here" />
      {possible.size === 0 ? (hosts.length === 0 ? null : <Tint kind="ok"><p>There is nothing to import: everything that can be is here.</p></Tint>) : (
        <form className="import-bar" data-env={target.environment} onSubmit={(event) => { event.preventDefault(); if (target.isSound && items.length > 0) apply.mutate(); }}>
          {apply.error === null ? null : <ErrorPanel error={apply.error} title="Nothing was imported." {...(apply.error.code === 'operation.plan-changed' ? { onRetry: () => { apply.reset(); onLookAgain(); }, retryLabel: 'Look again' } : {})} />}
          <div className="row wrap bar-row">
            <TargetFields target={target} fixed={fixed} />
            {fixed && target.system !== null ? <p className="row grow">Into <b className="strong">{target.name}</b><EnvironmentTag environment={target.environment} /></p> : null}
            <Button look={isDone ? 'plain' : 'primary'} size="lg" type="submit" disabled={items.length === 0 || !target.isSound || apply.isPending}>{apply.isPending ? 'Importing' : items.length === 0 ? 'Import hosts' : `Import ${plural(items.length, 'host')}`}</Button>
          </div>
        </form>
      )}
    </>
  );
}

/** Hosts of OpenSSH's files: shown first, then added as they were shown. */
export function HostsImport({ target, fixed }: { target: Target; fixed: boolean }) {
  const [source, setSource] = useState<Source | null>(usualFiles);
  const [done, setDone] = useState<Done | null>(null);
  const query = useHostsPreview(source, target.system?.id ?? null);
  return (
    <>
      <SourceForm words={sshWords} onRead={(next) => { setSource(next); setDone(null); }} />
      {done === null ? null : <Imported answer={done.answer} systemId={done.systemId} name={done.name} />}
      {source === null ? null : (
        <Loaded query={query} what="the hosts">
          {(preview) => (
            <>
              <WhatWasRead files={preview.files} problems={preview.problems} />
              {preview.hosts.length === 0 ? <Empty>No host is named there.</Empty> : null}
              <Chooser key={source.turn} preview={preview} target={target} fixed={fixed} source={fieldsOf(source)} isDone={done !== null} onLookAgain={() => void query.refetch()} onImported={setDone} />
            </>
          )}
        </Loaded>
      )}
    </>
  );
}
