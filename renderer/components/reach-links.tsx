/** Addresses of people. A browser begins a letter or a call by them; the window opens no other program, so that there they are texts. */
import type { ReactNode } from 'react';
import { desktop } from '../transport/desktop.ts';
import { mailHref } from './format.ts';

/** @param href left out: a letter without a subject */
export function MailLink({ address, href = mailHref(address), children = address }: { address: string; href?: string; children?: ReactNode }) {
  return desktop === null ? <a href={href} className="break">{children}</a> : <span className="break">{children}</span>;
}

export function PhoneLink({ number, children = number }: { number: string; children?: ReactNode }) {
  return desktop === null ? <a href={`tel:${number.replace(/[^+\d]/g, '')}`} className="nowrap">{children}</a> : <span className="nowrap">{children}</span>;
}
