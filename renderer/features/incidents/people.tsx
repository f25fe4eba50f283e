import { Phone } from 'lucide-react';
import { Link } from 'wouter';
import type { IncidentView } from '#shared/contract/incidents.ts';
import { Button, CopyButton, LinkButton } from '../../components/button.tsx';
import { plainText, span } from '../../components/format.ts';
import { Icon } from '../../components/icons.tsx';
import { paths } from '../../components/paths.ts';
import { MailLink, PhoneLink } from '../../components/reach-links.tsx';
import { useIncident } from './context.ts';
import { mailTo, updateText } from './words.ts';

type Contact = IncidentView['people']['contacts'][number];

function Runbooks() {
  const { view } = useIncident();
  const { runbook, walkthroughs, incident } = view;
  if (runbook === null && walkthroughs.length === 0) return null;
  return (
    <section className="sec" aria-labelledby="runbooks">
      <h2 id="runbooks">Runbooks</h2>
      <ul className="rbs">
        {walkthroughs.map(({ id, title, stateText, over }) => (
          <li key={id}><span className="medium break">{plainText(title)}</span><span className="t3">{plainText(stateText)}</span>{over ? <LinkButton look="quiet" to={paths.walkthrough(id)} aria-label={`Open ${title}`}>Open</LinkButton> : <LinkButton to={paths.walkthrough(id)} aria-label={`Continue ${title}`}>Continue</LinkButton>}</li>
        ))}
        {runbook === null ? null : (
          <li>
            <span className="medium break">{plainText(runbook.title)}</span>
            <span className="t3">{runbook.ref === null ? 'Named by the severity, and not in the library' : `What one begins with at ${plainText(incident.severity.title)}`}</span>
            {runbook.ref === null ? null : <LinkButton look="quiet" to={paths.incidentRunbook(incident.id, incident.environment === null ? null : incident.systemId, runbook.ref)} aria-label={`Start ${runbook.title}`}>Start</LinkButton>}
          </li>
        )}
      </ul>
    </section>
  );
}

function Roles() {
  const { view, ask } = useIncident();
  const may = view.can.includes('assigned');
  return (
    <section className="sec" aria-labelledby="roles">
      <h2 id="roles">Who does what</h2>
      <ul className="roles">
        {view.people.roles.map(({ key, title, who, proposed }) => (
          <li key={key}>
            <span className="break">{plainText(title)}</span>
            {may ? <Button look="quiet" size="sm" needsEngine aria-label={`${title}: ${who ?? 'nobody yet'}. Assign`} onClick={() => ask({ kind: 'assign', role: key })}>{who === null ? 'Assign…' : plainText(who)}</Button> : <span className="medium break">{who === null ? 'Nobody' : plainText(who)}</span>}
            {who === null && proposed !== null ? <span className="t3">Otherwise {plainText(proposed)}</span> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A way to somebody. The window opens no other program: there one copies the address. */
function Way({ contact, subject, body }: { contact: Contact; subject: string; body: string }) {
  const { email, phone, url, title } = contact;
  return (
    <div className="stack tight">
      {phone === null ? null : <span className="row"><Icon of={Phone} small /><PhoneLink number={phone} /><CopyButton size="sm" text={phone} label={`Copy the number of ${title}`} /></span>}
      {email === null ? null : <span className="row"><MailLink address={email} href={mailTo(email, subject, body)} /><CopyButton size="sm" text={email} label={`Copy the address of ${title}`} /></span>}
      {url === null ? null : <span className="row"><span className="break">{plainText(url)}</span><CopyButton size="sm" text={url} label={`Copy the page of ${title}`} /></span>}
    </div>
  );
}

function Reach() {
  const { view, ask } = useIncident();
  const { people, incident } = view;
  const text = updateText(view);
  const subject = `INC-${incident.number} ${incident.severity.title}: ${incident.title}`;
  return (
    <section className="sec" aria-labelledby="reach">
      <h2 id="reach">Reach people</h2>
      <p className="t2">This computer cannot page anybody. It prepares the call or the text, you send it.</p>
      {people.contacts.length === 0 ? <p className="t3 xs">{incident.systemId === null ? 'It is of no system, so that nobody is named here.' : 'The system names no contacts.'}</p> : (
        <ul className="roles">
          {people.contacts.map((contact) => (
            <li key={contact.key} className="whole">
              <span className="medium break">{plainText(contact.title)}</span>
              <span className="t3">{[plainText(contact.about), contact.afterMs === null ? '' : `after ${span(contact.afterMs)}`, contact.outside ? 'outside' : ''].filter((part) => part !== '').join(', ')}</span>
              <Way contact={contact} subject={subject} body={text?.text ?? ''} />
            </li>
          ))}
        </ul>
      )}
      {people.tiers.length === 0 ? null : (
        <ul className="roles" aria-label="Tiers">
          {people.tiers.map(({ key, title, escalateWhen, respondsMs }) => <li key={key} className="whole"><span className="medium break">{plainText(title)}</span><span className="t3">{[respondsMs === null ? '' : `answers within ${span(respondsMs)}`, ...escalateWhen.map((when) => plainText(when))].filter((part) => part !== '').join('; ')}</span></li>)}
        </ul>
      )}
      <div className="row wrap">
        {text === null ? null : <CopyButton look="plain" text={text.text}>Copy text</CopyButton>}
        {view.can.includes('escalated') ? <Button needsEngine onClick={() => ask({ kind: 'escalate' })}>Escalate…</Button> : null}
      </div>
    </section>
  );
}

export function Side() {
  const { view } = useIncident();
  const { incident } = view;
  return (
    <div className="rightx">
      <Runbooks />
      <Roles />
      <Reach />
      {incident.systemId === null ? null : <section className="sec" aria-labelledby="touches"><h2 id="touches">Touches</h2><p><Link to={paths.system(incident.systemId)}>{plainText(incident.systemName ?? '')}</Link></p></section>}
    </div>
  );
}
