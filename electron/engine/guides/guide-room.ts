/** Guides: read, looked at, decided, published as a pack. Nothing of a guide runs here. */
import { join } from 'node:path';
import { statSync } from 'node:fs';
import type { GuideItem, GuideSummary, guideMethods } from '#shared/contract/guides.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import { takeOutSecrets } from '#shared/domain/guide/secrets.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import type { EngineContext } from '../engine-context.ts';
import { accountHere } from '../import/person.ts';
import { knownChecks } from '../packs/known-checks.ts';
import { readPack } from '../packs/format/index.ts';
import { textHash } from '../runbooks/format/index.ts';
import { defaultPacksFolder } from '../runbooks/library/index.ts';
import { createGuideRepository, type StoredGuide, type StoredGuideItem } from '../store/guide-repository.ts';
import { createRunbookReviewRepository } from '../store/runbook-review-repository.ts';
import { stampOf } from '../store/whole-file.ts';
import { noteText } from './as-note.ts';
import { problemsOf } from './check-item.ts';
import { afterAcknowledging, afterDeciding, openFlags } from './decide.ts';
import { keyOfItem, packOf, textOfItem } from './pack-of.ts';
import { countItems, readGuide, type ReadGuide } from './read-guide.ts';
import { imported, reimport } from './reimport.ts';
import { nextVersion, versionOfPack, writePack } from './write-pack.ts';

export interface GuideRoom {
  handlers: Handlers<keyof typeof guideMethods>;
}

const instant = (at: number): string => new Date(at).toISOString();
/** Of what stands in one line; a name of a file and a title may hold one too. */
const withoutSecrets = (text: string): string => takeOutSecrets(text).text.slice(0, 500);
const isLeft = ({ decision, standing }: StoredGuideItem): boolean => decision === 'open' && standing !== 'gone';
const thereNow = (items: readonly StoredGuideItem[]): StoredGuideItem[] => items.filter(({ standing }) => standing !== 'gone');

