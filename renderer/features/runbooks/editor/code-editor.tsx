import { useEffect, useRef } from 'react';
import { openCode, type CodeView, type Completions } from './code-mirror.ts';

interface Props {
  /** The text that it is opened with; later ones are put in by its view. */
  initial: string;
  readOnly: boolean;
  /** Whoever holds it can mark, fix and go to lines. Null: it is gone. */
  onView: (view: CodeView | null) => void;
  onChange: (text: string) => void;
  onSave: () => void;
  complete: ((text: string, offset: number) => Promise<Completions>) | null;
}

/** The text of a runbook. Its first text is what it is drawn with; it keeps its own from then on. */
export function CodeEditor({ initial, readOnly, onView, onChange, onSave, complete }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef({ initial, onView, onChange, onSave, complete });
  useEffect(() => {
    latest.current = { initial, onView, onChange, onSave, complete };
  });
  useEffect(() => {
    if (place.current === null) return;
    const { current } = latest;
    const opened = openCode({
      parent: place.current, text: current.initial, readOnly, label: 'Text of the runbook', describedBy: 'leave-code',
      onChange: (text) => latest.current.onChange(text),
      onSave: () => latest.current.onSave(),
      complete: current.complete === null ? null : (text, offset) => latest.current.complete?.(text, offset) ?? Promise.resolve({ from: offset, options: [] }),
    });
    latest.current.onView(opened);
    return () => {
      latest.current.onView(null);
      opened.close();
    };
  }, [readOnly]);
  return <div className="code-place" ref={place} />;
}
