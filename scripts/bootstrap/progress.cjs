'use strict';

/** The set-up cannot go on, for a reason a person can do something about. */
class Refusal extends Error {
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

/** One line for people. */
function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Does one stage of the set-up on one line: what it does, then how long it took. */
async function stage(what, work) {
  const begun = Date.now();
  process.stderr.write(`${what} … `);
  try {
    const result = await work();
    process.stderr.write(`${((Date.now() - begun) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stderr.write('failed\n');
    throw error;
  }
}

module.exports = { Refusal, say, stage };
