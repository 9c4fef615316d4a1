import { describe, expect, it } from 'vitest';
import { announceFirstLink } from '../../../cli/first-link.ts';
import { FakeLogger } from '../../fakes/support-logger.ts';

describe('announceFirstLink', () => {
  it('writes the link into the log, for one browser and one hour', async () => {
    const logger = new FakeLogger();
    const asked: unknown[] = [];
    const createFirstLink = async (options: unknown) => {
      asked.push(options);
      return { id: 'i', link: 'https://page.example/#/pair?t=1' };
    };
    await announceFirstLink({ createFirstLink }, logger);
    expect(asked).toEqual([expect.objectContaining({ role: 'control', uses: 1, ttlMs: 3_600_000 })]);
    expect(logger.events).toMatchObject([{ level: 'info', fields: { link: 'https://page.example/#/pair?t=1' } }]);
  });

  it('is silent when somebody can come in already', async () => {
    const logger = new FakeLogger();
    await announceFirstLink({ createFirstLink: async () => null }, logger);
    expect(logger.events).toEqual([]);
  });

  it('lets the agent run on when no link can be made', async () => {
    const logger = new FakeLogger();
    await announceFirstLink({ createFirstLink: () => Promise.reject(new Error('disk full')) }, logger);
    expect(logger.events).toMatchObject([{ level: 'warn' }]);
  });
});
