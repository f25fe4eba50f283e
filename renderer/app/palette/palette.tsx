import { Modal } from '@mantine/core';
import { Keyboard, Search } from 'lucide-react';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { useLocation } from 'wouter';
import { EnvironmentTag } from '../../components/environment-tag.tsx';
import { plural } from '../../components/format.ts';
import { Icon } from '../../components/icons.tsx';
import { OpenModal } from '../../components/open-modal.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { allEntries, cut, entryGroups, find, type Entry } from './entries.ts';

const optionId = (entry: Entry) => `palette-${entry.id}`;

/** Find or run: field with the focus, groups, arrows and Enter. Nothing runs from here without its plan. */
export function Palette({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const [, navigate] = useLocation();
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const overview = useMethod('overview.get', {});
  const operations = useMethod('operation.list', { limit: 12 });
  const hosts = useMethod('host.list', {});
  const library = useMethod('runbook.list', { text: '' });
  const entries = useMemo(() => allEntries(overview.data?.systems ?? [], operations.data?.operations ?? [], hosts.data?.hosts ?? [], library.data?.runbooks ?? []), [overview.data, operations.data, hosts.data, library.data]);
  const found = useMemo(() => find(entries, query), [entries, query]);
  const current = found[Math.min(chosen, found.length - 1)];

  const choose = (index: number) => {
    const next = (index + found.length) % Math.max(1, found.length);
    setChosen(next);
    const entry = found[next];
    if (entry !== undefined) document.getElementById(optionId(entry))?.scrollIntoView({ block: 'nearest' });
  };
  const open = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    onClose();
    navigate(entry.to, { state: entry.intent === undefined ? null : { intent: entry.intent, ...(entry.about === undefined ? {} : { about: entry.about }) } });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      choose(Math.min(chosen, found.length - 1) + (event.key === 'ArrowDown' ? 1 : -1));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      open(current);
    }
  };
  return (
    <OpenModal onClose={onClose} size={660} yOffset="8vh">
      <Modal.Title className="vh">Find or run</Modal.Title>
      <div className="pal">
        <div className="pal-in">
          <Icon of={Search} />
          <input
            data-autofocus type="text" role="combobox" aria-expanded aria-controls="palette-list" aria-autocomplete="list" aria-label="Find or run" autoComplete="off" spellCheck={false}
            placeholder="Find a screen, a system, an action" value={query} onKeyDown={onKeyDown}
            onChange={(event) => { setQuery(event.target.value); setChosen(0); }}
            {...(current === undefined ? {} : { 'aria-activedescendant': optionId(current) })}
          />
          <span className="t3 xs nowrap" role="status">{plural(found.length, 'entry', 'entries')}</span>
          <kbd>Esc</kbd>
        </div>
        <div className="pal-list" role="listbox" id="palette-list" aria-label="Found" tabIndex={0} ref={list}>
          {entryGroups.map((group) => {
            const members = found.filter((entry) => entry.group === group);
            if (members.length === 0) return null;
            return (
              <div key={group} role="group" aria-label={group}>
                <div className="gl" aria-hidden>{group}</div>
                {members.map((entry) => (
                  <div key={entry.id} id={optionId(entry)} className="opt-row" role="option" aria-selected={entry === current} onClick={() => open(entry)} onMouseMove={() => setChosen(found.indexOf(entry))}>
                    <Icon of={entry.icon} />
                    <span className="clip">
                      {cut(entry.title, query).map((part, index) => (part.strong ? <b key={index}>{part.text}</b> : <span key={index}>{part.text}</span>))} <span className="why">{entry.why}</span>
                    </span>
                    {entry.environment === null ? <span /> : <EnvironmentTag environment={entry.environment} short />}
                    <span>{entry === current ? <kbd>Enter</kbd> : null}</span>
                  </div>
                ))}
              </div>
            );
          })}
          {found.length === 0 ? <p className="t2" style={{ padding: 12 }}>Nothing fits these words.</p> : null}
        </div>
        <footer>
          <span><kbd>↑</kbd><kbd>↓</kbd> choose</span>
          <span><kbd>Enter</kbd> open</span>
          <span><kbd>&gt;</kbd> only actions</span>
          <button type="button" className="btn quiet sm" onClick={onShortcuts}><Icon of={Keyboard} small />Keys</button>
          <span className="t1" style={{ marginLeft: 'auto' }}>Nothing runs without its plan</span>
        </footer>
      </div>
    </OpenModal>
  );
}
