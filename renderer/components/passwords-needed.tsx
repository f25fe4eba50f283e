import type { Database, System } from '#shared/contract/systems.ts';
import { useMethod } from '../transport/use-method.ts';
import { LinkButton } from './button.tsx';
import { plural } from './format.ts';
import { Glyph } from './icons.tsx';
import { paths } from './paths.ts';
import { OpenVault } from './vault-access.tsx';

function VaultLocked({ databases }: { databases: readonly Database[] }) {
  const vault = useMethod('vault.status', {});
  const [first] = databases;
  if (first === undefined || vault.data?.state !== 'locked') return null;
  return (
    <section className="tint warn stack" aria-label="The vault is locked">
      <p className="row"><Glyph kind="warn" small /><span><b className="strong">The vault is locked.</b> {databases.length === 1 ? `${first.label} cannot` : `${plural(databases.length, 'database')} of this system cannot`} be reached until it is open.</span></p>
      <OpenVault primary={false} />
    </section>
  );
}

/** Where a system's passwords are out of reach: says so before more fails for it, and is where they are given. */
export function PasswordsNeeded({ system }: { system: System | undefined }) {
  const of = (source: Database['connection']['password']['source']) => system?.databases.filter(({ connection }) => connection.password.source === source) ?? [];
  const kept = of('vault');
  const asking = of('ask').filter(({ lastError }) => lastError?.code === 'postgres.password-needed');
  return (
    <>
      {kept.length === 0 ? null : <VaultLocked databases={kept} />}
      {asking.map((database) => (
        <section key={database.id} className="tint warn row wrap" aria-label={`The password of ${database.label}`}>
          <Glyph kind="warn" small />
          <span className="grow"><b className="strong">{database.label} asks for its password at each start.</b> It cannot be reached until it is typed.</span>
          <LinkButton to={paths.system(database.systemId)} intent={{ intent: 'test-connection', about: database.id }}>Type it…</LinkButton>
        </section>
      ))}
    </>
  );
}
