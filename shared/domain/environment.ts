/** What a system is for. Production asks for the typed name of the target before anything is changed. */
export const environments = ['production', 'staging', 'development', 'practice'] as const;
export type Environment = (typeof environments)[number];
