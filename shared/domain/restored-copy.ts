/** What a restored copy has been through since it came back. */

/**
 * Whether a copy was found to be written to. Only a copy that came back equal is kept, so one that stands, or stood, and
 * differs from its backup was changed afterwards; that of a failed restore never was equal.
 */
export function wasWrittenTo({ state, equal }: { state: string; equal: boolean | null }): boolean {
  return equal === false && state !== 'failed' && state !== 'running';
}

/** Whether a copy was live once and is not any more, whatever became of it since. */
export function wasTakenBack({ state, undoneAt }: { state: string; undoneAt?: string | undefined }): boolean {
  return state !== 'swapped' && (state === 'undone' || undoneAt !== undefined);
}
