import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderStands, makeFolder, removeInside } from '#engine/practice/folder.ts';
import { placeOf, type PracticePlace } from '#engine/practice/place.ts';
import { look, tidy } from '#engine/practice/standing.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

async function makePlace(key = 'key-of-home'): Promise<PracticePlace> {
  return placeOf({ root: await temporaryFolder('practice-folder'), key }, { uid: 1000, accounts: () => '' });
}

async function madePlace(): Promise<PracticePlace> {
  const place = await makePlace();
  makeFolder(place, 'home');
  return place;
}

const unsafe = expect.objectContaining({ code: 'practice.unsafe-folder' }) as Error;

describe('the practice folder', () => {
  it('is made with the mark of the data folder that it belongs to', async () => {
    const place = await madePlace();
    expect(JSON.parse(readFileSync(place.marker, 'utf8'))).toMatchObject({ key: 'key-of-home', folder: place.folder });
  });

  it('may be asked for twice', async () => {
    const place = await madePlace();
    makeFolder(place, 'home');
    expect(folderStands(place)).toBe(true);
  });

  it('can be removed', async () => {
    const place = await madePlace();
    removeInside(place, place.folder);
    expect(existsSync(place.folder)).toBe(false);
  });

  it('is refused where something without a mark stands in its place, and that stays', async () => {
    const place = await makePlace();
    mkdirSync(place.folder);
    writeFileSync(join(place.folder, 'thesis.txt'), 'years of work');
    expect(() => removeInside(place, place.folder)).toThrow(unsafe);
    expect(existsSync(join(place.folder, 'thesis.txt'))).toBe(true);
  });

  it('is not built upon something without a mark', async () => {
    const place = await makePlace();
    mkdirSync(place.folder);
    expect(() => makeFolder(place, 'home')).toThrow(unsafe);
  });

  it('is refused where it is a link to somewhere else, and what is there stays', async () => {
    const place = await madePlace();
    const elsewhere = join(await temporaryFolder('elsewhere'), 'moved');
    renameSync(place.folder, elsewhere);
    symlinkSync(elsewhere, place.folder);
    expect(() => removeInside(place, place.folder)).toThrow(unsafe);
    expect(existsSync(join(elsewhere, 'belongs-to-pilothouse.json'))).toBe(true);
  });

  it('is refused where its mark is that of another data folder', async () => {
    const place = await madePlace();
    expect(() => removeInside({ ...place, key: 'another-key' }, place.folder)).toThrow(unsafe);
  });

  it('is refused where it was copied from another place, mark and all', async () => {
    const place = await madePlace();
    const other = await makePlace();
    renameSync(place.folder, other.folder);
    expect(() => removeInside(other, other.folder)).toThrow(unsafe);
  });

  it('is refused where its mark is a link', async () => {
    const place = await madePlace();
    renameSync(place.marker, `${place.marker}.moved`);
    symlinkSync(`${place.marker}.moved`, place.marker);
    expect(() => removeInside(place, place.folder)).toThrow(unsafe);
  });

  it.each(['..', '../backups', 'cluster/data', ''])('removes nothing by the path %j inside of it', async (path) => {
    const place = await madePlace();
    expect(() => removeInside(place, `${place.folder}/${path}`)).toThrow(unsafe);
  });

  it('does not follow a link that lies in it', async () => {
    const place = await madePlace();
    const elsewhere = await temporaryFolder('elsewhere');
    writeFileSync(join(elsewhere, 'kept'), '');
    symlinkSync(elsewhere, join(place.folder, 'cluster'));
    removeInside(place, place.cluster.folder);
    expect(existsSync(join(elsewhere, 'kept'))).toBe(true);
  });
});

/** A cluster as far as the folder's keeper looks at one: its identity and the mark of its end. */
function fakeCluster(place: PracticePlace, which: 'cluster' | 'previous', options: { identifier: bigint; built: boolean }): void {
  const cluster = place[which];
  mkdirSync(join(cluster.data, 'global'), { recursive: true });
  const control = Buffer.alloc(8192);
  control.writeBigUInt64LE(options.identifier);
  writeFileSync(join(cluster.data, 'global', 'pg_control'), control);
  if (options.built) writeFileSync(cluster.built, JSON.stringify({ version: '15.18', builtAt: '2026-11-20T00:00:00.000Z' }));
}

describe('tidying after a crash', () => {
  it('removes the whole folder where the only cluster is half-made', async () => {
    const place = await madePlace();
    fakeCluster(place, 'cluster', { identifier: 1n, built: false });
    await tidy(place);
    expect(existsSync(place.folder)).toBe(false);
  });

  it('keeps a cluster that is whole', async () => {
    const place = await madePlace();
    fakeCluster(place, 'cluster', { identifier: 7_710_350_962_895_713_039n, built: true });
    expect([await tidy(place), (await look(place)).built?.systemIdentifier]).toEqual([[], '7710350962895713039']);
  });

  it('puts back the old cluster where a reset did not come to its end', async () => {
    const place = await madePlace();
    fakeCluster(place, 'previous', { identifier: 1n, built: true });
    fakeCluster(place, 'cluster', { identifier: 2n, built: false });
    await tidy(place);
    expect((await look(place)).built?.systemIdentifier).toBe('1');
  });

  it('puts back the old cluster where a reset had only set it aside', async () => {
    const place = await madePlace();
    fakeCluster(place, 'previous', { identifier: 1n, built: true });
    await tidy(place);
    expect((await look(place)).built?.systemIdentifier).toBe('1');
  });

  it('removes the old cluster where the new one is whole', async () => {
    const place = await madePlace();
    fakeCluster(place, 'previous', { identifier: 1n, built: true });
    fakeCluster(place, 'cluster', { identifier: 2n, built: true });
    await tidy(place);
    expect([existsSync(place.previous.folder), (await look(place)).built?.systemIdentifier]).toEqual([false, '2']);
  });

  it('touches nothing in a folder that is not ours', async () => {
    const place = await makePlace();
    mkdirSync(place.cluster.folder, { recursive: true });
    await expect(tidy(place)).rejects.toThrow(unsafe);
    expect(existsSync(place.cluster.folder)).toBe(true);
  });
});
