/** The libraries that come inside the package of Postgres, which says nothing of them: what each is, and its licence. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface CarriedLibrary {
  name: string;
  licence: string;
  /** The file of its text in resources/licences. */
  text: string;
}

const postgres: CarriedLibrary = { name: 'PostgreSQL', licence: 'PostgreSQL', text: 'PostgreSQL.txt' };
const icu: CarriedLibrary = { name: 'International Components for Unicode', licence: 'ICU', text: 'ICU.txt' };
const kerberos: CarriedLibrary = { name: 'MIT Kerberos', licence: 'MIT-krb5', text: 'krb5.txt' };

/** By the beginning of the file's name. OpenSSL changed its licence with 3.0. */
const known: readonly (readonly [beginning: string, library: CarriedLibrary])[] = [
  ['libpq.', postgres],
  ['libecpg.', postgres],
  ['libecpg_compat.', postgres],
  ['libpgtypes.', postgres],
  ['libcrypto.so.1.1', { name: 'OpenSSL 1.1', licence: 'OpenSSL', text: 'OpenSSL-1.1.txt' }],
  ['libssl.so.1.1', { name: 'OpenSSL 1.1', licence: 'OpenSSL', text: 'OpenSSL-1.1.txt' }],
  ['libcrypto.3.', { name: 'OpenSSL 3', licence: 'Apache-2.0', text: 'Apache-2.0.txt' }],
  ['libssl.3.', { name: 'OpenSSL 3', licence: 'Apache-2.0', text: 'Apache-2.0.txt' }],
  ['libicudata.', icu],
  ['libicui18n.', icu],
  ['libicuuc.', icu],
  ['libxml2.', { name: 'libxml2', licence: 'MIT', text: 'libxml2.txt' }],
  ['libxslt.', { name: 'libxslt', licence: 'MIT', text: 'libxslt.txt' }],
  ['libz.', { name: 'zlib', licence: 'Zlib', text: 'zlib.txt' }],
  ['liblzma.', { name: 'XZ Utils (liblzma)', licence: '0BSD', text: 'xz.txt' }],
  ['liblz4.', { name: 'LZ4', licence: 'BSD-2-Clause', text: 'lz4.txt' }],
  ['libzstd.', { name: 'Zstandard', licence: 'BSD-3-Clause', text: 'zstd.txt' }],
  ['libossp-uuid.', { name: 'OSSP uuid', licence: 'ISC', text: 'ossp-uuid.txt' }],
  ['libuuid.', { name: 'libuuid', licence: 'BSD-3-Clause', text: 'libuuid.txt' }],
  ['libedit.', { name: 'Editline', licence: 'BSD-3-Clause', text: 'libedit.txt' }],
  ['libcom_err.', kerberos],
  ['libgssapi_krb5.', kerberos],
  ['libk5crypto.', kerberos],
  ['libkrb5.', kerberos],
  ['libkrb5support.', kerberos],
  ['libiconv.', { name: 'GNU libiconv', licence: 'LGPL-2.1-or-later', text: 'LGPL-2.1.txt' }],
  ['libintl.', { name: 'GNU gettext (libintl)', licence: 'LGPL-2.1-or-later', text: 'LGPL-2.1.txt' }],
];

const isLibrary = (name: string): boolean => /\.(?:so|dylib)(?:\.|$)/.test(name);

/**
 * What is carried, by name, each once: of the files in a package's `native/lib`.
 * @throws where there is a library that nobody has looked at yet
 */
export function librariesOf(files: readonly string[]): CarriedLibrary[] {
  const found = new Map([[postgres.name, postgres]]);
  for (const file of files.filter(isLibrary)) {
    const library = known.find(([beginning]) => file.startsWith(beginning))?.[1];
    if (library === undefined) throw new Error(`The package of Postgres carries ${file}, whose licence is not known here: name it in scripts/dist/carried-libraries.ts.`);
    found.set(library.name, library);
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const carriedLibraries = (folder: string): CarriedLibrary[] => librariesOf(readdirSync(join(folder, 'native', 'lib')));
