import { useState } from 'react';
import type { Item } from '#shared/contract/items.ts';
import { CopyButton } from '../../components/button.tsx';
import { Markdown } from '../../components/markdown.tsx';
import { ItemActions, Section, Standing, useItems } from './frame.tsx';

const purposes: Record<Item<'template'>['value']['purpose'], string> = { 'incident-report': 'report of an incident', 'status-update': 'how it stands', notice: 'notice', ticket: 'ticket', report: 'report', other: 'other' };

function Texts({ kind, id, title, empty }: { kind: 'card' | 'template'; id: string; title: string; empty: string }) {
  const items = useItems(kind);
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Section id={id} title={title} kind={kind} count={items.length} empty={empty}>
      <ul className="hb-list">
        {items.map((item) => (
          <li key={item.key} className="over">
            <div className="row">
              <button type="button" className="hb-open" aria-expanded={open === item.key} onClick={() => setOpen(open === item.key ? null : item.key)}>
                <b className="strong">{item.value.title}</b>
                {'purpose' in item.value ? <span className="t3"> {purposes[item.value.purpose]}</span> : null}
              </button>
              <Standing item={item} />
              <CopyButton text={item.value.text} label={`Copy ${item.value.title}`} size="sm" />
              <ItemActions item={item} />
            </div>
            {open === item.key ? <div className="hb-text"><Markdown text={item.value.text} /></div> : null}
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** Texts to begin with, and things to look up. */
export function TextPage() {
  return (
    <>
      <Texts kind="card" id="cards" title="Reference cards" empty="Nothing to look up yet: settings, lists, links that one needs and does not run." />
      <Texts kind="template" id="templates" title="Templates" empty="No text to begin with yet: for an incident's report, a notice, a ticket." />
    </>
  );
}
