import { FileText } from 'lucide-react';
import { useRef, useState, type ReactNode } from 'react';
import { largestGuideWords, readAsText } from './read-text.ts';
import { Button } from '../../components/button.tsx';

interface Props {
  label: ReactNode;
  look?: 'primary' | 'plain' | 'quiet';
  disabled?: boolean;
  onText: (fileName: string, text: string) => void;
}

/** A button that has a guide chosen and reads it here: it goes nowhere but to the engine. */
export function GuideFile({ label, look = 'plain', disabled = false, onText }: Props) {
  const file = useRef<HTMLInputElement>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const read = async (chosen: File): Promise<void> => {
    const found = await readAsText(chosen);
    setRefused('why' in found ? `${chosen.name} ${found.why}` : null);
    if ('text' in found) onText(chosen.name, found.text);
  };
  return (
    <>
      <Button look={look} needsEngine icon={FileText} disabled={disabled} onClick={() => file.current?.click()}>{label}</Button>
      <input
        ref={file} type="file" hidden accept=".md,.markdown,.mdown,.txt,text/markdown,text/plain" aria-label="Guide to read"
        onChange={(event) => {
          const [chosen] = event.target.files ?? [];
          if (chosen !== undefined) void read(chosen);
          event.target.value = '';
        }}
      />
      {refused === null ? null : <p className="xs critical" role="alert">{refused}. {largestGuideWords}</p>}
    </>
  );
}
