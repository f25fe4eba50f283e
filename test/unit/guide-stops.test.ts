import { describe, expect, it } from 'vitest';
import type { GuideFlag, GuideItem } from '#shared/contract/guides.ts';
import { isLeft, leftOf, neighbour, nextLeft, onward, stopsOf, thereNow } from '../../renderer/features/guides/stops.ts';

const flag = (id: string, state: GuideFlag['state'] = 'open'): GuideFlag => ({ id, rule: 'r', class: 'wrong', line: 1, column: 1, message: '', explanation: '', fix: null, edit: null, state, reason: null });
const item = (key: string, flags: GuideFlag[] = [], decision: GuideItem['decision'] = 'open'): GuideItem => ({ key, kind: 'runbook', title: key, path: [], lines: [{ from: 1, to: 1 }], text: '', hash: '0'.repeat(64), draft: null, flags, open: flags.filter(({ state }) => state === 'open').length, problems: [], decision, decidedBy: null, decidedAt: null, standing: 'same' });

describe('what is looked at in a guide', () => {
  it('is each flag, and each item that has none', () => {
    expect(stopsOf([item('a', [flag('1'), flag('2')]), item('b')])).toEqual([{ key: 'a', flagId: '1' }, { key: 'a', flagId: '2' }, { key: 'b', flagId: null }]);
  });
  it('is the item itself once all its flags are settled and it still waits for a decision', () => {
    expect([stopsOf([item('a', [flag('1', 'fixed')])]), stopsOf([item('a', [flag('1', 'fixed')], 'accepted')])]).toEqual([[{ key: 'a', flagId: '1' }, { key: 'a', flagId: null }], [{ key: 'a', flagId: '1' }]]);
  });
  it('goes past what is plain while something else is left', () => {
    const items = [item('a'), item('b', [flag('1')]), item('c'), item('d', [flag('2')])];
    expect([nextLeft(items, null), nextLeft(items, { key: 'b', flagId: '1' }), nextLeft(items, { key: 'd', flagId: '2' }), nextLeft(items, { key: 'd', flagId: '2' }, -1)]).toEqual([{ key: 'b', flagId: '1' }, { key: 'd', flagId: '2' }, { key: 'b', flagId: '1' }, { key: 'b', flagId: '1' }]);
  });
  it('comes to the plain ones when nothing else is left, and to none in the end', () => {
    expect([nextLeft([item('a', [flag('1', 'kept')], 'accepted'), item('b')], { key: 'a', flagId: '1' }), nextLeft([item('a', [], 'accepted')], null)]).toEqual([{ key: 'b', flagId: null }, null]);
  });
  it('goes on behind what was settled just now, though it is no stop any more', () => {
    expect(nextLeft([item('a', [flag('0')]), item('b', [flag('1', 'fixed')], 'accepted'), item('c', [flag('2')])], { key: 'b', flagId: null })).toEqual({ key: 'c', flagId: '2' });
  });
  it('does not leave flags of an item that is left out', () => {
    expect(isLeft([item('a', [flag('1')], 'rejected')], { key: 'a', flagId: '1' })).toBe(false);
  });
  it('stays at the ends when one goes on by one', () => {
    const items = [item('a', [flag('1')]), item('b')];
    expect([neighbour(items, { key: 'b', flagId: null }, 1), neighbour(items, { key: 'a', flagId: '1' }, -1), neighbour(items, { key: 'a', flagId: '1' }, 1)]).toEqual([{ key: 'b', flagId: null }, { key: 'a', flagId: '1' }, { key: 'b', flagId: null }]);
  });
  it('leads on to what is left, past all flags that were settled, and by one where nothing is', () => {
    const settled = item('a', [flag('1', 'kept'), flag('2', 'kept'), flag('3', 'kept')], 'edited');
    expect([onward([settled, item('b', [flag('4')])], { key: 'a', flagId: '1' }), onward([settled], { key: 'a', flagId: '1' })]).toEqual([{ key: 'b', flagId: '4' }, { key: 'a', flagId: '2' }]);
  });
  it('is nothing that is gone from the guide', () => {
    const gone: GuideItem = { ...item('a', [flag('1')]), standing: 'gone' };
    expect(thereNow([gone, item('b')]).map(({ key }) => key)).toEqual(['b']);
  });
  it('is counted by how much it matters', () => {
    expect(leftOf([item('a', [flag('1'), { ...flag('2'), class: 'unsure' }]), item('b'), item('c', [flag('3')], 'rejected')], ({ class: of }) => of === 'wrong')).toEqual({ blocking: 1, other: 1, flags: 3, plain: 1, undecided: 2 });
  });
});
