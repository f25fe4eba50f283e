import { useMemo, useState } from 'react';
import type { Item } from '#shared/contract/items.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { ErrorPanel } from '../../components/error-panel.tsx';
import { Segments } from '../../components/field.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHead } from '../../components/screen.tsx';
import { useSystemScreen } from '../../components/use-system.ts';
import { useCommand, useMethod } from '../../transport/use-method.ts';
import { kindWords, type HandbookKind } from './fields.ts';
import { HandbookContext, useHandbook, type Handbook } from './frame.tsx';
import { ItemDialog } from './item-dialog.tsx';
import { Limits } from './limits.tsx';
import { PackStanding } from './pack-standing.tsx';
import { People } from './people.tsx';
import { SeverityPage } from './severities.tsx';
import { TextPage } from './texts.tsx';
import { Things } from './things.tsx';
import './handbook.css';

const pages = {
  people: { label: 'People', kinds: ['contact', 'role', 'channel', 'hours'], Page: People },
  severities: { label: 'Severities', kinds: ['severity', 'tier'], Page: SeverityPage },
  thresholds: { label: 'Thresholds', kinds: ['threshold'], Page: Limits },
  things: { label: 'Services and paths', kinds: ['service', 'path', 'backup'], Page: Things },
  texts: { label: 'Cards and templates', kinds: ['card', 'template'], Page: TextPage },
} as const;
type PageName = keyof typeof pages;
const pageNames = Object.keys(pages) as PageName[];

function RemoveDialog({ item, onClose }: { item: Item; onClose: () => void }) {
  const { system } = useHandbook();
  const remove = useCommand('item.remove');
  const what = kindWords[item.kind as HandbookKind].one;
  return (
    <Dialog title={`Remove ${item.value.title}?`} environment={system.environment} target={system.name} onClose={onClose}>
      <div className="stack wide">
        <ul className="bul t2">
          <li>The {what} is taken out of this system. What was recorded with it stays as it was.</li>
          <li>{item.standing === 'own' ? 'It was made here, so that there is no other copy of it.' : 'It is of the pack: an update does not bring it back, and it can be taken back at the end of this page.'}</li>
        </ul>
        {remove.error === null ? null : <ErrorPanel error={remove.error} title="It was not removed." />}
        <div className="btns">
          <button type="button" className="btn lg" data-autofocus onClick={onClose}>Cancel</button>
          <Button size="lg" look="danger" disabled={remove.isPending} onClick={() => remove.mutate({ systemId: system.id, kind: item.kind, key: item.key }, { onSuccess: onClose })}>Remove {what}</Button>
        </div>
      </div>
    </Dialog>
  );
}

/** What the pack has and this system does not want, with the way to have it again. */
function Removed({ items }: { items: readonly Item[] }) {
  const { reset } = useHandbook();
  if (items.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="removed">
      <header><h2 id="removed">Removed here <span className="count">{items.length}</span></h2></header>
      <ul className="hb-list">
        {items.map((item) => <li key={`${item.kind}/${item.key}`}><p className="grow row wrap"><b className="strong">{item.value.title}</b><span className="t3">{kindWords[item.kind as HandbookKind].one}</span></p><Button needsEngine aria-label={`Take ${item.value.title} back`} onClick={() => reset(item)}>Take it back</Button></li>)}
      </ul>
    </section>
  );
}

type Dialogs = { kind: HandbookKind; item: Item | null } | { remove: Item } | null;

/** What is known of a system beyond its machines: who, how grave, how fast, which figures, which texts. */
export function HandbookScreen({ systemId }: { systemId: string }) {
  const query = useSystemScreen(systemId, 'Handbook');
  const list = useMethod('item.list', { systemId, removed: true });
  const [page, setPage] = useState<PageName>('people');
  const [dialog, setDialog] = useState<Dialogs>(null);
  const reset = useCommand('item.reset');
  const system = query.data?.system;
  // The engine holds each to the schema of its kind before it sends it.
  const all = useMemo(() => list.data?.items.map((view) => ({ systemId, ...view }) as unknown as Item), [list.data, systemId]);
  const items = useMemo(() => all?.filter(({ standing }) => standing !== 'removed'), [all]);
  const removed = (all ?? []).filter(({ kind, standing }) => standing === 'removed' && (pages[page].kinds as readonly string[]).includes(kind));
  const { mutate: takeBack } = reset;
  const handbook = useMemo<Handbook | null>(
    () => system === undefined || items === undefined ? null : { system, items, edit: (kind, item) => setDialog({ kind, item }), remove: (item) => setDialog({ remove: item }), reset: (item) => takeBack({ systemId, kind: item.kind, key: item.key }) },
    [system, items, systemId, takeBack],
  );
  const { Page } = pages[page];
  const close = () => setDialog(null);
  return (
    <div className="page dense">
      <PageHead title="Handbook" lede="Who is told, how grave something is, how fast it is answered, and what one goes by. Incidents, the calendar, checks and the contacts of runbooks take it from here." />
      <Loaded query={list} what="the handbook">
        {() => handbook === null ? null : (
          <HandbookContext value={handbook}>
            <PackStanding systemId={systemId} />
            <Segments<PageName> label="Part" value={page} onChange={setPage} options={pageNames.map((value) => ({ value, label: pages[value].label, count: handbook.items.filter(({ kind }) => (pages[value].kinds as readonly string[]).includes(kind)).length }))} />
            {reset.error === null ? null : <ErrorPanel error={reset.error} title="It was not taken back." />}
            <Page />
            <Removed items={removed} />
            {dialog === null ? null : 'remove' in dialog ? <RemoveDialog item={dialog.remove} onClose={close} /> : <ItemDialog system={handbook.system} kind={dialog.kind} item={dialog.item} items={handbook.items} onClose={close} />}
          </HandbookContext>
        )}
      </Loaded>
    </div>
  );
}
