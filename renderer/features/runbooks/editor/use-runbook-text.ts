import { useEffect, useRef, useState } from 'react';
import { forgetText, keepText, keptText } from './kept-text.ts';

export interface FileText {
  text: string;
  /** Null: there is no file yet. */
  hash: string | null;
}

export interface RunbookText {
  text: string;
  setText: (text: string) => void;
  /** What the text is compared with and saved against. */
  base: FileText;
  unsaved: boolean;
  /** What had been written here before, and not saved, stands here again. */
  restored: boolean;
  /** Unsaved, and too long to be kept over a reload. */
  notKept: boolean;
  /** It was written: what is compared with is this from now on. */
  written: (file: FileText) => void;
}

/**
 * The text that is being written. It outlives a reload, and a file that is changed meanwhile takes nothing of it away.
 * @param file as it is now
 * @param onFollow the file was changed, and nobody had written here: what stands there now is shown
 */
export function useRunbookText(ref: string | null, file: FileText, onFollow: (text: string) => void): RunbookText {
  const [first] = useState(() => {
    const kept = keptText(ref);
    return kept === null || kept.text === file.text ? { text: file.text, base: file, restored: false } : { text: kept.text, base: { text: file.text, hash: kept.hash }, restored: true };
  });
  const [text, setText] = useState(first.text);
  const [base, setBase] = useState(first.base);
  const [notKept, setNotKept] = useState(false);
  const unsaved = text !== base.text;
  useEffect(() => {
    if (unsaved) setNotKept(!keepText(ref, { text, hash: base.hash }));
    else forgetText(ref);
  }, [ref, text, unsaved, base.hash]);

  const latest = useRef({ unsaved, base, file, onFollow });
  useEffect(() => {
    latest.current = { unsaved, base, file, onFollow };
  });
  useEffect(() => {
    const now = latest.current;
    if (now.unsaved || now.file.hash === now.base.hash) return;
    setBase(now.file);
    setText(now.file.text);
    now.onFollow(now.file.text);
  }, [file.hash]);
  return { text, setText, base, unsaved, restored: first.restored, notKept: unsaved && notKept, written: setBase };
}
