/** An instant as plans and reports write it: "2026-11-20 20:59 UTC". */
export function instantInWords(instant: string): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
