import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FuseV1Options } from '@electron/fuses';
import { fusesOfElectron, makeFakeElectron } from '#test/package/fake-electron.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { describe, expect, it } from 'vitest';
import { fuses, setFuses, wrongFuses } from '../../scripts/dist/fuses.ts';

const binaryWith = async (wire: string) => join(makeFakeElectron(await temporaryFolder(), { fuses: wire }), 'electron');

describe('the fuses', () => {
  it('are off where Electron would be a Node, a debugger or more than its archive, and on where that is looked after', () => {
    const named = Object.fromEntries(Object.entries(fuses).map(([index, isOn]) => [FuseV1Options[Number(index)], isOn]));
    expect(named).toEqual({
      RunAsNode: false,
      EnableCookieEncryption: true,
      EnableNodeOptionsEnvironmentVariable: false,
      EnableNodeCliInspectArguments: false,
      EnableEmbeddedAsarIntegrityValidation: true,
      OnlyLoadAppFromAsar: true,
      LoadBrowserProcessSpecificV8Snapshot: false,
      GrantFileProtocolExtraPrivileges: false,
      WasmTrapHandlers: true,
    });
  });

  it('are set in the binary, and nothing else is changed there', async () => {
    const binary = await binaryWith(fusesOfElectron);
    const before = readFileSync(binary);
    await setFuses(binary, 'linux');
    const after = readFileSync(binary);
    const wire = after.indexOf('010011001', 0, 'latin1');
    expect(after.length).toBe(before.length);
    expect([...after.subarray(0, wire), ...after.subarray(wire + 9)]).toEqual([...before.subarray(0, wire), ...before.subarray(wire + 9)]);
    await expect(wrongFuses(binary)).resolves.toEqual([]);
  });

  it('stop the build where Electron has one more, about which nobody has decided', async () => {
    await expect(setFuses(await binaryWith(`${fusesOfElectron}1`), 'linux')).rejects.toThrow('strictlyRequireAllFuses');
  });

  it('stop the build where Electron has one less', async () => {
    await expect(setFuses(await binaryWith(fusesOfElectron.slice(0, -1)), 'linux')).rejects.toThrow('WasmTrapHandlers');
  });

  it('are named where a binary does not have them as decided', async () => {
    await expect(wrongFuses(await binaryWith('110011001'))).resolves.toEqual(['RunAsNode']);
    await expect(wrongFuses(await binaryWith('0100110011'))).resolves.toEqual(['fuse 9']);
    await expect(wrongFuses(await binaryWith('r10011001'))).resolves.toEqual(['RunAsNode']);
  });
});
