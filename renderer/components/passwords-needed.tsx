import type { Host } from '#shared/contract/hosts.ts';
import type { Database, System } from '#shared/contract/systems.ts';
import { useMethod } from '../transport/use-method.ts';
import { LinkButton } from './button.tsx';
import { plural } from './format.ts';
import { Glyph } from './icons.tsx';
import { paths } from './paths.ts';
import { OpenVault } from './vault-access.tsx';

/** Whether something of what signs in to it is in the vault. */
const isKept = ({ connection: { signIn } }: Host): boolean => [signIn.password, ...signIn.keys.map(({ passphrase }) => passphrase)].some(({ source }) => source === 'vault');

function VaultLocked({ databases, hosts, onOpen }: { databases: readonly Database[]; hosts: readonly Host[]; onOpen: () => void }) {
  const vault = useMethod('vault.status', {});
  const behind = [...databases, ...hosts];
  const [first] = behind;
  if (first === undefined || vault.data?.state !== 'locked') return null;
  const counted = [...(databases.length === 0 ? [] : [plural(databases.length, 'database')]), ...(hosts.length === 0 ? [] : [plural(hosts.length, 'host')])].join(' and ');
  return (
    <section className="tint warn stack" aria-label="The vault is locked">
      <p className="row"><Glyph kind="warn" small /><span><b className="strong">The vault is locked.</b> {behind.length === 1 ? `${first.label} cannot` : `${counted} of this system cannot`} be reached until it is open.</span></p>
      <OpenVault primary={false} onOpen={onOpen} />
    </section>
  );
}

/** Where a system's passwords are out of reach: says so before more fails for it, and is where they are given. `onOpen`: what is done once the vault was opened here. */
export function PasswordsNeeded({ system, onOpen = () => {} }: { system: System | undefined; onOpen?: () => void }) {
  const of = (source: Database['connection']['password']['source']) => system?.databases.filter(({ connection }) => connection.password.source === source) ?? [];
  const kept = of('vault');
  const hosts = useMethod('host.list', {}).data?.hosts.filter((host) => host.systemId === system?.id && isKept(host)) ?? [];
  const asking = of('ask').filter(({ lastError }) => lastError?.code === 'postgres.password-needed');
  return (
    <>
      {kept.length + hosts.length === 0 ? null : <VaultLocked databases={kept} hosts={hosts} onOpen={onOpen} />}
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
