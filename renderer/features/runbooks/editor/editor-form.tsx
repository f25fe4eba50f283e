import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { MethodOutput } from '#shared/contract/index.ts';
import type { ErrorShape } from '#shared/domain/errors.ts';
import { Button } from '../../../components/button.tsx';
import { ErrorPanel } from '../../../components/error-panel.tsx';
import { LeaveGuard } from '../../../components/leaving.tsx';
import { paths } from '../../../components/paths.ts';
import { Tint } from '../../../components/state.tsx';
import { useEngine } from '../../../transport/engine-context.ts';
import { useCommand } from '../../../transport/use-method.ts';
import { useSubmission } from '../../../transport/use-submission.ts';
import type { Texts } from '../start/values.ts';
import { CodeEditor } from './code-editor.tsx';
import type { CodeView } from './code-mirror.ts';
import { Conflict } from './conflict.tsx';
import { EditorHead } from './editor-head.tsx';
import type { Opened } from './editor.tsx';
import { PreviewPane } from './preview-pane.tsx';
import { ProblemList } from './problem-list.tsx';
import { withId } from './text-edits.ts';
import { useCheck } from './use-check.ts';
import { useSaveKey } from './use-save-key.ts';
import { useRunbookText } from './use-runbook-text.ts';

interface Props {
  systemId: string | null;
  /** Null: a new one. */
  refName: string | null;
  opened: Opened;
  /** Reads the file again; null where there is none. */
  onReread: () => Promise<Opened | null>;
}

type Saved = MethodOutput<'runbook.save'>;

/** Somebody removed the file, so that there is nothing to compare with. */
const isRemoved = (error: ErrorShape): boolean => error.code === 'runbook.changed' && error.details?.found === null;

