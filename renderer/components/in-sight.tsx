/** Comes into sight when it is there: what stands above it may fill a small window, and what decides covers the lower edge. */
import { useEffect, useRef, type ReactNode, type RefObject } from 'react';

/** @param wanted whether it is to be seen now @returns for what has the class `in-sight` */
export function useInSight<Shown extends HTMLElement>(wanted = true): RefObject<Shown | null> {
  const place = useRef<Shown>(null);
  useEffect(() => {
    if (wanted) place.current?.scrollIntoView({ block: 'nearest' });
  }, [wanted]);
  return place;
}

/** @param trouble it stands below the row that it is about */
export function InSight({ trouble = false, children }: { trouble?: boolean; children: ReactNode }) {
  return <div ref={useInSight<HTMLDivElement>()} className={trouble ? 'in-sight trouble' : 'in-sight'}>{children}</div>;
}
