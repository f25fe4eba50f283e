import type { ItemOf } from '#shared/contract/items.ts';
import { plural } from '../../components/format.ts';
import { ItemActions, ItemRow, Section, Standing, useItems } from './frame.tsx';

function keepWords({ newest, daily, weekly, monthly }: ItemOf<'backup'>['keep']): string {
  const parts = [newest === null ? null : `the newest ${newest}`, daily === null ? null : plural(daily, 'day'), weekly === null ? null : plural(weekly, 'week'), monthly === null ? null : plural(monthly, 'month')].filter((part) => part !== null);
  return parts.length === 0 ? 'nothing is said of how long' : `keeps ${parts.join(', ')}`;
}

function Services() {
  const services = useItems('service');
  return (
    <Section id="services" title="Services" kind="service" count={services.length} empty="None is named: the health check sees those that a host knows of, and cannot miss one.">
      <table aria-labelledby="services">
        <thead><tr><th scope="col">Service</th><th scope="col">On</th><th scope="col">Looked after by</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
        <tbody>{services.map((item) => <tr key={item.key}><th scope="row"><span className="row wrap">{item.value.title}<span className="mono t2">{item.value.name}</span><Standing item={item} /></span></th><td>{item.value.host}</td><td>{item.value.manager}</td><td><ItemActions item={item} /></td></tr>)}</tbody>
      </table>
    </Section>
  );
}

function Paths() {
  const places = useItems('path');
  return (
    <Section id="places" title="Paths" kind="path" count={places.length} empty="None is named yet: where logs, uploads and configuration lie.">
      <table aria-labelledby="places">
        <thead><tr><th scope="col">What</th><th scope="col">Path</th><th scope="col">On</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
        <tbody>{places.map((item) => <tr key={item.key}><th scope="row"><span className="row wrap">{item.value.title}<Standing item={item} /></span><span className="t3 xs under">{item.value.holds}</span></th><td className="mono break">{item.value.path}</td><td>{item.value.host}</td><td><ItemActions item={item} /></td></tr>)}</tbody>
      </table>
    </Section>
  );
}

function BackupRules() {
  const rules = useItems('backup');
  return (
    <Section id="rules" title="What is backed up" kind="backup" count={rules.length} empty="Nothing is said of it here. Backups are made and proved in Backups.">
      <ul className="hb-list">
        {rules.map((item) => (
          <ItemRow key={item.key} item={item} beside={<span className="t2">{item.value.database === null ? (item.value.files === null ? '' : `${item.value.files.paths.join(', ')} on ${item.value.files.host}`) : `database ${item.value.database}`}; {keepWords(item.value.keep)}; proved to {item.value.proof}</span>} />
        ))}
      </ul>
    </Section>
  );
}

/** What has to run, where things lie, and what of it is backed up. */
export function Things() {
  return (
    <>
      <Services />
      <Paths />
      <BackupRules />
    </>
  );
}
