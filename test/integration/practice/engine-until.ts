/**
 * Started by a test: `engine-until.ts DATA_FOLDER up,down,… [CHECKPOINT [inside]]`. Carries the actions out and prints
 * how each ended; at the checkpoint it says so and waits to be killed. `inside`: its traffic runs in this very process.
 */
import { applicationScripts } from '#engine/node-scripts.ts';
import { openPracticeEngine } from '#test/practice.ts';

const [root = '', actions = '', stopAt = '', traffic = ''] = process.argv.slice(2);
const practice = openPracticeEngine(root, {
  ...(traffic === 'inside' ? { scripts: applicationScripts({ command: process.execPath, args: [] }) } : {}),
  checkpoint: (name) => {
    if (name !== stopAt) return Promise.resolve();
    process.stdout.write(`reached ${name}\n`);
    return new Promise(() => {
      setInterval(() => {}, 1000);
    });
  },
});
for (const action of actions.split(',')) {
  const { state, summary, error } = await practice.act(action as 'up');
  const { state: stands, traffic: sells, folder } = await practice.status();
  process.stdout.write(`${JSON.stringify({ action, state, summary, error, stands, traffic: sells, folder, user: process.getuid?.() })}\n`);
}
await practice.engine.close();
