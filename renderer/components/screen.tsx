/** What the title bar says about the screen below it, and the screen's own heading. */
import { createContext, use, useEffect, useRef, type ReactNode } from 'react';
import type { Environment } from '#shared/domain/environment.ts';

export interface ScreenInfo {
  /** The screen's name in the title bar. */
  screen: string;
  system: { id: string; name: string; environment: Environment; readOnly: boolean } | null;
  /** Without a system of its own: the environment it acts on. */
  environment?: Environment | null;
  /** Needs the width: the side bar keeps its glyphs only where it is narrow. */
  focus?: boolean;
}

export const ScreenContext = createContext<(info: ScreenInfo) => void>(() => {});

/** Names the screen in the title bar and in the window's title. */
export function useScreen({ screen, system, environment, focus }: ScreenInfo): void {
  const announce = use(ScreenContext);
  const { id, name, environment: of, readOnly } = system ?? {};
  useEffect(() => {
    const about = id === undefined || name === undefined || of === undefined ? null : { id, name, environment: of, readOnly: readOnly ?? false };
    announce({ screen, system: about, environment: environment ?? null, focus: focus ?? false });
    document.title = `${screen}${name === undefined ? '' : ` · ${name}`} · Pilothouse`;
  }, [announce, screen, id, name, of, readOnly, environment, focus]);
}

let firstScreen = true;

/** The screen's h1. It takes the focus when one comes from another screen, so that reading starts there. */
export function Heading({ children }: { children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (firstScreen) firstScreen = false;
    else heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

/** Heading, sentence, and the screen's actions; the primary one last. */
export function PageHead({ title, lede, children }: { title: ReactNode; lede?: ReactNode; children?: ReactNode }) {
  return (
    <div className="page-head">
      <div className="grow">
        <Heading>{title}</Heading>
        {lede === undefined ? null : <div className="lede row wrap">{lede}</div>}
      </div>
      {children === undefined ? null : <div className="row wrap">{children}</div>}
    </div>
  );
}

export function Empty({ children, action }: { children: ReactNode; action?: ReactNode }) {
  return (
    <div className="panel empty">
      <p>{children}</p>
      {action}
    </div>
  );
}
