/** What was made of a guide is sent to servers only after a person has looked at its very text. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { PilothouseError } from '#shared/domain/errors.ts';
import type { RunbookReviewRepository } from '../../store/runbook-review-repository.ts';
import type { Library, LibraryFile } from '../library/index.ts';

export interface ReviewGate {
  /** @param so what was not done: "nothing was sent" @throws runbook.not-reviewed */
  requireReviewed(file: Pick<LibraryFile, 'ref' | 'origin' | 'hash' | 'runbook'>, so?: string): void;
  /** For a walkthrough that was begun on paper: of the text that it began with. @throws runbook.not-reviewed */
  requireReviewedText(ref: string | null, hash: string, title: string): void;
}

/** @param packsFolder of the packs that ship */
export function createReviewGate(reviews: Pick<RunbookReviewRepository, 'isReviewed'>, library: Pick<Library, 'find'>, packsFolder: string): ReviewGate {
  function refuse(ref: string, hash: string, title: string, so = 'nothing was sent'): void {
    if (reviews.isReviewed(hash)) return;
    throw new PilothouseError('runbook.not-reviewed', `The runbook "${title}" was made of a guide or brought by a pack, and nobody here has looked at it as it is now: ${so}.`, { hint: 'Read its steps and what they send, mark it as looked at, then ask again. On paper and as a rehearsal it can be walked without.', details: { ref, hash } });
  }
  return {
    requireReviewed({ ref, origin, hash, runbook }, so) {
      if (origin === 'imported') refuse(ref, hash, runbook?.title ?? ref, so);
    },
    requireReviewedText(ref, hash, title) {
      if (ref === null) return;
      const [place = ''] = ref.split('/');
      const file = library.find(ref);
      // A pack that is gone was no pack that ships.
      const isImported = file === null ? place !== 'own' && statSync(join(packsFolder, place), { throwIfNoEntry: false }) === undefined : file.origin === 'imported';
      if (isImported) refuse(ref, hash, title);
    },
  };
}
