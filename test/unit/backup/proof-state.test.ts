import { describe, expect, test } from 'vitest';
import type { ProofLevel } from '#shared/domain/proof.ts';
import { proofStateOf } from '#engine/backup/proof-state.ts';

const record = (level: ProofLevel, ok = true) => ({ level, ok, at: '2026-11-20T19:46:00.000Z', durationMs: 1, where: 'here', checks: ok ? [] : [{ name: 'Every SHA-256 matches', ok: false, detail: 'dump is not what was written' }], operationId: null });
const state = (...records: [ProofLevel, boolean?][]) => proofStateOf(records.map(([level, ok]) => record(level, ok)));

describe('what proofs say together', () => {
  test('is nothing where nobody looked', () => {
    expect(state()).toEqual({ proof: null, provenAt: null, damaged: null });
  });
  test('is the highest level that was reached', () => {
    expect(state(['L0'], ['L1'], ['L2'], ['L3'])).toMatchObject({ proof: 'L3', provenAt: '2026-11-20T19:46:00.000Z' });
  });
  test('stays proven after a shallower look that is well', () => {
    expect(state(['L0'], ['L1'], ['L2'], ['L3'], ['L0'])).toMatchObject({ proof: 'L3' });
  });
  test('is nothing when the hash fails, whatever was proven before', () => {
    expect(state(['L0'], ['L1'], ['L2'], ['L3'], ['L0', false])).toEqual({ proof: null, provenAt: null, damaged: 'Every SHA-256 matches: dump is not what was written' });
  });
  test('is read but not proven when a restore fails', () => {
    expect(state(['L0'], ['L1'], ['L2'], ['L3'], ['L0'], ['L1'], ['L2'], ['L3', false])).toMatchObject({ proof: 'L2', provenAt: null });
  });
  test('stays damaged after a look that is too shallow to tell', () => {
    expect(state(['L0'], ['L1'], ['L2', false], ['L0'], ['L1']).damaged).not.toBeNull();
  });
  test('is well again after a look as deep as the one that failed', () => {
    expect(state(['L0'], ['L1'], ['L2', false], ['L0'], ['L1'], ['L2'])).toMatchObject({ proof: 'L2', damaged: null });
  });
  test('does not get proven back by a file that was put back', () => {
    expect(state(['L0'], ['L1'], ['L2'], ['L3'], ['L0', false], ['L0'])).toEqual({ proof: 'L0', provenAt: null, damaged: null });
  });
});
