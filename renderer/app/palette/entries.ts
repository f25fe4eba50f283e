/** What the palette can find: what can be done, where one can go, and what was done lately. */
import { Activity, BookOpen, Boxes, CalendarDays, Contact, Download, FileInput, FileText, Flag, History, LayoutDashboard, Package, Plug, Plus, Server, Settings, Undo2, Zap, type LucideIcon } from 'lucide-react';
import type { Host } from '#shared/contract/hosts.ts';
import type { Operation } from '#shared/contract/operations.ts';
import type { RunbookCard } from '#shared/contract/runbooks.ts';
import type { SystemCard } from '#shared/contract/systems.ts';
import type { Environment } from '#shared/domain/environment.ts';
import { localTime } from '../../components/format.ts';
import type { Intent } from '../../components/intent.ts';
import { paths, systemScreens, systemScreenWords, type SystemScreen } from '../../components/paths.ts';
import { operationWords } from '../../components/words.ts';

export const entryGroups = ['Do', 'Go to', 'Runbooks', 'Recent work'] as const;
type EntryGroup = (typeof entryGroups)[number];

export interface Entry {
  id: string;
  group: EntryGroup;
  icon: LucideIcon;
  title: string;
  /** Circumstance, in quiet. */
  why: string;
  environment: Environment | null;
  to: string;
  intent?: Intent;
  /** What the intent is about, where its screen alone does not say. */
  about?: string;
}

const screenIcons: Record<SystemScreen, LucideIcon> = { health: Activity, backups: Package, restore: Undo2, runbooks: BookOpen, calendar: CalendarDays, incidents: Flag, handbook: Contact, history: History, settings: Settings };

/** What can be done with a system. What changes something ends with … and leads to its plan. */
function actionsOf({ system }: SystemCard): Entry[] {
  const about = { group: 'Do' as const, environment: system.environment };
  return [
    { ...about, id: `check-${system.id}`, icon: Activity, title: `Run checks on ${system.name}`, why: 'only reads', to: paths.systemScreen(system.id, 'health'), intent: 'run-checks' },
    { ...about, id: `backup-${system.id}`, icon: Package, title: `Back up ${system.name}…`, why: 'shows the plan first', to: paths.systemScreen(system.id, 'backups'), intent: 'back-up' },
    { ...about, id: `restore-${system.id}`, icon: Undo2, title: `Restore a copy of ${system.name}…`, why: 'shows the plan first', to: paths.systemScreen(system.id, 'restore') },
    { ...about, id: `database-${system.id}`, icon: Plug, title: `Add a database to ${system.name}…`, why: 'tests the connection', to: paths.system(system.id), intent: 'add-database' },
    { ...about, id: `import-${system.id}`, icon: FileInput, title: `Import hosts and databases into ${system.name}…`, why: 'from ~/.ssh/config, ~/.pgpass and others; shown first', to: paths.import(system.id, 'hosts') },
    { ...about, id: `host-${system.id}`, icon: Server, title: `Add a host to ${system.name}…`, why: 'tests the way to it over SSH', to: paths.systemScreen(system.id, 'settings'), intent: 'add-host' },
  ];
}

/** What can be done with a host. */
function hostActions(host: Host, systems: readonly SystemCard[]): Entry[] {
  const system = systems.find((card) => card.system.id === host.systemId)?.system;
  if (system === undefined) return [];
  const about = { group: 'Do' as const, icon: Server, environment: system.environment, to: paths.systemScreen(system.id, 'settings'), about: host.id };
  return [
    { ...about, id: `test-host-${host.id}`, title: `Test the way to ${host.label}`, why: `a host of ${system.name}; only reads`, intent: 'test-host' },
    { ...about, id: `keys-${host.id}`, title: `Keys of ${host.label}`, why: `a host of ${system.name}; what is trusted, and what it shows`, intent: 'host-keys' },
    { ...about, id: `database-behind-${host.id}`, icon: Plug, title: `Add a database behind ${host.label}…`, why: `to ${system.name}; tests the connection`, to: paths.system(system.id), intent: 'add-database' },
  ];
}

/** A runbook: what is in progress goes on, and what has no errors can be begun, after its form. */
function runbookActions(card: RunbookCard): Entry[] {
  const about = { group: 'Runbooks' as const, icon: BookOpen, environment: null };
  return [
    ...card.inProgress.map((run): Entry => ({ ...about, id: `walk-${run.id}`, title: `Continue ${run.title}`, why: `a runbook${run.systemName === null ? '' : ` for ${run.systemName}`}; ${run.stateText}`, to: paths.walkthrough(run.id) })),
    ...(card.errors > 0 ? [] : [{ ...about, id: `start-${card.ref}`, title: `Start the runbook ${card.title}…`, why: card.summary ?? 'shows first what would be sent', to: paths.runbookStart(null, card.ref) }]),
  ];
}

