import { describe, expect, it } from 'vitest';
import type { AgentConfig } from '../../../../agent/config/config-schema.ts';
import { configSchema } from '../../../../agent/config/config-schema.ts';
import { planReload } from '../../../../agent/config/reload-plan.ts';

function configOf(settings: Record<string, unknown> = {}): AgentConfig {
  const places = {
    name: 'Barn',
    stateDir: '/state',
    runtimeDir: '/run',
    cacheDir: '/cache',
    cameras: [{ source: 'test' }],
  };
  return configSchema.parse({ ...places, ...settings });
}

describe('planReload', () => {
  it('finds nothing to do where nothing has changed', () => {
    const running = configOf();
    expect(planReload(running, configOf())).toEqual({ config: running, applied: [], waiting: [] });
  });

  it('applies what every session, link and line of the log reads anew', () => {
    const wanted = configOf({
      name: 'Stable',
      log: { level: 'debug' },
      links: { pageUrl: 'https://page.example/' },
      ice: { stun: [], turn: { urls: ['turn:a:1'], secret: 'x' } },
      limits: { sessions: 3 },
    });
    const plan = planReload(configOf(), wanted);
    expect(plan.applied).toEqual(['name', 'links.pageUrl', 'ice.stun', 'ice.turn', 'limits.sessions', 'log.level']);
    expect(plan.waiting).toEqual([]);
    expect(plan.config).toEqual(wanted);
  });

  it('names what takes a restart by its place, and keeps the old value of it', () => {
    const running = configOf();
    const wanted = configOf({
      broker: { url: 'mqtts://broker.example', username: 'barn', password: 'secret' },
      cameras: [{ source: 'test', fps: 12 }],
      log: { format: 'json' },
    });
    const plan = planReload(running, wanted);
    expect(plan.waiting).toEqual(['broker.url', 'broker.username', 'broker.password', 'cameras[0].fps', 'log.format']);
    expect(plan.config).toEqual(running);
    // Until it is restarted every reload tells so.
    expect(planReload(plan.config, wanted).waiting).toEqual(plan.waiting);
  });

  it('names a list as a whole when it has grown', () => {
    const wanted = configOf({ cameras: [{ source: 'test' }, { source: '/dev/video0' }] });
    expect(planReload(configOf(), wanted).waiting).toEqual(['cameras']);
  });
});
