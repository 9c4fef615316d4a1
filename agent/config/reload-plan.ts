import { isDeepStrictEqual } from 'node:util';
import { isPlainObject } from './config-layer.ts';
import type { AgentConfig } from './config-schema.ts';

/** What a running agent can do with a new configuration. */
export interface ReloadPlan {
  /** What runs from now on: the new settings where they can be applied, the old ones elsewhere. */
  config: AgentConfig;
  /** Changed settings that are applied, as `limits.sessions`. */
  applied: string[];
  /** Changed settings that take a restart, as `cameras[0].fps`. */
  waiting: string[];
}

/** Settings, or groups of them, that every use reads anew: for each session, each link, each line of the log. */
const liveSettings = ['name', 'log.level', 'links', 'ice', 'limits'];

/** Says which of the differences can be applied to a running agent. */
export function planReload(running: AgentConfig, wanted: AgentConfig): ReloadPlan {
  const changed = listDifferences(running, wanted, '');
  const isLive = (path: string) => liveSettings.some((live) => path === live || path.startsWith(`${live}.`));
  return {
    config: {
      ...running,
      name: wanted.name,
      log: { ...running.log, level: wanted.log.level },
      links: wanted.links,
      ice: wanted.ice,
      limits: wanted.limits,
    },
    applied: changed.filter(isLive),
    waiting: changed.filter((path) => !isLive(path)),
  };
}

function listDifferences(before: unknown, after: unknown, path: string): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isPlainObject(before) && isPlainObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((name) =>
      listDifferences(before[name], after[name], path === '' ? name : `${path}.${name}`),
    );
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((entry, index) => listDifferences(entry, after[index], `${path}[${index}]`));
  }
  return [path];
}
