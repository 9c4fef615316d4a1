import type { z } from 'zod';
import { type ConfigLayer, locateSetting } from './config-layer.ts';
import { noSuchSetting, suggestSetting } from './nearest-setting.ts';

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** Which setting, as `cameras[0].fps`; empty when it is the whole file. */
  path: string;
  /** Where it was said: a file with line and column, the name of an environment variable, the command line. */
  origin: string;
  message: string;
}

/** One line for people. */
export function formatConfigProblem(problem: ConfigProblem): string {
  return [problem.origin, problem.path, problem.message].filter(Boolean).join(': ');
}

/**
 * What the schema found, with the place it came from: one problem for each setting, since what follows from it confuses. Values
 * are not repeated: one of them may be a secret.
 */
export function buildProblems(error: z.ZodError, layers: readonly ConfigLayer[]): ConfigProblem[] {
  const problems = error.issues.flatMap((issue): ConfigProblem[] => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => {
        const path = [...issue.path, key];
        return buildProblem(path, noSuchSetting(suggestSetting(path)), layers);
      });
    }
    return [buildProblem(issue.path, issue.message, layers)];
  });
  return [...new Map(problems.toReversed().map((problem) => [problem.path, problem])).values()].toReversed();
}

function buildProblem(path: readonly PropertyKey[], message: string, layers: readonly ConfigLayer[]): ConfigProblem {
  return { path: formatPath(path), origin: locateSetting(layers, path), message };
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}
