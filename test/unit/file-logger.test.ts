import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createScrubber } from '#shared/domain/scrub.ts';
import { Secret } from '#shared/domain/secret.ts';
import { createFileLogger, scrubbingLogger } from '#engine/logging/file-logger.ts';
import { createRotatingFile } from '#engine/logging/rotating-file.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const clock = { now: () => Date.parse('2026-11-20T12:00:00.000Z') };

describe('the log file', () => {
  test('holds one JSON object a line', async () => {
    const folder = await temporaryFolder('log');
    const logger = createFileLogger({ folder, clock, host: 'test' });
    logger.warn({ port: 5432 }, 'It happened.');
    logger.close();
    expect(JSON.parse(readFileSync(join(folder, 'pilothouse.log'), 'utf8'))).toEqual({ level: 'warn', at: '2026-11-20T12:00:00.000Z', pid: process.pid, host: 'test', port: 5432, message: 'It happened.' });
  });
  test('is for its owner alone', async () => {
    const folder = await temporaryFolder('log');
    const logger = createFileLogger({ folder, clock, host: 'test' });
    logger.info({}, 'It happened.');
    logger.close();
    expect((statSync(join(folder, 'pilothouse.log')).mode & 0o777).toString(8)).toBe('600');
  });
  test('is not there before there is something to say', async () => {
    const folder = await temporaryFolder('log');
    createFileLogger({ folder, clock, host: 'test' }).close();
    expect(existsSync(join(folder, 'pilothouse.log'))).toBe(false);
  });
  test('takes out what looks like a secret', async () => {
    const folder = await temporaryFolder('log');
    const logger = createFileLogger({ folder, clock, host: 'test' });
    logger.error({ url: 'postgres://shop:canary-1@db/shop', secret: new Secret('canary-2') }, 'It failed with password=canary-3');
    logger.close();
    expect(readFileSync(join(folder, 'pilothouse.log'), 'utf8')).not.toContain('canary');
  });
  test('takes out the secrets that the engine knows', async () => {
    const folder = await temporaryFolder('log');
    const file = createFileLogger({ folder, clock, host: 'test' });
    const scrubber = createScrubber();
    scrubber.register('canary-value');
    scrubbingLogger(file, scrubber).info({ output: 'it said canary-value' }, 'And canary-value again.');
    file.close();
    expect(readFileSync(join(folder, 'pilothouse.log'), 'utf8')).not.toContain('canary-value');
  });
  test('that cannot be written does not end the work', async () => {
    const folder = join(await temporaryFolder('log'), 'file');
    writeFileSync(folder, '');
    const logger = createFileLogger({ folder, clock, host: 'test' });
    expect(() => logger.info({}, 'It happened.')).not.toThrow();
  });
});

describe('a rotating file', () => {
  const line = `${'x'.repeat(99)}\n`;

  test('never holds more than its bound', async () => {
    const folder = await temporaryFolder('rotate');
    const file = createRotatingFile({ folder, name: 'log', maximumBytes: 1000, keep: 2 });
    for (let count = 0; count < 100; count += 1) file.write(line);
    file.close();
    expect(Math.max(...readdirSync(folder).map((name) => statSync(join(folder, name)).size))).toBeLessThanOrEqual(1000);
  });
  test('keeps as many full ones as it should', async () => {
    const folder = await temporaryFolder('rotate');
    const file = createRotatingFile({ folder, name: 'log', maximumBytes: 1000, keep: 2 });
    for (let count = 0; count < 100; count += 1) file.write(line);
    file.close();
    expect(readdirSync(folder).sort()).toEqual(['log.1.log', 'log.2.log', 'log.log']);
  });
  test('loses no line between two files', async () => {
    const folder = await temporaryFolder('rotate');
    const file = createRotatingFile({ folder, name: 'log', maximumBytes: 1000, keep: 9 });
    for (let count = 0; count < 50; count += 1) file.write(`${String(count).padStart(3, '0')}${'x'.repeat(60)}\n`);
    file.close();
    const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'));
    expect(lines.map((text) => Number(text.slice(0, 3))).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_value, index) => index));
  });
  test('goes on in the file that an earlier run left', async () => {
    const folder = await temporaryFolder('rotate');
    for (let run = 0; run < 2; run += 1) {
      const file = createRotatingFile({ folder, name: 'log', maximumBytes: 1000, keep: 2 });
      file.write(line);
      file.close();
    }
    expect(statSync(join(folder, 'log.log')).size).toBe(200);
  });
});
