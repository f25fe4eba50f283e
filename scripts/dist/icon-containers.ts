/** The icon files of Windows and macOS: a table of sizes, and the PNGs as they are. */

export interface Drawing {
  /** Width and height in pixels. */
  size: number;
  png: Buffer;
}

/** An `.ico`, which Windows reads with PNGs in it since Vista. At most 256 pixels each. */
export function icoOf(drawings: readonly Drawing[]): Buffer {
  const header = Buffer.alloc(6 + 16 * drawings.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(drawings.length, 4);
  let offset = header.length;
  drawings.forEach(({ size, png }, index) => {
    const entry = 6 + 16 * index;
    // 256 does not fit into a byte and is written as 0.
    header.writeUInt8(size % 256, entry);
    header.writeUInt8(size % 256, entry + 1);
    header.writeUInt16LE(1, entry + 4);
    header.writeUInt16LE(32, entry + 6);
    header.writeUInt32LE(png.length, entry + 8);
    header.writeUInt32LE(offset, entry + 12);
    offset += png.length;
  });
  return Buffer.concat([header, ...drawings.map(({ png }) => png)]);
}

/**
 * What an `.icns` calls each size; two names where a size is also another one's at twice the density. The two smallest
 * plain ones (16 and 32) hold no PNG on every version of macOS: it makes them from the ones at twice their density.
 */
const icnsTypes: Readonly<Record<number, readonly string[]>> = { 32: ['ic11'], 64: ['ic12'], 128: ['ic07'], 256: ['ic13', 'ic08'], 512: ['ic14', 'ic09'], 1024: ['ic10'] };

/** The sizes that an `.icns` holds, in pixels. */
export const icnsSizes: readonly number[] = Object.keys(icnsTypes).map(Number);

/** @throws where there is a size that an `.icns` has no name for */
export function icnsOf(drawings: readonly Drawing[]): Buffer {
  const parts = drawings.flatMap(({ size, png }) => {
    const types = icnsTypes[size];
    if (types === undefined) throw new Error(`An .icns holds no PNG of ${size} pixels.`);
    return types.map((type) => Buffer.concat([Buffer.from(type, 'latin1'), lengthOf(png.length + 8), png]));
  });
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from('icns', 'latin1'), lengthOf(body.length + 8), body]);
}

function lengthOf(bytes: number): Buffer {
  const written = Buffer.alloc(4);
  written.writeUInt32BE(bytes);
  return written;
}