/** Every entry, in each group what is wanted most often first: without a query only the first few of a group are shown. */
export function allEntries(systems: readonly SystemCard[], operations: readonly Operation[], hosts: readonly Host[], runbooks: readonly RunbookCard[]): Entry[] {
  const doing: Entry[] = [
    ...systems.flatMap(actionsOf),
    { id: 'import', group: 'Do', icon: FileInput, title: 'Import hosts and databases…', why: 'from ~/.ssh/config, ~/.pgpass and others; shown first', environment: null, to: paths.import(null, 'hosts') },
    { id: 'add-system', group: 'Do', icon: Plus, title: 'Add a system…', why: 'asks for its name, then for its first database', environment: null, to: paths.overview, intent: 'add-system' },
    { id: 'guide', group: 'Do', icon: FileText, title: 'Import a guide…', why: 'an operations guide in Markdown; looked at before anything runs', environment: null, to: paths.guides },
    { id: 'adopt', group: 'Do', icon: Boxes, title: 'Adopt a pack…', why: 'a ready-made system: runbooks, calendar, people', environment: null, to: paths.packs },
    ...hosts.flatMap((host) => hostActions(host, systems)),
  ];
  const places: Entry[] = [
    { id: 'overview', group: 'Go to', icon: LayoutDashboard, title: 'Overview', why: '', environment: null, to: paths.overview },
    { id: 'history', group: 'Go to', icon: History, title: 'History', why: 'search everything that ran', environment: null, to: paths.history },
    { id: 'runbooks', group: 'Go to', icon: BookOpen, title: 'Runbooks', why: 'of every system', environment: null, to: paths.runbooks(null) },
    { id: 'walkthroughs', group: 'Go to', icon: BookOpen, title: 'Runbooks, walked so far', why: '', environment: null, to: paths.walkthroughs(null) },
    { id: 'packs', group: 'Go to', icon: Boxes, title: 'Packs', why: 'ready-made systems, to adopt', environment: null, to: paths.packs },
    { id: 'calendar', group: 'Go to', icon: CalendarDays, title: 'Calendar', why: 'of every system; what is due, what comes', environment: null, to: paths.calendar(null) },
    { id: 'incidents', group: 'Go to', icon: Flag, title: 'Incidents', why: 'of every system; declare one', environment: null, to: paths.incidents(null) },
    { id: 'operations', group: 'Go to', icon: Zap, title: 'Operations', why: '', environment: null, to: paths.operations },
    ...systems.map(({ system, stateText }): Entry => ({ id: `home-${system.id}`, group: 'Go to', icon: LayoutDashboard, title: system.name, why: stateText, environment: system.environment, to: paths.system(system.id) })),
    ...systems.flatMap(({ system }) => systemScreens.map((screen): Entry => ({ id: `${screen}-${system.id}`, group: 'Go to', icon: screenIcons[screen], title: `${system.name}, ${systemScreenWords[screen]}`, why: '', environment: system.environment, to: paths.systemScreen(system.id, screen) }))),
    ...['vault', 'appearance', 'data', 'about'].map((section): Entry => ({ id: `settings-${section}`, group: 'Go to', icon: section === 'data' ? Download : Settings, title: `Settings, ${section}`, why: '', environment: null, to: paths.settingsSection(section) })),
  ];
  const recent = operations.map((operation): Entry => ({
    id: `operation-${operation.id}`,
    group: 'Recent work',
    icon: Zap,
    title: operation.title,
    why: `${localTime(operation.createdAt)}, ${operationWords[operation.state].word.toLowerCase()}`,
    environment: operation.environment,
    to: paths.operation(operation.id),
  }));
  return [...doing, ...places, ...runbooks.flatMap(runbookActions), ...recent];
}

/** As many of a group are shown with a query, and without one: few enough that a small window has room for each group. */
const most = 30;
const few = 4;

/** By groups, and of each so many at most: a group with many entries hides none of the others. */
function fromEach(entries: readonly Entry[], limit: number): Entry[] {
  return entryGroups.flatMap((group) => entries.filter((entry) => entry.group === group).slice(0, limit));
}

/** Words that all occur, in any order; what begins a word counts more. Without a query: a few of each group. */
export function find(entries: readonly Entry[], query: string): Entry[] {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const onlyDo = words[0]?.startsWith('>') ?? false;
  const wanted = words.map((word, index) => (index === 0 && onlyDo ? word.slice(1) : word)).filter((word) => word !== '');
  const pool = onlyDo ? entries.filter((entry) => entry.group === 'Do') : entries;
  // Of runbooks there may be many, and none is more likely meant than another: they come when they are looked for.
  if (wanted.length === 0) return onlyDo ? fromEach(pool, most) : fromEach(pool.filter(({ group }) => group !== 'Runbooks'), few);
  const scored = pool.flatMap((entry) => {
    const text = `${entry.title} ${entry.why}`.toLowerCase();
    if (!wanted.every((word) => text.includes(word))) return [];
    const starts = wanted.filter((word) => ` ${text}`.includes(` ${word}`)).length;
    return [{ entry, score: starts }];
  });
  return fromEach(scored.sort((a, b) => b.score - a.score).map(({ entry }) => entry), most);
}

/** A title cut where the searched words stand, to set them strong. */
export function cut(title: string, query: string): { text: string; strong: boolean }[] {
  const words = query.toLowerCase().replace(/^>/, '').split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [{ text: title, strong: false }];
  const lower = title.toLowerCase();
  const strong = new Set<number>();
  for (const word of words) {
    const from = lower.indexOf(word);
    for (let index = from; from >= 0 && index < from + word.length; index += 1) strong.add(index);
  }
  const parts: { text: string; strong: boolean }[] = [];
  for (let index = 0; index < title.length; index += 1) {
    const letter = title.charAt(index);
    const last = parts.at(-1);
    if (last !== undefined && last.strong === strong.has(index)) last.text += letter;
    else parts.push({ text: letter, strong: strong.has(index) });
  }
  return parts;
}
