import type { Agent } from '../agent/agent.ts';
import type { Logger } from '../agent/system/logger.ts';

const ttlMs = 60 * 60 * 1000;

/**
 * Lets the owner of a device without a screen in: as long as nobody is paired and the owner has no other invite open, each start
 * writes one link into the log, which takes the place of the one before. Links are kept out of it otherwise. It is good for an
 * hour and for a single browser, which then may control the device but let nobody else in, and the journal is readable to root
 * and the groups adm and systemd-journal alone.
 */
export async function announceFirstLink(agent: Pick<Agent, 'createFirstLink'>, logger: Logger): Promise<void> {
  try {
    const first = await agent.createFirstLink({ role: 'control', uses: 1, ttlMs, label: 'First viewer' });
    if (first) logger.info({ link: first.link }, 'nobody is paired yet: open this link in a browser within an hour');
  } catch (error) {
    // A disk that takes no invite is no reason not to serve who is paired.
    logger.warn({ error }, 'no link for the first viewer could be made');
  }
}
