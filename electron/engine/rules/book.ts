/** All rules, in one order. */
import { backupRules } from './backup-rules.ts';
import { catalogRules } from './catalog-rules.ts';
import type { BookRule } from './define.ts';
import { documentRules } from './document-rules.ts';
import { endlessRules } from './endless.ts';
import { fenceRules } from './fence-rules.ts';
import { hostRules } from './host-rules.ts';
import { monitoringRules } from './monitoring-rules.ts';
import { placeholderRules } from './placeholders.ts';
import { psqlRules } from './psql-rules.ts';
import { riskRules } from './risk-rules.ts';
import { scheduleRules } from './schedule-rules.ts';
import { scriptRules } from './script-rules.ts';
import { serviceRules } from './service-rules.ts';
import { settingRules } from './settings-rules.ts';
import type { Rule } from './types.ts';
import { upkeepRules } from './upkeep-rules.ts';
import { webRules } from './web-rules.ts';

export const book: readonly BookRule[] = [
  ...riskRules, ...placeholderRules, ...endlessRules, ...fenceRules, ...scriptRules, ...backupRules, ...psqlRules, ...catalogRules, ...upkeepRules, ...settingRules,
  ...serviceRules, ...webRules, ...hostRules, ...monitoringRules, ...scheduleRules, ...documentRules,
];

/** The same without how they look. */
export const shownRules: readonly Rule[] = book.map(({ id, title, explanation, versions, class: ofClass, languages }) => ({ id, title, explanation, versions, class: ofClass, languages }));
