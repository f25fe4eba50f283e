import type { ItemOf } from '#shared/contract/items.ts';
import { span } from '../../components/format.ts';
import { MailLink, PhoneLink } from '../../components/reach-links.tsx';
import { ItemActions, ItemRow, Section, Standing, useItems, useTitleOf } from './frame.tsx';

function Ways({ contact }: { contact: ItemOf<'contact'> }) {
  const { email, phone, url } = contact;
  if (email === null && phone === null && url === null) return <span className="t3">No address yet</span>;
  return (
    <span className="stack tight">
      {email === null ? null : <MailLink address={email} />}
      {phone === null ? null : <PhoneLink number={phone} />}
      {url === null ? null : <span className="mono break">{url}</span>}
    </span>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  return lines.length === 0 ? null : <ul className="bul t2">{lines.map((line) => <li key={line}>{line}</li>)}</ul>;
}

function Contacts() {
  const contacts = useItems('contact');
  const titleOf = useTitleOf();
  return (
    <Section id="contacts" title="Contacts" kind="contact" count={contacts.length} empty="Nobody is named yet. Whoever is named here stands in incidents, in prepared texts, and in runbooks that name that title.">
      <div className="scroll">
        <table aria-labelledby="contacts">
          <thead><tr><th scope="col">Who</th><th scope="col">For</th><th scope="col">Reached at</th><th scope="col">When</th><th scope="col"><span className="vh">Actions</span></th></tr></thead>
          <tbody>
            {contacts.map((item) => {
              const { value } = item;
              return (
                <tr key={item.key}>
                  <th scope="row"><span className="row wrap">{value.title}<Standing item={item} /></span>{value.outside ? <span className="t3 xs under">another company</span> : null}</th>
                  <td className="break">{value.about}</td>
                  <td><Ways contact={value} /></td>
                  <td>{[titleOf('hours', value.hours), value.afterMs === null ? null : `after ${span(value.afterMs)}`].filter((part) => part !== null).join(', ') || 'at any time'}</td>
                  <td><ItemActions item={item} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function Roles() {
  const roles = useItems('role');
  const titleOf = useTitleOf();
  return (
    <Section id="roles" title="Roles" kind="role" count={roles.length} empty="No role is named yet. One person may hold all of them.">
      <ul className="hb-list">
        {roles.map((item) => (
          <ItemRow key={item.key} item={item} beside={<><span className="t2">{titleOf('contact', item.value.contact) ?? 'nobody yet'}</span>{item.value.incident ? <span className="badge skipped">In incidents</span> : null}</>}>
            <Lines lines={item.value.duties} />
          </ItemRow>
        ))}
      </ul>
    </Section>
  );
}

function Channels() {
  const channels = useItems('channel');
  return (
    <Section id="channels" title="Channels" kind="channel" count={channels.length} empty="No mailing list, chat or status page is named yet.">
      <ul className="hb-list">
        {channels.map((item) => (
          <ItemRow key={item.key} item={item} beside={<><span className="mono break">{item.value.address}</span>{item.value.outside ? <span className="badge skipped">Seen outside</span> : null}</>}>
            <Lines lines={item.value.usedFor} />
          </ItemRow>
        ))}
      </ul>
    </Section>
  );
}

function Hours() {
  const hours = useItems('hours');
  return (
    <Section id="hours" title="Working hours" kind="hours" count={hours.length} empty="None: every clock runs day and night.">
      <ul className="hb-list">
        {hours.map((item) => (
          <ItemRow key={item.key} item={item} beside={<span className="t2">{item.value.tz}</span>}>
            <ul className="t2">{item.value.spans.map(({ days, from, to }) => <li key={`${days.join()}${from}`}>{days.join(' ')} {from}–{to}</li>)}</ul>
          </ItemRow>
        ))}
      </ul>
    </Section>
  );
}

/** Who does what, how they are reached, and when. */
export function People() {
  return (
    <>
      <Contacts />
      <Roles />
      <Channels />
      <Hours />
    </>
  );
}
