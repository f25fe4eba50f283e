import type { GuideFlag, GuideItem, GuideItemKind, GuideSummary, LineSpan } from '#shared/contract/guides.ts';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { Database } from './database.ts';

export interface StoredGuide {
  id: string;
  name: string;
  title: string;
  fileName: string;
  /** Without the secrets that were found in it. */
  text: string;
  sha256: string;
  state: GuideSummary['state'];
  problems: GuideSummary['problems'];
  source: GuideSummary['counts']['source'];
  /** Milliseconds since the epoch. */
  importedAt: number;
  publishedAt: number | null;
}

export interface StoredGuideItem {
  key: string;
  kind: GuideItemKind;
  title: string;
  path: string[];
  lines: LineSpan[];
  sourceHash: string;
  draftText: string;
  /** What a person wrote; null: the draft stands. */
  ownText: string | null;
  flags: GuideFlag[];
  decision: GuideItem['decision'];
  decidedBy: string | null;
  decidedAt: number | null;
  standing: GuideItem['standing'];
}

interface GuideRow {
  id: string;
  name: string;
  title: string;
  file_name: string;
  text: string;
  sha256: string;
  state: GuideSummary['state'];
  problems_json: string;
  source_json: string;
  imported_at: number;
  published_at: number | null;
}

interface ItemRow {
  key: string;
  kind: GuideItemKind;
  title: string;
  path_json: string;
  lines_json: string;
  source_hash: string;
  draft_text: string;
  own_text: string | null;
  flags_json: string;
  decision: GuideItem['decision'];
  decided_by: string | null;
  decided_at: number | null;
  standing: GuideItem['standing'];
}

/** Guides that were imported, with what was made of them and what was decided. */
export interface GuideRepository {
  /** Newest first. */
  list(): StoredGuide[];
  /** @throws store.not-found */
  get(guideId: string): StoredGuide;
  /** In the order of the guide. */
  items(guideId: string): StoredGuideItem[];
  /** @throws store.not-found */
  item(guideId: string, key: string): StoredGuideItem;
  /** Writes the guide and all of its items, in one transaction. */
  save(guide: StoredGuide, items: readonly StoredGuideItem[]): void;
  saveItems(guideId: string, items: readonly Pick<StoredGuideItem, 'key' | 'kind' | 'ownText' | 'flags' | 'decision' | 'decidedBy' | 'decidedAt'>[]): void;
  publish(guideId: string, name: string, at: number): void;
  remove(guideId: string): void;
}

const toGuide = (row: GuideRow): StoredGuide => ({ id: row.id, name: row.name, title: row.title, fileName: row.file_name, text: row.text, sha256: row.sha256, state: row.state, problems: JSON.parse(row.problems_json), source: JSON.parse(row.source_json), importedAt: row.imported_at, publishedAt: row.published_at });

const toItem = (row: ItemRow): StoredGuideItem => ({
  key: row.key,
  kind: row.kind,
  title: row.title,
  path: JSON.parse(row.path_json),
  lines: JSON.parse(row.lines_json),
  sourceHash: row.source_hash,
  draftText: row.draft_text,
  ownText: row.own_text,
  flags: JSON.parse(row.flags_json),
  decision: row.decision,
  decidedBy: row.decided_by,
  decidedAt: row.decided_at,
  standing: row.standing,
});

export function createGuideRepository(database: Database): GuideRepository {
  const allItems = database.prepare<[string], ItemRow>('SELECT * FROM guide_items WHERE guide_id = ? ORDER BY place, key');
  const insertItem = database.prepare('INSERT INTO guide_items (guide_id, key, place, kind, title, path_json, lines_json, source_hash, draft_text, own_text, flags_json, decision, decided_by, decided_at, standing) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const updateItem = database.prepare('UPDATE guide_items SET kind = ?, own_text = ?, flags_json = ?, decision = ?, decided_by = ?, decided_at = ? WHERE guide_id = ? AND key = ?');

  return {
    list: () => database.prepare<[], GuideRow>('SELECT * FROM guides ORDER BY imported_at DESC, id').all().map(toGuide),
    get(guideId) {
      const row = database.prepare<[string], GuideRow>('SELECT * FROM guides WHERE id = ?').get(guideId);
      if (row === undefined) throw new PilothouseError('store.not-found', 'There is no such guide.', { hint: 'It may have been removed meanwhile; look at the list again.' });
      return toGuide(row);
    },
    items: (guideId) => allItems.all(guideId).map(toItem),
    item(guideId, key) {
      const row = database.prepare<[string, string], ItemRow>('SELECT * FROM guide_items WHERE guide_id = ? AND key = ?').get(guideId, key);
      if (row === undefined) throw new PilothouseError('store.not-found', `There is no ${key} in this guide.`, { hint: 'The guide may have been read anew meanwhile; open it again.' });
      return toItem(row);
    },
    save(guide, items) {
      database.transaction(() => {
        database
          .prepare(
            `INSERT INTO guides (id, name, title, file_name, text, sha256, state, problems_json, source_json, imported_at, published_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET title = excluded.title, file_name = excluded.file_name, text = excluded.text, sha256 = excluded.sha256, state = excluded.state, problems_json = excluded.problems_json, source_json = excluded.source_json, imported_at = excluded.imported_at`,
          )
          .run(guide.id, guide.name, guide.title, guide.fileName, guide.text, guide.sha256, guide.state, JSON.stringify(guide.problems), JSON.stringify(guide.source), guide.importedAt, guide.publishedAt);
        database.prepare('DELETE FROM guide_items WHERE guide_id = ?').run(guide.id);
        for (const [place, item] of items.entries()) insertItem.run(guide.id, item.key, place, item.kind, item.title, JSON.stringify(item.path), JSON.stringify(item.lines), item.sourceHash, item.draftText, item.ownText, JSON.stringify(item.flags), item.decision, item.decidedBy, item.decidedAt, item.standing);
      })();
    },
    saveItems(guideId, items) {
      database.transaction(() => {
        for (const item of items) updateItem.run(item.kind, item.ownText, JSON.stringify(item.flags), item.decision, item.decidedBy, item.decidedAt, guideId, item.key);
        // What was published is what it was then.
        database.prepare("UPDATE guides SET state = 'reviewing' WHERE id = ?").run(guideId);
      })();
    },
    publish: (guideId, name, at) => void database.prepare("UPDATE guides SET state = 'published', name = ?, published_at = ? WHERE id = ?").run(name, at, guideId),
    remove: (guideId) => void database.prepare('DELETE FROM guides WHERE id = ?').run(guideId),
  };
}
