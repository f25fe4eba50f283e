import { useRef, useState } from 'react';
import type { ImportFile, ImportProblem } from '#shared/contract/imports.ts';
import { Button } from '../../components/button.tsx';
import { AreaField, Segments } from '../../components/field.tsx';
import { plural } from '../../components/format.ts';
import { Glyph } from '../../components/icons.tsx';
import { PathField } from '../../components/path-field.tsx';
import { usualFiles, type Source } from './use-preview.ts';

/** A file that can be named instead of the usual one. */
export interface FileField {
  name: string;
  label: string;
  placeholder: string;
}

interface Words {
  usual: string;
  files: readonly FileField[];
  text: { label: string; hint: string; placeholder: string };
}

export const sshWords: Words = {
  usual: 'Files of this account',
  files: [
    { name: 'configPath', label: 'ssh_config', placeholder: '~/.ssh/config' },
    { name: 'knownHostsPath', label: 'known_hosts', placeholder: 'those that the configuration names' },
  ],
  text: { label: 'ssh lines, or a configuration', hint: 'One command in each line, as you would type it', placeholder: 'ssh -J ops@bastion.example -p 2222 -i ~/.ssh/id_ed25519 deploy@db-1' },
};
export const databaseWords: Words = {
  usual: 'Files of this account',
  files: [
    { name: 'passfilePath', label: 'Password file', placeholder: '~/.pgpass' },
    { name: 'serviceFilePath', label: 'Service file', placeholder: '~/.pg_service.conf' },
    { name: 'pgadminPath', label: 'pgAdmin’s servers.json', placeholder: '~/servers.json' },
  ],
  text: { label: 'Addresses', hint: 'One postgres:// URL or key=value string in each line; also a service file or pgAdmin’s servers.json', placeholder: 'postgres://user@host:5432/database?sslmode=verify-full' },
};

const isWhole = (path: string): boolean => /^(?:~?\/|[A-Za-z]:[\\/]|\\\\)/.test(path);

/** Where it is read from: the usual files, others, or what is pasted. Null is read while it has still to be said which. */
export function SourceForm({ words, onRead }: { words: Words; onRead: (source: Source | null) => void }) {
  const [from, setFrom] = useState<Source['from']>('usual');
  const turn = useRef(usualFiles.turn);
  const [paths, setPaths] = useState<Record<string, string>>({});
  const [text, setText] = useState('');
  const named: Record<string, string> = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, path.trim()]).filter(([, path]) => path !== ''));
  const sound = from === 'text' ? text.trim() !== '' : Object.keys(named).length > 0 && Object.values(named).every(isWhole);
  const choose = (next: Source['from']) => {
    setFrom(next);
    onRead(next === 'usual' ? { ...usualFiles, turn: (turn.current += 1) } : null);
  };
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); if (sound) onRead({ from, paths: named, text, turn: (turn.current += 1) }); }}>
      <Segments label="Read from" value={from} onChange={choose} options={[{ value: 'usual', label: words.usual }, { value: 'files', label: 'Other files' }, { value: 'text', label: 'Pasted text' }]} />
      {from !== 'files' ? null : (
        <div className="from-files">
          {words.files.map(({ name, label, placeholder }) => (
            <PathField key={name} label={label} placeholder={placeholder} value={paths[name] ?? ''} onChange={(path) => setPaths({ ...paths, [name]: path })} error={isWhole((paths[name] ?? '').trim()) || (paths[name] ?? '').trim() === '' ? undefined : 'Write the whole path'} />
          ))}
        </div>
      )}
      {from !== 'text' ? null : <AreaField label={words.text.label} hint={words.text.hint} placeholder={words.text.placeholder} rows={4} value={text} onChange={(event) => setText(event.target.value)} />}
      {from === 'usual' ? null : <div><Button type="submit" disabled={!sound}>Show what is in {from === 'text' ? 'it' : 'them'}</Button></div>}
    </form>
  );
}

const fileWords: Record<ImportFile['state'], string> = { read: '', absent: 'is not there', unusable: 'cannot be used' };

/** Which files were read, and what in them could not be. */
export function WhatWasRead({ files, problems }: { files: readonly ImportFile[]; problems: readonly ImportProblem[] }) {
  const read = files.filter(({ state }) => state === 'read');
  const others = files.filter(({ state }) => state !== 'read');
  return (
    <div className="stack tight">
      <p className="t3 xs break">
        {read.length === 0 ? 'Nothing was read.' : <>Read: {read.map(({ path }, index) => <span key={path}>{index > 0 ? ', ' : ''}<span className="mono">{path}</span></span>)}.</>}
        {others.map(({ path, state }) => <span key={path}> <span className="mono">{path}</span> {fileWords[state]}.</span>)}
      </p>
      {problems.length === 0 ? null : (
        <details className="not-read">
          <summary><span className="warn row"><Glyph kind="warn" small />{plural(problems.length, 'thing')} could not be read</span></summary>
          <ul className="bul t2 break">{problems.map(({ file, line, reason }) => <li key={`${file}:${line}:${reason}`}><span className="mono">{file}{line === null ? '' : `:${line}`}</span>: {reason}</li>)}</ul>
        </details>
      )}
    </div>
  );
}