export function EditorForm({ systemId, refName, opened, onReread }: Props) {
  const engine = useEngine();
  const [, navigate] = useLocation();
  const view = useRef<CodeView | null>(null);
  const { card } = opened;
  const readOnly = card !== null && card.origin !== 'own';
  const { text, setText, base, unsaved, restored, notKept, written } = useRunbookText(refName, { text: opened.text, hash: card?.hash ?? null }, (next) => view.current?.replace(next));
  const [texts, setTexts] = useState<Texts>({});
  const [theirs, setTheirs] = useState<{ text: string; hash: string } | null>(null);
  /** Where one goes as soon as nothing is left unsaved here. */
  const [goal, setGoal] = useState<string | null>(null);
  const check = useCheck(text, texts);
  const save = useCommand('runbook.save');
  const copy = useCommand('runbook.copy');

  useEffect(() => {
    const { current } = view;
    if (current !== null && check.fresh && check.checked !== undefined && current.text() === check.checked.of) current.mark(check.checked.problems);
  }, [check.checked, check.fresh]);
  useEffect(() => {
    if (goal !== null && !unsaved) navigate(goal, { replace: true });
  }, [goal, unsaved, navigate]);

  const look = useSubmission<Opened | null>({
    mutationFn: onReread,
    onSuccess: (found) => {
      if (found?.card) setTheirs({ text: found.text, hash: found.card.hash });
    },
  });
  const write = (expectedHash: string | null, whole = text) => {
    if (readOnly || save.isPending) return;
    save.mutate({ ref: refName, text: whole, expectedHash }, {
      onSuccess: (saved: Saved) => {
        setTheirs(null);
        written({ text: whole, hash: saved.hash });
        if (saved.ref !== refName) setGoal(paths.runbookEdit(systemId, saved.ref));
      },
      onError: (error) => {
        if (error.code === 'runbook.changed' && !isRemoved(error)) look.mutate();
      },
    });
  };
  const keepCopy = useSubmission<Saved, string>({
    mutationFn: (id) => engine.call('runbook.save', { ref: null, text: withId(text, id), expectedHash: null }),
    onSuccess: (saved) => {
      if (theirs !== null) takeTheirs();
      setGoal(paths.runbookEdit(systemId, saved.ref));
    },
  });
  const takeTheirs = () => {
    if (theirs === null) return;
    view.current?.replace(theirs.text);
    setText(theirs.text);
    written(theirs);
    setTheirs(null);
    save.reset();
  };
  const put = (next: string) => {
    view.current?.replace(next);
    setText(next);
  };
  const onSave = () => {
    if (unsaved || refName === null) write(base.hash);
  };
  useSaveKey(onSave);
  const changedMeanwhile = card !== null && unsaved && card.hash !== base.hash && !save.isPending;
  const problems = check.checked?.problems ?? [];
  return (
    <div className="rb-edit">
      <EditorHead
        systemId={systemId} refName={refName} card={card} title={check.checked?.title ?? card?.title ?? null} unsaved={unsaved} saving={save.isPending} copying={copy.isPending} text={text} onPut={put} onSave={onSave} onDiscard={() => put(base.text)}
        onCopy={() => card !== null && copy.mutate({ ref: card.ref }, { onSuccess: ({ ref }) => navigate(paths.runbookEdit(systemId, ref)) })}
      />
      <div className="said">
        {restored && unsaved ? <Tint kind="running"><p>What you had written here and not saved stands here again.</p></Tint> : null}
        {notKept ? <Tint kind="warn"><p>This text is too long to be kept over a reload. Save it before you leave.</p></Tint> : null}
        {changedMeanwhile && theirs === null && save.error === null ? <Tint kind="warn"><p className="row wrap"><span className="grow">The file was changed by somebody else. What you wrote is untouched.</span><Button needsEngine disabled={look.isPending} onClick={() => look.mutate()}>Look at both…</Button></p></Tint> : null}
        {save.error === null || theirs !== null ? null : (
          <ErrorPanel error={save.error} title="It was not saved.">
            {isRemoved(save.error) ? <Button needsEngine onClick={() => write(null)}>Save it as a new file</Button> : save.error.code === 'runbook.changed' ? <Button needsEngine disabled={look.isPending} onClick={() => look.mutate()}>Look at both…</Button> : null}
          </ErrorPanel>
        )}
        {look.error === null ? null : <ErrorPanel error={look.error} title="The file was not read." />}
        {copy.error === null ? null : <ErrorPanel error={copy.error} title="It was not copied." />}
        {check.error === null ? null : <ErrorPanel error={check.error} title="What is wrong in it is not known." onRetry={check.retry} />}
      </div>
      <div className="code-side">
        <CodeEditor initial={text} readOnly={readOnly} onView={(next) => { view.current = next; }} onChange={setText} onSave={onSave} complete={(whole, offset) => engine.call('runbook.complete', { text: whole, offset })} />
        <p id="leave-code" className="t3 xs keys">{readOnly ? 'It comes with Pilothouse and is read here. ' : 'Ctrl Space: what may stand here. '}Esc, then Tab leaves the text.</p>
        <ProblemList problems={problems} fresh={check.fresh} readOnly={readOnly} onGo={({ line, column }) => view.current?.goTo(line, column)} onFix={(problem) => view.current?.fix(problem)} />
      </div>
      <PreviewPane checked={check.checked} stats={opened.stats} runs={card === null ? null : opened.runs} texts={texts} asked={check.asked} onTexts={setTexts} onOpenLine={(line) => view.current?.goTo(line, 1)} />
      {theirs === null ? null : <Conflict mine={text} theirs={theirs.text} error={keepCopy.error ?? (save.error?.code === 'runbook.changed' ? null : save.error)} pending={save.isPending || keepCopy.isPending} onCopy={(id) => keepCopy.mutate(id)} onTake={takeTheirs} onOverwrite={() => write(theirs.hash)} onClose={() => setTheirs(null)} />}
      <LeaveGuard active={unsaved} title="Leave without saving?" words="What you wrote is not in the file yet. It is kept here, and stands in the editor again when you come back." />
    </div>
  );
}
