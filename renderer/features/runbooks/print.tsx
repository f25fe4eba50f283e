import { Printer } from 'lucide-react';
import type { PreviewStep } from '#shared/contract/runbooks.ts';
import { Button, LinkButton } from '../../components/button.tsx';
import { exactTime, plainText } from '../../components/format.ts';
import { Loaded } from '../../components/loaded.tsx';
import { paths } from '../../components/paths.ts';
import { PageHead } from '../../components/screen.tsx';
import { useMethod } from '../../transport/use-method.ts';
import { keptDraft } from './start/draft.ts';
import { askedFor, bindingsOf } from './start/values.ts';
import { RunbookTitle } from './title.tsx';
import { minutes, riskWords } from '../../components/run-words.ts';
import './print.css';

const sectionWords: Record<PreviewStep['section'], string> = { prerequisites: 'Before it', steps: 'Steps', rollback: 'Way back' };

function Line({ what }: { what: string }) {
  return <p className="blank"><span>{what}</span><i /></p>;
}

function PrintedStep({ step, number }: { step: PreviewStep; number: number }) {
  return (
    <li>
      <span className="box" aria-hidden />
      <div>
        <h3>{number}. {step.title}{step.item === null ? '' : ` (${step.item})`}</h3>
        <p className="about">{[step.target ?? '', step.risk === 'read' ? '' : riskWords[step.risk].toLowerCase(), step.pause ? 'stop and think before it' : ''].filter((part) => part !== '').join(', ')}</p>
        {step.why === null ? null : <p>{step.why}</p>}
        {step.text === '' ? null : step.language === 'text' && step.kind !== 'procedure' ? <p className="said">{plainText(step.text)}</p> : <pre>{plainText(step.text)}</pre>}
        {step.expectations.map((say) => <p key={say} className="tick"><span className="box small" aria-hidden />{say}</p>)}
        {step.choices.map(({ label, to }) => <p key={label} className="tick"><span className="box small" aria-hidden />{label}{to === null ? '' : `, then go to ${to}`}</p>)}
        {step.undo === null || step.undo.length === 0 ? null : <><p className="about">To take it back:</p>{step.undo.map((command) => <pre key={command}>{plainText(command)}</pre>)}</>}
        {step.captures.map((name) => <Line key={name} what={name} />)}
        <Line what={step.confirm === null || step.confirm === 'checkbox' ? 'When, and what came of it' : 'Answer, and when'} />
      </div>
    </li>
  );
}

/** A runbook as a checklist on paper: boxes to tick, commands as they would be sent, lines to write on. */
export function PrintRunbook({ systemId, pack, file }: { systemId: string | null; pack: string; file: string }) {
  const ref = `${pack}/${file}`;
  // What was filled in at the start form stands on the paper too.
  const draft = keptDraft(systemId, ref);
  const prepared = useMethod('runbook.prepare', { ref, systemId: draft.systemId });
  const params = prepared.data?.params ?? [];
  const { asked, values } = askedFor(params, draft.texts);
  const bindings = bindingsOf(prepared.data?.targets ?? [], draft.chosen);
  const preview = useMethod('runbook.preview', { ref, systemId: draft.systemId, bindings, values, onPaper: true }, { enabled: prepared.data !== undefined });
  const card = prepared.data?.card;
  return (
    <div className="page paper">
      <RunbookTitle systemId={systemId} screen="Checklist" focus />
      <PageHead title={card?.title ?? 'Checklist'} lede={card?.summary ?? ''}>
        <LinkButton to={paths.runbookStart(systemId, ref)}>Back</LinkButton>
        <Button look="primary" icon={Printer} needsEngine={false} disabled={preview.data === undefined} onClick={() => window.print()}>Print the checklist</Button>
      </PageHead>
      <Loaded query={prepared} what="the runbook">
        {({ card: of, targets, contacts }) => (
          <>
            <dl className="kv">
              <dt>Runbook</dt><dd>{of.id}, version {of.version}, file {of.hash.slice(0, 12)}</dd>
              <dt>Made</dt><dd>{exactTime(new Date(prepared.dataUpdatedAt).toISOString())}</dd>
              {targets.flatMap((role) => {
                const chosen = bindings[role.name];
                const label = role.candidates.find(({ choice }) => JSON.stringify(choice) === JSON.stringify(chosen))?.label ?? (chosen !== undefined && 'url' in chosen ? chosen.url : null);
                return [<dt key={`${role.name}-k`}>{role.label}</dt>, <dd key={role.name}>{label ?? <span className="fill-in" />}</dd>];
              })}
              {asked.flatMap((param) => {
                const value = values[param.name];
                return [<dt key={`${param.name}-k`}>{param.label}</dt>, <dd key={param.name}>{param.type === 'secret' ? 'a secret: not printed' : value === undefined ? <span className="fill-in" /> : String(value)}</dd>];
              })}
              {contacts.flatMap(({ role, name, email, phone, afterMs }) => [<dt key={`${role}-k`}>{role}</dt>, <dd key={role}>{[name, email, phone].every((part) => part === null) ? <span className="fill-in" /> : [name, email, phone].filter((part) => part !== null).join(', ')}{afterMs === null ? '' : `, after ${minutes(afterMs)}`}</dd>])}
            </dl>
            <Line what="Walked by, and when it was begun" />
            <Loaded query={preview} what="the steps">
              {({ steps }) => (
                <>
                  {(['prerequisites', 'steps', 'rollback'] as const).filter((section) => steps.some((step) => step.section === section)).map((section) => (
                    <section key={section} aria-label={sectionWords[section]}>
                      <h2>{sectionWords[section]}</h2>
                      <ol className="sheet">{steps.map((step, index) => (step.section === section ? <PrintedStep key={step.key} step={step} number={index + 1} /> : null))}</ol>
                    </section>
                  ))}
                </>
              )}
            </Loaded>
            <Line what="Ended, by whom, and what is left to do" />
          </>
        )}
      </Loaded>
    </div>
  );
}
