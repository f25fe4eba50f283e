import type { KeyboardEvent } from 'react';

interface Props<Name extends string> {
  label: string;
  /** Of the tabs and of their panel: the panel is `${id}-panel`, and labelled by `${id}-${name}`. */
  id: string;
  names: readonly Name[];
  current: Name;
  onChoose: (name: Name) => void;
  /** Those on which something stands in the way. */
  faulty?: readonly Name[];
}

/** Pages of one form. Arrows go from one to the next. */
export function Tabs<Name extends string>({ label, id, names, current, onChoose, faulty = [] }: Props<Name>) {
  const onKeyDown = (event: KeyboardEvent) => {
    const at = names.indexOf(current);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: names.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = names[(to + names.length) % names.length];
    if (next === undefined) return;
    onChoose(next);
    document.getElementById(`${id}-${next}`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {names.map((name) => (
        <button key={name} type="button" role="tab" id={`${id}-${name}`} aria-controls={`${id}-panel`} aria-selected={current === name} tabIndex={current === name ? 0 : -1} onClick={() => onChoose(name)}>
          {name}
          {faulty.includes(name) ? <span className="critical"> (to fill in)</span> : null}
        </button>
      ))}
    </div>
  );
}
