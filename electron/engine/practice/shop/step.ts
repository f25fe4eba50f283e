/** One thing that is sent to the practice server while the shop is built. */
export interface ShopStep {
  /** What is being made, in words: "14,000 orders". */
  title: string;
  /** One statement, or several that need no parameters. */
  sql: string;
  /** How many rows it brings in; 0 where it only makes things. Used to weigh progress. */
  rows: number;
}
