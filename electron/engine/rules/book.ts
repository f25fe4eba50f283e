/** All rules, in one order. */
import type { BookRule } from './define.ts';
import { endlessRules } from './endless.ts';
import { placeholderRules } from './placeholders.ts';
import { riskRules } from './risk-rules.ts';

export const book: readonly BookRule[] = [...riskRules, ...placeholderRules, ...endlessRules];
