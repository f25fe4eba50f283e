import { useDebouncedValue } from '@mantine/hooks';
import { Plus, Search } from 'lucide-react';
import { useState } from 'react';
import type { RunbookCard } from '#shared/contract/runbooks.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { Choice, Segments } from '../../components/field.tsx';
import { plural } from '../../components/format.ts';
import { Icon } from '../../components/icons.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { Empty, PageHead } from '../../components/screen.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { Broken, OwnFolder } from './files-note.tsx';
import { filtered, filters, filterWords, grouped, type Filter } from './library-groups.ts';
import { LibraryTable } from './library-table.tsx';
import { RunbookTitle } from './title.tsx';
import { ofPack } from './of-pack.ts';
import { librarySentence } from './words.ts';
import './runbooks.css';

const typingPauseMs = 150;
const longestSearch = 200;

function emptyWords(text: string, filter: Filter): string {
  if (text !== '') return 'No runbook has these words in its title, its steps or its commands.';
  return filter === 'all' ? 'There is no runbook yet.' : `No runbook is here under "${filterWords[filter]}".`;
}

/** Every runbook there is, by occasion: what is in progress, what one starts when something breaks, and regular work. */
export function Library({ systemId }: { systemId: string | null }) {
  const [text, setText] = useState('');
  const [filter, setFilter] = useState<Filter>('all');
  const [settled] = useDebouncedValue(text.trim(), typingPauseMs);
  const query = useMethod('runbook.list', { text: settled, ...(systemId === null ? {} : { systemId }) }, { keepPrevious: true, againMs: 60_000 });
  const all = useMethod('runbook.list', { text: '', ...(systemId === null ? {} : { systemId }) });
  const standing = useMethod('pack.standing', { systemId: systemId ?? '' }, { enabled: systemId !== null });
  const pack = standing.data?.adoption?.pack ?? null;
  const [whose, setWhose] = useState<'system' | 'all'>('system');
  const shown = (runbooks: readonly RunbookCard[]): readonly RunbookCard[] => (pack === null || whose === 'all' ? runbooks : ofPack(runbooks, pack));
  const cards = shown(query.data?.runbooks ?? []);
  const words = settled.toLowerCase().split(/\s+/).filter((word) => word !== '');
  return (
    <div className="page dense">
      <RunbookTitle systemId={systemId} screen="Runbooks" />
      <PageHead title="Runbooks" lede={all.data === undefined ? '' : librarySentence(shown(all.data.runbooks), all.data.broken.length)}>
        <LinkButton to={paths.walkthroughs(systemId)}>Walked so far</LinkButton>
        <LinkButton to={paths.guides}>Import a guide…</LinkButton>
        <LinkButton icon={Plus} to={paths.runbookNew(systemId)}>New runbook</LinkButton>
      </PageHead>
      <div className="toolrow" role="search">
        <span className="find-in">
          <Icon of={Search} small />
          <input className="input" type="search" value={text} onChange={(event) => setText(event.target.value)} placeholder="Search titles, steps, commands" aria-label="Search runbooks" maxLength={longestSearch} autoComplete="off" spellCheck={false} />
        </span>
        <Segments<Filter> label="Show" value={filter} onChange={setFilter} options={filters.map((value) => ({ value, label: filterWords[value], count: filtered(cards, value).length }))} />
        {pack === null ? null : <Choice<'system' | 'all'> label="Whose runbooks" value={whose} onChange={setWhose} options={[{ value: 'system', label: 'Of this system' }, { value: 'all', label: 'Of all packs' }]} />}
        <span className="vh" role="status">{query.data === undefined ? '' : `${filtered(cards, filter).length} found`}</span>
      </div>
      <Loaded query={query} what="the runbooks">
        {({ runbooks, broken, folder }) => {
          const groups = grouped(filtered(shown(runbooks), filter));
          const elsewhere = filtered(runbooks, filter).length;
          return (
            <>
              {groups.length === 0 ? <Empty action={elsewhere > 0 ? <Button onClick={() => setWhose('all')}>Show {plural(elsewhere, 'runbook')} of other packs</Button> : text === '' && filter === 'all' ? <LinkButton look="primary" to={paths.runbookNew(systemId)}>Write a runbook</LinkButton> : undefined}>{emptyWords(settled, filter)}</Empty> : <div className="panel"><LibraryTable groups={groups} systemId={systemId} words={words} /></div>}
              {filter === 'all' || filter === 'errors' ? <Broken files={broken} systemId={systemId} /> : null}
              <OwnFolder folder={folder} />
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
