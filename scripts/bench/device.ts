import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { loadDeviceKeys } from '../../agent/access/device-keys.ts';
import { buildLogger } from '../../agent/system/logger.ts';
import { Broker } from '../../broker/broker.ts';
import { deriveId } from '../../protocol/identity.ts';
import { buildDeviceTopics, defaultTopicPrefix } from '../../protocol/topics.ts';
import { pageDir, runCli, startCli } from './child.ts';
import { findChildren } from './process-usage.ts';
import type { Started } from './started.ts';

export interface DeviceOptions {
  /** Of the test camera, beside 720p30 at 2 Mbit/s. */
  camera?: { lingerMs?: number };
  ice?: object;
  sessions?: number;
  /** For profiles: `--cpu-prof` and its like. */
  nodeFlags?: string[];
}

/** An agent in a process of its own, with the test pattern as camera, online at a broker of the benchmark. */
export interface Device {
  pid: number;
  /** Pairs any number of viewers, which may control. */
  link: string;
  /** From the start of the process to the status at the broker. */
  onlineMs: number;
  /** What the agent has said. */
  log(): string;
  /** The process of its encoder; null while there is none. */
  ffmpegPid(): number | null;
}

/** Of the test camera, at its full size. */
export const cameraWidthPx = 1280;

const username = 'bench-agent';
const onlineTimeoutMs = 15_000;

export async function startDevice(started: Started, options: DeviceOptions = {}): Promise<Device> {
  const folder = await mkdtemp(join(tmpdir(), 'porthole-bench-'));
  started.onEnd(() => rm(folder, { recursive: true, force: true }));
  const stateDir = join(folder, 'state');
  await mkdir(stateDir, { mode: 0o700 });
  const deviceId = deriveId((await loadDeviceKeys(stateDir)).publicKey);
  const password = randomBytes(18).toString('base64url');
  const { httpPort, mqttPort } = await startBroker(started, { username, password, deviceId });
  const brokerUrl = `ws://127.0.0.1:${httpPort}/mqtt`;
  const config = join(folder, 'porthole.yaml');
  // JSON is YAML.
  await writeFile(config, JSON.stringify(buildConfig(options, { stateDir, httpPort, mqttPort, brokerUrl, password })));
  const waitForOnline = await watchStatus(started, brokerUrl, deviceId);
  const startedAtMs = performance.now();
  const { pid, log } = startCli(['agent', '--config', config], started, options.nodeFlags);
  const onlineMs = (await waitForOnline(log)) - startedAtMs;
  const invite = ['invite', '--json', '--role', 'control', '--uses', 'many', '--ttl', '120', '--config', config];
  const { link } = JSON.parse(await runCli(invite, started.signal)) as { link: string };
  return { pid, link, onlineMs, log, ffmpegPid: () => findChildren(pid, 'ffmpeg')[0] ?? null };
}

function buildConfig(
  { camera, ice, sessions }: DeviceOptions,
  at: { stateDir: string; httpPort: number; mqttPort: number; brokerUrl: string; password: string },
): object {
  return {
    name: 'Benchmark',
    stateDir: at.stateDir,
    broker: { url: `mqtt://127.0.0.1:${at.mqttPort}`, username, password: at.password },
    links: { pageUrl: `http://127.0.0.1:${at.httpPort}/`, brokerUrl: at.brokerUrl },
    cameras: [{ source: 'test', widthMax: cameraWidthPx, heightMax: 720, fps: 30, bitrateKbps: 2000, ...camera }],
    ice: { lanOnly: true, ...ice },
    limits: { sessions: sessions ?? 8 },
  };
}

async function startBroker(
  started: Started,
  agentCredentials: { username: string; password: string; deviceId: string },
) {
  const broker = new Broker({
    httpPort: 0,
    mqttPort: 0,
    pageDir,
    agentCredentials,
    logger: buildLogger({ level: 'silent', format: 'json' }),
  });
  const ports = await broker.start();
  started.onEnd(() => broker.stop());
  return ports;
}

/** Subscribes as any viewer may. @returns a function that resolves with the moment at which the device is online */
async function watchStatus(started: Started, brokerUrl: string, deviceId: string) {
  const watcher = await mqtt.connectAsync(brokerUrl, { protocolVersion: 4 });
  started.onEnd(() => watcher.endAsync(true));
  await watcher.subscribeAsync(buildDeviceTopics(defaultTopicPrefix, deviceId).status);
  return (log: () => string) =>
    new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the agent is not online: ${log()}`)), onlineTimeoutMs);
      watcher.on('message', (_topic, payload) => {
        if (!payload.includes('"online":true')) return;
        clearTimeout(timer);
        resolve(performance.now());
      });
    });
}
