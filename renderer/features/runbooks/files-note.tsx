import { Link } from 'wouter';
import type { MethodOutput } from '#shared/contract/index.ts';
import { CopyButton } from '../../components/button.tsx';
import { plainText } from '../../components/format.ts';
import { paths } from '../../components/paths.ts';
import { State } from '../../components/state.tsx';

/** What an address can name: a file that is called otherwise is mended where it lies. */
const opens = /^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9-]*$/;

/** Files that are no runbooks, with why: they are left as they are. */
export function Broken({ files, systemId }: { files: MethodOutput<'runbook.list'>['broken']; systemId: string | null }) {
  if (files.length === 0) return null;
  return (
    <section className="sec" aria-labelledby="broken">
      <header><h2 id="broken">Not readable <span className="count">{files.length}</span></h2><span className="end t3 xs">nothing was changed in them</span></header>
      <div className="panel">
        <ul className="broken">
          {files.map(({ ref, file, message }) => (
            <li key={file}>
              <State kind="critical">{ref}</State>
              <span className="break">{plainText(message)}<span className="t3 xs mono break">{file}</span></span>
              {opens.test(ref) ? <Link to={paths.runbookEdit(systemId, ref)} className="btn quiet" aria-label={`Open ${ref}`}>Open</Link> : null}
            </li>
          ))}
        </ul>
      </div>
    </section>
  );
}

/** Where one's own files are. */
export function OwnFolder({ folder }: { folder: string }) {
  return (
    <p className="t3 xs row wrap">
      <span className="break">Your own runbooks are plain files in <span className="mono">{folder}</span>. Keep them in git if you like.</span>
      <CopyButton size="sm" text={folder} label="Copy the folder" />
    </p>
  );
}
