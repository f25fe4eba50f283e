/** Characters of a new passphrase: shorter ones are guessed. */
export const shortestPassphrase = 8;

/**
 * A value that must never be written down. Serialising or printing it gives `[redacted]`; the value is reached only
 * by an explicit `reveal()`.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself. Call it only where it is handed to what needs it. */
  reveal(): string {
    return this.#value;
  }

  toJSON(): string {
    return '[redacted]';
  }

  toString(): string {
    return '[redacted]';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[redacted]';
  }
}
