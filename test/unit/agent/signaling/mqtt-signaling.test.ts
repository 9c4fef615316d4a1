import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MqttSignaling } from '../../../../agent/signaling/mqtt-signaling.ts';
import { buildDeviceTopics } from '../../../../protocol/topics.ts';
import { FakeLogger } from '../../../fakes/support-logger.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => vi.useRealTimers());

function buildSignaling(): { signaling: MqttSignaling; logger: FakeLogger } {
  const logger = new FakeLogger();
  const signaling = new MqttSignaling({
    broker: { url: 'mqtt://127.0.0.1:1' },
    topics: buildDeviceTopics('porthole', 'd'.repeat(32)),
    clientId: 'porthole-test',
    logger,
    backoff: () => 1,
  });
  return { signaling, logger };
}

describe('MqttSignaling, asked how it is', () => {
  it('is well while it tries to connect, however long the broker is away', async () => {
    const { signaling, logger } = buildSignaling();
    signaling.start();
    for (let round = 0; round < 5; round += 1) {
      const attempts = logger.events.length;
      await vi.waitFor(() => expect(logger.events.length).toBeGreaterThan(attempts));
      vi.advanceTimersByTime(60_000);
      expect(signaling.problem()).toBeNull();
    }
    expect(signaling.offlineReason).toContain('ECONNREFUSED');
    await signaling.stop();
  });

  it('is not well when nothing happens any more', () => {
    const { signaling } = buildSignaling();
    vi.advanceTimersByTime(95_000);
    expect(signaling.problem()).toBe('signaling has been stuck for 95 s');
  });
});
