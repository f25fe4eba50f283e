/** Where a window comes up again, in screen points: displays come and go between two starts. */

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface WindowPlace extends Area {
  maximized: boolean;
}

export const smallestWindow = { width: 720, height: 480 };
const usual = { width: 1440, height: 900 };
/** So much of its title bar must be on a display that one can take hold of it. */
const hold = { width: 120, height: 24 };

function canBeHeld(place: Area, display: Area): boolean {
  const across = Math.min(place.x + place.width, display.x + display.width) - Math.max(place.x, display.x);
  return across >= hold.width && place.y >= display.y && place.y + hold.height <= display.y + display.height;
}

/**
 * The kept place where a hand still reaches it, no larger than its display; else the usual size in the middle of the
 * first display.
 * @param displays the work areas, the main one first
 */
export function placeOnDisplays(kept: WindowPlace | null, displays: readonly Area[]): WindowPlace {
  const [first = { x: 0, y: 0, ...usual }] = displays;
  const fit = (length: number, smallest: number, room: number): number => Math.round(Math.max(Math.min(smallest, room), Math.min(length, room)));
  const sizeOn = (display: Area): Pick<Area, 'width' | 'height'> => ({ width: fit(kept?.width ?? usual.width, smallestWindow.width, display.width), height: fit(kept?.height ?? usual.height, smallestWindow.height, display.height) });
  if (kept !== null) {
    for (const display of displays) {
      const place = { ...kept, ...sizeOn(display) };
      if (canBeHeld(place, display)) return place;
    }
  }
  const { width, height } = sizeOn(first);
  return { x: Math.round(first.x + (first.width - width) / 2), y: Math.round(first.y + (first.height - height) / 2), width, height, maximized: kept?.maximized ?? false };
}
