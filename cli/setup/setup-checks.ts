import type { ConfigProblem } from '../../agent/config/config-problem.ts';
import type { AgentConfig, CameraConfig } from '../../agent/config/config-schema.ts';
import type { Finding } from '../../agent/doctor/finding.ts';
import type { Result } from '../../protocol/result.ts';
import type { SetupAnswers } from './setup-answers.ts';

/** A camera of this machine, to choose from. */
export interface FoundCamera {
  source: string;
  name: string;
  /** What it delivers, for people; empty where it does not say. */
  formats: string;
}

/** Tries answers for real. Never rejects. */
export interface SetupChecks {
  /** The way of the device to its broker. */
  broker(config: AgentConfig): Promise<Finding[]>;
  /** The page, and the whole way: device, broker, browser. */
  links(config: AgentConfig): Promise<Finding[]>;
  camera(camera: CameraConfig, config: AgentConfig): Promise<Finding[]>;
  listCameras(): Promise<FoundCamera[]>;
}

/** What of the answers is tried; `form`: whether the configuration takes them. */
export type SetupStep = 'form' | 'broker' | 'links' | 'camera';

export interface AnswerCheckPorts {
  checks: SetupChecks;
  /** The configuration that the answers lead to. */
  buildConfig(answers: SetupAnswers): Promise<Result<AgentConfig, ConfigProblem[]>>;
}

/** What is wrong with the answers by their form, else by a try. */
export async function checkAnswers(
  step: SetupStep,
  answers: SetupAnswers,
  { checks, buildConfig }: AnswerCheckPorts,
): Promise<Finding[]> {
  if (answers.password !== undefined && answers.username === undefined) return [passwordAlone];
  const built = await buildConfig(answers);
  if (!built.ok) return built.error.map(describeProblem);
  const config = built.value;
  switch (step) {
    case 'form':
      return [];
    case 'broker':
      return checks.broker(config);
    case 'links':
      return checks.links(config);
    case 'camera': {
      const [camera] = config.cameras;
      return camera === undefined ? [] : checks.camera(camera, config);
    }
  }
}

const passwordAlone: Finding = {
  check: 'config',
  level: 'failure',
  message: 'A password needs a user name beside it.',
  advice: 'Give both, or none.',
};

export function hasFailure(findings: readonly Finding[]): boolean {
  return findings.some(({ level }) => level === 'failure');
}

/** Whether another certificate of an authority (`caFile`), or none, could be the remedy. */
export function isOfAuthority({ check, details }: Finding): boolean {
  return check === 'broker-tls' && (details?.fault === 'unknown-authority' || details?.fault === 'ca-file');
}

function describeProblem({ path, message }: ConfigProblem): Finding {
  return { check: 'config', level: 'failure', message: `${path}: ${message}.`, advice: 'Give another answer.' };
}
