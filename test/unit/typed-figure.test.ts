import { describe, expect, it } from 'vitest';
import { betweenLimits, typedFigure } from '../../renderer/components/typed-figure.ts';

describe('a figure that was typed', () => {
  it.each([
    ['12', 12], [' 12.5 ', 12.5], ['-3', -3], ['0', 0],
    // Groups of three, as the console prints them.
    ['200,000', 200_000], ['1,440', 1440], ['1,234,567.5', 1_234_567.5], ['-1,440', -1440],
    // A decimal comma, where no group can be meant.
    ['0,5', 0.5], ['12,5', 12.5], ['0,500', 0.5], ['1234,5', 1234.5],
  ])('is read as the console would write it: "%s"', (text, value) => {
    expect(typedFigure(text)).toBe(value);
  });

  it.each(['', '   ', '1,44,0', '12,3456,789', '1.440.000', '1e5', '0x10', 'Infinity', 'NaN', '12 h', '1,', ',5', '--1', '1,440,5'])('is refused where it could mean something else or nothing: "%s"', (text) => {
    expect(typedFigure(text)).toBeNull();
  });
});

describe('the limits of a figure', () => {
  it('are rounded inwards to two digits', () => {
    expect(betweenLimits(10_000_000 / 1024 ** 3, 100_000_000_000 / 1024 ** 3)).toBe('Between 0.01 and 93.13');
  });
  it('are written in groups, which may be typed again', () => {
    expect([betweenLimits(0, 1440), typedFigure('1,440')]).toEqual(['Between 0 and 1,440', 1440]);
  });
});
