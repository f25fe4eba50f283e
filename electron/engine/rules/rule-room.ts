/** The rule book for whoever reads in it. */
import type { ruleMethods } from '#shared/contract/rules.ts';
import type { Handlers } from '../dispatch/handlers.ts';
import { shownRules } from './book.ts';

export const createRuleRoom = (): { handlers: Handlers<keyof typeof ruleMethods> } => ({
  handlers: {
    'rule.list': () => shownRules.map((rule) => ({ ...rule, languages: [...rule.languages] })),
  },
});
