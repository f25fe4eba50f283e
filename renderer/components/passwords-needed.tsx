import type { Database, System } from '#shared/contract/systems.ts';
import { useMethod } from '../transport/use-method.ts';
import { LinkButton } from './button.tsx';
import { plural } from './format.ts';
import { Glyph } from './icons.tsx';
import { paths } from './paths.ts';
import { OpenVault } from './vault-access.tsx';

function VaultLocked({ databases, onOpen }: { databases: readonly Database[]; onOpen: () => void }) {
  const vault = useMethod('vault.status', {});
  const [first] = databases;
  if (first === undefined || vault.data?.state !== 'locked') return null;
  return (
    <section className="tint warn stack" aria-label="The vault is locked">
      <p className="row"><Glyph kind="warn" small /><span><b className="strong">The vault is locked.</b> {databases.length === 1 ? `${first.label} cannot` : `${plural(databases.length, 'database')} of this system cannot`} be reached until it is open.</span></p>
      <OpenVault primary={false} onOpen={onOpen} />
    </section>
  );
}

/** Where a system's passwords are out of reach: says so before more fails for it, and is where they are given. `onOpen`: what is done once the vault was opened here. */
export function PasswordsNeeded({ system, onOpen = () => {} }: { system: System | undefined; onOpen?: () => void }) {
  const of = (source: Database['connection']['password']['source']) => system?.databases.filter(({ connection }) => connection.password.source === source) ?? [];
  const kept = of('vault');
  const asking = of('ask').filter(({ lastError }) => lastError?.code === 'postgres.password-needed');
  return (
    <>
      {kept.length === 0 ? null : <VaultLocked databases={kept} onOpen={onOpen} />}
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
