const withinSystem = (systemId: string | null): string => (systemId === null ? '' : `/systems/${systemId}`);

/** The addresses of the screens, in one place. */
export const paths = {
  overview: '/',
  history: '/history',
  operations: '/operations',
  operation: (id: string) => `/operations/${id}`,
  settings: '/settings',
  /** Null: which system it is for is chosen there. */
  import: (systemId: string | null, kind: 'hosts' | 'databases') => (systemId === null ? `/import/${kind}` : `/systems/${systemId}/import/${kind}`),
  settingsSection: (section: string) => `/settings/${section}`,
  system: (id: string) => `/systems/${id}`,
  systemScreen: (id: string, screen: SystemScreen) => `/systems/${id}/${screen}`,
  backup: (systemId: string, backupId: string) => `/systems/${systemId}/backups/${backupId}`,
  restoreNew: (systemId: string, backupId: string) => `/systems/${systemId}/restore/new/${backupId}`,
  restoreRun: (systemId: string, operationId: string) => `/systems/${systemId}/restore/run/${operationId}`,
  restore: (systemId: string, restoreId: string) => `/systems/${systemId}/restore/${restoreId}`,
  /** Null: those of no system in particular. */
  runbooks: (systemId: string | null) => `${withinSystem(systemId)}/runbooks`,
  runbookNew: (systemId: string | null) => `${withinSystem(systemId)}/runbooks/new`,
  /** @param ref "own/wal-fills-the-disk" */
  runbookStart: (systemId: string | null, ref: string) => `${withinSystem(systemId)}/runbooks/start/${ref}`,
  /** In the place of an earlier walkthrough, in a newer version. */
  runbookContinue: (systemId: string | null, ref: string, continues: string) => `${withinSystem(systemId)}/runbooks/start/${ref}/continues/${continues}`,
  runbookEdit: (systemId: string | null, ref: string) => `${withinSystem(systemId)}/runbooks/edit/${ref}`,
  runbookPrint: (systemId: string | null, ref: string) => `${withinSystem(systemId)}/runbooks/print/${ref}`,
  walkthroughs: (systemId: string | null) => `${withinSystem(systemId)}/runbooks/walked`,
  walkthrough: (id: string) => `/walkthroughs/${id}`,
  /** Null: that of all systems. */
  calendar: (systemId: string | null) => `${withinSystem(systemId)}/calendar`,
  /** The start of a runbook that is the work of an occurrence. @param local "2026-11-29T02:00" */
  calendarRunbook: (systemId: string, ref: string, key: string, local: string) => `/systems/${systemId}/calendar/${key}/${local}/start/${ref}`,
  /** Null: those of all systems. */
  incidents: (systemId: string | null) => `${withinSystem(systemId)}/incidents`,
  incident: (id: string) => `/incidents/${id}`,
  /** The start of a runbook that becomes part of the incident. */
  incidentRunbook: (id: string, systemId: string | null, ref: string) => `${withinSystem(systemId)}/incidents/${id}/start/${ref}`,
  walkthroughPrint: (id: string) => `/walkthroughs/${id}/print`,
  packs: '/packs',
  packsFor: (systemId: string) => `/systems/${systemId}/packs`,
  pack: (name: string) => `/packs/${name}`,
  /** Null: for a new system. */
  packAdopt: (systemId: string | null, name: string) => `${withinSystem(systemId)}/adopt/${name}`,
  packUpdate: (systemId: string) => `/systems/${systemId}/pack`,
  guides: '/guides',
  guide: (id: string) => `/guides/${id}`,
} as const;

export const systemScreens = ['health', 'backups', 'restore', 'runbooks', 'calendar', 'incidents', 'handbook', 'history', 'settings'] as const;
export type SystemScreen = (typeof systemScreens)[number];
export const systemScreenWords: Record<SystemScreen, string> = { health: 'Health', backups: 'Backups', restore: 'Restore', runbooks: 'Runbooks', calendar: 'Calendar', incidents: 'Incidents', handbook: 'Handbook', history: 'History', settings: 'Settings' };