/** @param options.packsFolder of the packs that ship, whose names are taken */
export function createGuideRoom(context: EngineContext, options: { packsFolder?: string } = {}): GuideRoom {
  const { ports, store, home, changes } = context;
  const repository = createGuideRepository(store);
  const reviews = createRunbookReviewRepository(store);
  const shipped = options.packsFolder ?? defaultPacksFolder();
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const { user, computer } = accountHere();
  const person = `${user} on ${computer}`;
  /** What is wrong with texts that were looked through: a guide of thousands of lines is asked for again after each decision. */
  const looked = new Map<string, GuideItem['problems']>();
  const mostLooked = 20_000;

  function checkText({ kind, key }: StoredGuideItem, text: string): GuideItem['problems'] {
    const name = `${kind} ${key} ${textHash(text)}`;
    const known = looked.get(name);
    if (known !== undefined) return known;
    if (looked.size >= mostLooked) looked.clear();
    const problems = problemsOf(kind, keyOfItem(key), text, knownChecks);
    looked.set(name, problems);
    return problems;
  }

  function read(given: string, text: string): ReadGuide {
    const fileName = withoutSecrets(given);
    // Whatever is no text would be kept as one.
    if (/[\u0000-\u0008\u000E-\u001A]/.test(text.slice(0, 4000)) || !text.isWellFormed()) throw new PilothouseError('guide.unreadable', `${fileName} is no text in UTF-8.`, { hint: 'Save it as Markdown in UTF-8, and choose it again.' });
    if (text.trim() === '') throw new PilothouseError('guide.unreadable', `${fileName} is empty.`, { hint: 'Choose a guide in Markdown.' });
    return readGuide({ fileName, text, timeZone, now: ports.clock.now() });
  }

  function summaryOf(guide: StoredGuide, items: readonly StoredGuideItem[]): GuideSummary {
    const counted = thereNow(items).map((item) => ({ kind: item.kind, decided: item.decision !== 'open', flags: item.flags }));
    return { id: guide.id, name: guide.name, title: guide.title, fileName: guide.fileName, state: guide.state, importedAt: instant(guide.importedAt), publishedAt: guide.publishedAt === null ? null : instant(guide.publishedAt), sha256: guide.sha256, counts: countItems(counted, guide.source), problems: guide.problems };
  }

  function itemOut(item: StoredGuideItem): GuideItem {
    const text = textOfItem(item);
    return { key: item.key, kind: item.kind, title: item.title, path: item.path, lines: item.lines, text, hash: textHash(text), draft: item.ownText === null || item.ownText === item.draftText ? null : item.draftText, flags: item.flags, open: openFlags(item), problems: checkText(item, text), decision: item.decision, decidedBy: item.decidedBy, decidedAt: item.decidedAt === null ? null : instant(item.decidedAt), standing: item.standing };
  }

  function requireSame(item: StoredGuideItem, expectedHash: string): void {
    if (textHash(textOfItem(item)) === expectedHash) return;
    throw new PilothouseError('guide.changed', `"${item.title}" was changed since it was looked at: nothing was decided.`, { hint: 'Look at what it says now, then decide.', retryable: true, details: { key: item.key } });
  }

  function keep(guideId: string, item: StoredGuideItem): { item: GuideItem; left: number } {
    repository.saveItems(guideId, [item]);
    changes.changed('guides');
    return { item: itemOut(item), left: repository.items(guideId).filter(isLeft).length };
  }

  const stored = (id: string, { title, name, text, sha256, problems, source }: ReadGuide, fileName: string): StoredGuide => ({ id, name, title: withoutSecrets(title), fileName: withoutSecrets(fileName).slice(0, 200), text, sha256, state: 'reviewing', problems, source, importedAt: ports.clock.now(), publishedAt: null });

  /** @throws store.conflict where the name is another's */
  function requireFree(guide: StoredGuide, name: string): string | null {
    if (statSync(join(shipped, name), { throwIfNoEntry: false }) !== undefined || name === 'own') throw new PilothouseError('store.conflict', `The pack ${name} comes with Pilothouse.`, { hint: 'Choose another name.', details: { name } });
    const version = versionOfPack(join(home.packs, name));
    if (version !== null && (guide.publishedAt === null || guide.name !== name)) throw new PilothouseError('store.conflict', `There is a pack ${name} already, and it was not made of this guide.`, { hint: 'Choose another name, or move that folder away.', details: { name, folder: join(home.packs, name) } });
    return version;
  }

  /** @throws guide.not-reviewed with how much is left */
  function requireReviewed(items: readonly StoredGuideItem[]): void {
    const left = items.filter(isLeft);
    if (left.length === 0) return;
    const flags = left.reduce((sum, item) => sum + openFlags(item), 0);
    throw new PilothouseError('guide.not-reviewed', `${left.length === 1 ? 'One item of the guide is' : `${left.length} items of the guide are`} not decided${flags === 0 ? '' : `, with ${flags === 1 ? 'one flag' : `${flags} flags`} that nobody has looked at`}. The first is "${left[0]?.title}".`, { hint: 'Accept, change or leave out each of them, then publish.', details: { left: left.length, flags, first: left[0]?.key ?? null } });
  }

  return {
    handlers: {
      'guide.read': ({ fileName, text }) => {
        const startedAt = performance.now();
        const guide = read(fileName, text);
        const items = guide.items.map(({ sourceHash: _hash, ...item }) => item);
        return { title: guide.title, name: guide.name, counts: countItems(items.map((item) => ({ ...item, decided: false })), guide.source), problems: guide.problems, items, tookMs: performance.now() - startedAt };
      },
      'guide.import': ({ fileName, text, title }) => {
        const made = read(fileName, text);
        const guide = stored(ports.random.id(), title === undefined ? made : { ...made, title }, fileName);
        const items = imported(made.items);
        repository.save(guide, items);
        changes.changed('guides');
        return { guide: summaryOf(guide, items) };
      },
      'guide.list': () => ({ guides: repository.list().map((guide) => summaryOf(guide, repository.items(guide.id))) }),
      'guide.get': ({ guideId }) => {
        const guide = repository.get(guideId);
        const items = repository.items(guideId);
        return { guide: summaryOf(guide, items), items: items.map(itemOut) };
      },
      'guide.source': ({ guideId }) => {
        const { fileName, sha256, text } = repository.get(guideId);
        return { fileName, sha256, lines: text.split('\n') };
      },
      'guide.decide': ({ guideId, key, decision, text, expectedHash }) => {
        const item = repository.item(guideId, key);
        requireSame(item, expectedHash);
        const written = decision === 'edit' ? (text ?? null) : null;
        if (decision === 'edit' && written === null) throw new PilothouseError('contract.invalid-input', 'There is no text to write.', { hint: 'Give the text of the item.' });
        const wanted = decision === 'note' ? noteText(item, repository.get(guideId).text) : written === null ? null : takeOutSecrets(written).text;
        return keep(guideId, afterDeciding(item, { decision, text: wanted }, { by: person, at: ports.clock.now(), problems: (each) => checkText(item, each) }));
      },
      'guide.acknowledge': ({ guideId, key, flagId, how, reason, expectedHash }) => {
        const item = repository.item(guideId, key);
        requireSame(item, expectedHash);
        return keep(guideId, afterAcknowledging(item, flagId, how, withoutSecrets(context.scrubber.scrub(reason))));
      },
      'guide.acceptPlain': ({ guideId }) => {
        repository.get(guideId);
        const items = repository.items(guideId);
        const plain = items.filter((item) => isLeft(item) && item.flags.length === 0 && item.ownText === null && checkText(item, textOfItem(item)).every(({ severity }) => severity !== 'error'));
        const at = ports.clock.now();
        repository.saveItems(guideId, plain.map((item) => ({ ...item, decision: 'accepted', decidedBy: person, decidedAt: at })));
        changes.changed('guides');
        return { accepted: plain.length, left: items.filter(isLeft).length - plain.length };
      },
      'guide.publish': ({ guideId, name, title }) => {
        const guide = repository.get(guideId);
        const items = repository.items(guideId);
        requireReviewed(items);
        const version = nextVersion(requireFree(guide, name));
        const accepted = thereNow(items).filter(({ decision }) => decision !== 'rejected');
        const { texts, runbooks } = packOf(guide, accepted, { name, title: withoutSecrets(title), version });
        const { pack, problems } = readPack({ name, texts, problems: [] }, knownChecks);
        const errors = problems.filter(({ severity }) => severity === 'error');
        const [first] = errors;
        if (pack === null) throw new PilothouseError('pack.invalid', `The pack ${name} would not be whole: ${first === undefined ? 'it could not be read' : `${first.file}, line ${first.line}: ${first.message}`}${errors.length > 1 ? ` There are ${errors.length - 1} more.` : ''} Nothing was written.`, { hint: 'Change the items that are named, or those that they refer to, then publish.', details: { problems: errors.slice(0, 50) } });
        const at = ports.clock.now();
        store.transaction(() => {
          for (const { name: file, text } of runbooks) reviews.markReviewed(textHash(text), `${name}/${file}`, person, at);
        })();
        const { folder } = writePack(home.packs, name, texts, stampOf(at));
        repository.publish(guideId, name, at);
        changes.changed('guides', 'runbooks', 'items');
        return { pack: name, folder, files: [...texts.keys()].toSorted(), runbooks: runbooks.length, items: pack.items.length };
      },
      'guide.reimport': ({ guideId, text, fileName }) => {
        const before = repository.get(guideId);
        const made = read(fileName ?? before.fileName, text);
        const { items, same, ...changed } = reimport(repository.items(guideId), made.items);
        const guide: StoredGuide = { ...stored(guideId, made, fileName ?? before.fileName), name: before.name, title: before.title, publishedAt: before.publishedAt };
        repository.save(guide, items);
        changes.changed('guides');
        return { guide: summaryOf(guide, items), changes: { same, new: changed.new, changed: changed.changed, gone: changed.gone } };
      },
      'guide.remove': ({ guideId }) => {
        repository.get(guideId);
        repository.remove(guideId);
        changes.changed('guides');
        return {};
      },
    },
  };
}
