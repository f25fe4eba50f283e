import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { placeOnDisplays, smallestWindow, type Area } from '#shared/domain/window-place.ts';

const laptop: Area = { x: 0, y: 25, width: 1440, height: 875 };
const screen: Area = { x: 1440, y: 0, width: 2560, height: 1440 };

describe('where the window comes up', () => {
  test('is the middle of the first display at the first start', () => {
    expect(placeOnDisplays(null, [screen, laptop])).toEqual({ x: 1440 + 560, y: 270, width: 1440, height: 900, maximized: false });
  });
  test('is where it was, on any of the displays', () => {
    const kept = { x: 2000, y: 100, width: 1200, height: 800, maximized: true };
    expect(placeOnDisplays(kept, [laptop, screen])).toEqual(kept);
  });
  test('is the first display again when its own is gone, and no larger than that', () => {
    const kept = { x: 2000, y: 100, width: 2400, height: 1300, maximized: false };
    expect(placeOnDisplays(kept, [laptop])).toEqual({ x: 0, y: 25, width: 1440, height: 875, maximized: false });
  });
  test('has a title bar that can be taken hold of, wherever it was and whatever displays there are', () => {
    const area = fc.record({ x: fc.integer({ min: -4000, max: 4000 }), y: fc.integer({ min: -4000, max: 4000 }), width: fc.integer({ min: 300, max: 4000 }), height: fc.integer({ min: 300, max: 3000 }) });
    const kept = fc.record({ x: fc.integer({ min: -9000, max: 9000 }), y: fc.integer({ min: -9000, max: 9000 }), width: fc.integer({ min: 0, max: 9000 }), height: fc.integer({ min: 0, max: 9000 }), maximized: fc.boolean() });
    fc.assert(
      fc.property(fc.option(kept), fc.array(area, { minLength: 1, maxLength: 3 }), (was, displays) => {
        const place = placeOnDisplays(was, displays);
        const held = displays.some((display) => Math.min(place.x + place.width, display.x + display.width) - Math.max(place.x, display.x) >= 100 && place.y >= display.y && place.y + 20 <= display.y + display.height);
        expect(held).toBe(true);
        expect(place.width).toBeGreaterThanOrEqual(Math.min(smallestWindow.width, ...displays.map((display) => display.width)));
      }),
    );
  });
});
