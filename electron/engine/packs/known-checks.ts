/** The health checks that thresholds of packs and systems can drive. */
import { allChecks } from '../health/limits.ts';
import type { KnownChecks } from './format/index.ts';

export const knownChecks: KnownChecks = new Map(allChecks.map(({ about, lowerIsWorse = false }) => [about.id, { unit: about.unit, hasLimits: about.warn !== null || about.critical !== null, lowerIsWorse }]));
