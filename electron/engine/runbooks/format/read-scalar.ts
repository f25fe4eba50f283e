/** One value of a file, held to the type that its field has, and to what YAML of other versions would make of it. */
import type { Scalar } from 'yaml';
import { duration } from '#shared/domain/runbook/params.ts';
import type { FieldType } from './field-types.ts';
import type { Faults } from './faults.ts';
import { didYouMean, nearest } from './nearest.ts';
import type { Span } from './source.ts';
import type { ScalarPiece } from './tree.ts';

export type ScalarType = Extract<FieldType, { kind: 'text' | 'written' | 'scalar' | 'int' | 'number' | 'bool' | 'true' | 'duration' | 'enum' }>;

const sexagesimal = /^[-+]?\d{1,3}(?::[0-5]?\d){1,2}$/;
const answers = /^(?:y|n|yes|no|on|off)$/i;
const day = /^\d{4}-\d{2}-\d{2}$/;
const octal = /^0\d+$/;
/** Characters of one text, as many as a script may have. */
const longestText = 100_000;
/** Ten years: longer is a slip of the pen. */
const longestMs = 10 * 365 * 86_400_000;
const truths = new Set(['yes', 'on', 'y']);

export const quoted = (text: string): string => JSON.stringify(text);
const quoting = (text: string) => ({ title: `Write ${quoted(text)}`, text: quoted(text) });

/** What YAML 1.1 makes of a time: the minutes, or the seconds. Null where it stays a text. */
function asSexagesimal(written: string): number | null {
  if (written.startsWith('0') && written.length > 1) return null;
  return written.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
}

/**
 * What is a text here, and something else to a tool that reads YAML 1.1.
 * @returns whether something was said
 */
function refuseTrap(faults: Faults, span: Span, written: string, isKey: boolean): boolean {
  const rule = 'yaml-1.1';
  if (sexagesimal.test(written)) {
    const figure = asSexagesimal(written);
    faults.add(span, { rule, message: `${written} without quotes is ${figure === null ? 'a time that some tools read as a number' : `read as ${figure} by some tools`}. Write ${quoted(written)}.`, edit: quoting(written) });
    return true;
  }
  if (answers.test(written)) {
    faults.add(span, { rule, message: `${written} without quotes is read as ${truths.has(written.toLowerCase())} by some tools. Write ${quoted(written)}${isKey ? ' as a name' : ''}.`, edit: quoting(written) });
    return true;
  }
  if (day.test(written)) {
    faults.add(span, { rule, message: `${written} without quotes is read as a point in time by some tools. Write ${quoted(written)}.`, edit: quoting(written) });
    return true;
  }
  if (octal.test(written) && /^[0-7]+$/.test(written)) {
    faults.add(span, { rule, message: `${written} without quotes is read as ${Number.parseInt(written, 8)} by some tools. Write ${quoted(written)}, or the figure without the 0.`, edit: quoting(written) });
    return true;
  }
  return false;
}

/** A name that stands without quotes and is something else to other tools. */
export function refuseKeyTrap(faults: Faults, span: Span, node: Scalar): void {
  if (node.type === 'PLAIN') refuseTrap(faults, span, node.source ?? '', true);
}

const asVersion = (written: string): string => {
  const parts = written.split('.');
  return [...parts, '0', '0'].slice(0, Math.max(3, parts.length)).join('.');
};

