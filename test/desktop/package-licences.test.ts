import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { describe, expect, it } from 'vitest';
import { librariesOf } from '../../scripts/dist/carried-libraries.ts';
import { collectLicences, licenceOf, writeUp } from '../../scripts/dist/licences.ts';
import { hostTarget, practicePackage } from '../../scripts/dist/targets.ts';
import { projectRoot } from '../../scripts/house/layers.ts';

const target = hostTarget();
const collected = await collectLicences(projectRoot, target);
const names = collected.map(({ name }) => name);

/** A package of the given description and files, in a folder of its own. */
async function packageWith(description: object, files: Record<string, string> = {}) {
  const folder = join(await temporaryFolder(), 'node_modules', 'some-package');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'some-package', version: '1.2.3', ...description }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { name: 'some-package', version: '1.2.3', folder };
}

describe('the licences of what ships', () => {
  it('are those of the engine, of the page, of its fonts and of Postgres with what comes in it', () => {
    const practice = practicePackage(projectRoot, target);
    const fromPractice = practice === null ? [] : [practice, 'PostgreSQL', 'International Components for Unicode', 'zlib'];
    expect(names).toEqual(expect.arrayContaining([...fromPractice, 'better-sqlite3', 'pg', 'pg-types', 'ssh2', 'tweetnacl', 'react', '@mantine/core', 'uplot', '@fontsource-variable/inter', '@fontsource-variable/jetbrains-mono']));
  });

  it('are of nothing that only builds or tests', () => {
    expect(names.filter((name) => /electron|vite|rolldown|playwright|oxlint|typescript|node-addon-api|cpu-features|^postgres-1|node-linux/.test(name))).toEqual([]);
  });

  it('have a text each', () => {
    expect(collected.filter(({ text }) => text.length < 400).map(({ name }) => name)).toEqual([]);
  });

  it('stand in one file, listed first and then in full, after our own', () => {
    const own = readFileSync(join(projectRoot, 'LICENSE'), 'utf8');
    const written = writeUp(own, collected, target);
    expect(written.startsWith(`Pilothouse\n\n${own.trim()}\n`)).toBe(true);
    for (const { name, version, licence, text } of collected) {
      expect(written).toContain(`\n${name} ${version}: ${licence}\n`);
      expect(written).toContain(text);
    }
  });

  it('stop the build where a package has one that may not ship, or none', async () => {
    const copyleft = await packageWith({ license: 'GPL-3.0-only' }, { LICENSE: 'text' });
    expect(() => licenceOf(projectRoot, copyleft)).toThrow('some-package 1.2.3 has the licence GPL-3.0-only, which is not among those that may ship');
    const silent = await packageWith({}, { LICENSE: 'text' });
    expect(() => licenceOf(projectRoot, silent)).toThrow('some-package 1.2.3 has no licence, which is not among those that may ship');
  });

  it('stop the build where a package brings no text', async () => {
    const bare = await packageWith({ license: 'MIT' }, { 'README.md': '# Some package\n\n## License\n\nMIT\n' });
    expect(() => licenceOf(projectRoot, bare)).toThrow('some-package 1.2.3 brings no text of its licence (MIT)');
  });

  it('are read from a file of whatever spelling, and else from the end of the README', async () => {
    expect(licenceOf(projectRoot, await packageWith({ license: 'MIT' }, { 'licence.md': 'in a file' })).text).toBe('in a file');
    const readme = '# Some package\n\n## License\n\nPermission is hereby granted, free of charge\n';
    expect(licenceOf(projectRoot, await packageWith({ licenses: [{ type: 'MIT' }] }, { 'README.md': readme })).text).toBe('Permission is hereby granted, free of charge');
  });
});

describe('the libraries inside the package of Postgres', () => {
  it('are known by their files, on macOS too', () => {
    const macos = ['libcom_err.3.0.dylib', 'libcrypto.3.dylib', 'libedit.0.dylib', 'libgssapi_krb5.2.2.dylib', 'libiconv.2.dylib', 'libicudata.68.2.dylib', 'libintl.8.dylib', 'libk5crypto.3.1.dylib', 'libkrb5.3.3.dylib', 'libkrb5support.1.1.dylib', 'liblz4.1.10.0.dylib', 'libpq.5.15.dylib', 'libuuid.1.1.dylib', 'libxml2.16.dylib', 'libz.1.3.2.dylib', 'libzstd.1.5.7.dylib'];
    expect(librariesOf(macos).map(({ name }) => name)).toEqual(['Editline', 'GNU gettext (libintl)', 'GNU libiconv', 'International Components for Unicode', 'LZ4', 'MIT Kerberos', 'OpenSSL 3', 'PostgreSQL', 'Zstandard', 'libuuid', 'libxml2', 'zlib']);
  });

  it('stop the build where nobody has looked at one yet', () => {
    expect(() => librariesOf(['libpq.so.5.15', 'libnew.so.1'])).toThrow('The package of Postgres carries libnew.so.1, whose licence is not known here');
  });

  it('have their texts here, and there is no text that nothing needs', () => {
    const sources = ['carried-libraries.ts', 'licences.ts'].map((name) => readFileSync(join(projectRoot, 'scripts', 'dist', name), 'utf8')).join('\n');
    const named = [...sources.matchAll(/'([\w.-]+\.txt)'/g)].map(([, name]) => name).filter((name) => name !== 'LICENCES.txt');
    expect(new Set(readdirSync(join(projectRoot, 'resources', 'licences')))).toEqual(new Set(named));
  });
});
