import { Pencil, Plus, RotateCcw, Trash2 } from 'lucide-react';
import { createContext, use, type ReactNode } from 'react';
import type { Item, ItemKind } from '#shared/contract/items.ts';
import type { System } from '#shared/contract/systems.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { kindWords, type HandbookKind } from './fields.ts';

export interface Handbook {
  system: System;
  items: readonly Item[];
  /** Null: a new one. */
  edit: (kind: HandbookKind, item: Item | null) => void;
  remove: (item: Item) => void;
  reset: (item: Item) => void;
}

export const HandbookContext = createContext<Handbook | null>(null);

export function useHandbook(): Handbook {
  const handbook = use(HandbookContext);
  if (handbook === null) throw new Error('There is no handbook around this.');
  return handbook;
}

/** All of one kind, in their order. */
export function useItems<Kind extends ItemKind>(kind: Kind): Item<Kind>[] {
  return useHandbook().items.filter((item): item is Item<Kind> => item.kind === kind);
}

/** The title of another item that one names by its key; the key where there is none. */
export function useTitleOf(): (kind: ItemKind, key: string | null) => string | null {
  const { items } = useHandbook();
  return (kind, key) => (key === null ? null : (items.find((item) => item.kind === kind && item.key === key)?.value.title ?? key));
}

/** Whether a person changed it, where that is so. */
export function Standing({ item }: { item: Item }) {
  if (item.standing === 'pack') return null;
  return <span className="badge skipped">{item.standing === 'own' ? 'Own' : 'Changed'}</span>;
}

export function ItemActions({ item }: { item: Item }) {
  const { edit, remove, reset } = useHandbook();
  const name = item.value.title;
  return (
    <div className="actions">
      {item.standing === 'changed' ? <IconButton icon={RotateCcw} label={`Take ${name} as the pack has it`} onClick={() => reset(item)} /> : null}
      <IconButton icon={Pencil} label={`Change ${name}`} onClick={() => edit(item.kind as HandbookKind, item)} />
      <IconButton icon={Trash2} label={`Remove ${name}`} onClick={() => remove(item)} />
    </div>
  );
}

/** One thing in a list: its title with what is said beside it, what it is below, and what can be done with it. */
export function ItemRow({ item, beside, children }: { item: Item; beside?: ReactNode; children?: ReactNode }) {
  return (
    <li>
      <div className="grow stack tight">
        <p className="row wrap"><b className="strong">{item.value.title}</b>{beside}<Standing item={item} /></p>
        {children}
      </div>
      <ItemActions item={item} />
    </li>
  );
}

interface SectionProps {
  id: string;
  title: string;
  kind: HandbookKind;
  count: number;
  empty: string;
  children: ReactNode;
}

/** One kind of thing, with the way to add one. */
export function Section({ id, title, kind, count, empty, children }: SectionProps) {
  const { edit } = useHandbook();
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id} className="grow">{title} <span className="count">{count}</span></h2>
        <Button needsEngine icon={Plus} onClick={() => edit(kind, null)}>Add {kindWords[kind].one}</Button>
      </header>
      {count === 0 ? <p className="body t2">{empty}</p> : children}
    </section>
  );
}