/** @returns null where it is refused, which is among the faults */
export function readScalar(faults: Faults, name: string, type: ScalarType, node: Scalar, span: Span): ScalarPiece | null {
  const isPlain = node.type === 'PLAIN';
  const { value } = node;
  const written = isPlain ? (node.source ?? '') : String(value);
  const settled = (result: string | number | boolean): ScalarPiece => ({ kind: 'scalar', value: result, written, span });
  const refuse = (message: string, edit?: { title: string; text: string } | null): null => {
    faults.add(span, { rule: 'value', message, edit: edit ?? null });
    return null;
  };

  if (value === null && isPlain) return refuse(`"${name}" has no value. Write one, or leave the field out.`);
  switch (type.kind) {
    case 'bool':
    case 'true': {
      if (typeof value === 'boolean') return type.kind === 'true' && !value ? refuse(`"${name}" is true or is left out.`) : settled(value);
      const meant = answers.test(written) || /^(?:true|false)$/i.test(written) ? String(truths.has(written.toLowerCase()) || written.toLowerCase() === 'true') : null;
      return refuse(`"${name}" is true or false${meant === null ? '' : `. Write ${meant}`}${isPlain && meant !== null ? ' instead of ' + written : ''}.`, meant === null ? null : { title: `Write ${meant}`, text: meant });
    }
    case 'int':
      if (typeof value === 'number' && Number.isInteger(value) && value >= type.min && value <= type.max) return settled(value);
      return refuse(`"${name}" is a whole number from ${type.min} to ${type.max}.`);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? settled(value) : refuse(`"${name}" is a number.`);
    case 'duration': {
      const ms = written.length > 40 ? null : duration(written);
      if (ms !== null && ms <= longestMs) return settled(ms);
      const meant = /^\d+$/.test(written) ? `${written}s` : null;
      return refuse(`"${name}" is a duration, as in 30s, 5m, 2h, 90d or 1d12h${meant === null ? '' : `: write ${meant} if these are seconds`}.`, meant === null ? null : { title: `Write ${meant}`, text: meant });
    }
    case 'enum': {
      if (type.values.includes(written)) return settled(written);
      const near = nearest(written, type.values);
      const list = type.values.length === 1 ? `can only be ${type.values[0]}` : `is one of ${type.values.join(', ')}`;
      return refuse(`"${written.slice(0, 80)}" is not known for "${name}", which ${list}.${didYouMean(near)}`, near === null ? null : { title: `Write ${near}`, text: near });
    }
    case 'scalar':
      if (typeof value === 'string' && isPlain && refuseTrap(faults, span, written, false)) return null;
      if (typeof value === 'number' && !Number.isFinite(value)) return refuse(`"${name}" is no number that can be compared. Write ${quoted(written)}.`, quoting(written));
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? settled(value) : refuse(`"${name}" is a text, a number, or true or false.`);
    case 'written':
      if (typeof value !== 'string' && isPlain && octal.test(written) && refuseTrap(faults, span, written, false)) return null;
      if (typeof value === 'string' && isPlain && refuseTrap(faults, span, written, false)) return null;
      return settled(written);
    case 'text': {
      if (isPlain && refuseTrap(faults, span, written, false)) return null;
      if (typeof value !== 'string') {
        if (name === 'version') {
          faults.add(span, { rule: 'yaml-1.1', message: `${written} is a number here. Write version: ${quoted(asVersion(written))}.`, edit: quoting(asVersion(written)) });
          return null;
        }
        return refuse(`"${name}" is a text, and ${written} is ${typeof value === 'number' ? 'a number' : 'no text'} here. Write ${quoted(written)}.`, quoting(written));
      }
      if (name === 'version' && isPlain && type.pattern?.test(value) === true) {
        faults.add(span, { rule: 'yaml-1.1', message: `${written} needs quotes, as every version does: 1.10 would be 1.1 without. Write version: ${quoted(written)}.`, edit: quoting(written) });
      }
      if (value.trim() === '') return refuse(`"${name}" is empty. Write something, or leave the field out.`);
      if (value.length > longestText) return refuse(`"${name}" is longer than ${longestText} characters. Keep it in a file, and call or transfer that.`);
      if (type.pattern !== undefined && !type.pattern.test(value)) return refuse(`"${value.slice(0, 80)}" cannot be a value of "${name}". It has ${type.says ?? 'another form'}.`);
      return settled(value);
    }
    default:
      return type satisfies never;
  }
}
