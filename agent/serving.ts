import { randomBytes } from 'node:crypto';
import { deriveId, type KeyPair } from '../protocol/identity.ts';
import { limits } from '../protocol/limits.ts';
import { failure } from '../protocol/result.ts';
import { buildDeviceTopics } from '../protocol/topics.ts';
import type { Access } from './access/access.ts';
import { nodeDiffieHellman } from './access/node-diffie-hellman.ts';
import type { CommandRegistry } from './commands/command-registry.ts';
import { RpcServer } from './commands/rpc-server.ts';
import type { AgentConfig } from './config/config-schema.ts';
import { NodeDatachannelPeer } from './rtc/node-datachannel-peer.ts';
import { Epochs } from './session/epochs.ts';
import { buildIceServers, buildPeerIce } from './session/ice-settings.ts';
import type { LiveAudio } from './session/live-audio.ts';
import type { LiveCamera } from './session/live-camera.ts';
import { Session } from './session/session.ts';
import { SessionManager, type SessionSeed } from './session/session-manager.ts';
import type { TalkDesk } from './session/talk-desk.ts';
import { deriveClientId } from './signaling/client-id.ts';
import { MqttSignaling } from './signaling/mqtt-signaling.ts';
import { systemClock } from './system/clock.ts';
import type { Logger } from './system/logger.ts';

export interface ServingOptions {
  /** What runs now: a reload changes it. */
  config(): AgentConfig;
  version: string;
  keys: KeyPair;
  /** Certificate of the authority that signed the broker's. */
  brokerCa: string | undefined;
  access: Access;
  registry: CommandRegistry;
  cameras: readonly LiveCamera[];
  audio: LiveAudio | null;
  talk: TalkDesk | null;
  /** Resolves when the cameras know which codecs they have, or that they have none now. */
  untilCamerasKnown(): Promise<void>;
  logger: Logger;
}

/** What viewers meet: signaling and sessions, joined. */
export interface Serving {
  signaling: MqttSignaling;
  sessions: SessionManager;
  /** Begins to connect. */
  start(): void;
  /** Closes all sessions at once; resolves when viewers and broker have been told. */
  stop(): Promise<void>;
}

/** Composes {@link Serving}. Nothing runs until it is started. */
export function buildServing(options: ServingOptions): Serving {
  const { access, talk } = options;
  const deviceId = deriveId(options.keys.publicKey);
  const signaling = buildSignaling(options, deviceId);
  const epochs = new Epochs({
    random: randomBytes,
    intervalMs: limits.epochIntervalMs,
    onRenewed: (generation) => {
      sessions.renewEpoch(generation);
      signaling.setStatus({ online: true, epoch: epochs.current, v: 1 });
    },
  });
  const sessions = buildSessionManager({ ...options, deviceId, signaling, epochs });
  signaling.events.on('message', ({ sid, bytes }) => sessions.handleMessage(sid, bytes));
  access.on('revoked', ({ viewerId }) => void sessions.closeViewer(viewerId, 'revoked'));
  talk?.events.on('change', () => sessions.notifyAll('event.talk', ({ sessionId }) => talk.describeFor(sessionId)));
  const start = () => {
    epochs.start();
    signaling.setStatus({ online: true, epoch: epochs.current, v: 1 });
    signaling.start();
    options.logger.info({ device: deviceId, name: options.config().name }, 'agent started');
  };
  const stop = async () => {
    // Before the sessions end, so that no viewer takes the device for one that it can come back to at once.
    signaling.setStatus({ online: false });
    epochs.stop();
    await sessions.stop();
    await signaling.stop();
  };
  return { signaling, sessions, start, stop };
}

function buildSignaling({ config, keys, brokerCa, logger }: ServingOptions, deviceId: string): MqttSignaling {
  const { broker } = config();
  return new MqttSignaling({
    broker: { ...broker, ca: brokerCa },
    topics: buildDeviceTopics(broker.topicPrefix, deviceId),
    clientId: deriveClientId(keys.privateKey),
    logger,
  });
}

function buildSessionManager(
  options: ServingOptions & { deviceId: string; signaling: MqttSignaling; epochs: Epochs },
): SessionManager {
  const { config, version, keys, epochs, cameras, access, signaling, logger } = options;
  return new SessionManager({
    deviceKeys: keys,
    dh: nodeDiffieHellman,
    epochs,
    clock: systemClock,
    cameras,
    // Asked for each hello, so that a reload counts for the next one.
    get device() {
      return { name: config().name, version };
    },
    get sessionsMaxCount() {
      return config().limits.sessions;
    },
    logger,
    random: randomBytes,
    isPaired: (viewerId) => access.isPaired(viewerId),
    authorise: async ({ viewerId, inviteToken, label }) => {
      const admission = await access.authorise({ viewerId, inviteToken, label });
      if (!admission.ok) return admission;
      // The codec is chosen next, among those that the cameras have.
      await options.untilCamerasKnown();
      // A revocation ends the sessions that there are, and this is none yet.
      return access.isPaired(viewerId) ? admission : failure('unauthorised');
    },
    buildIceServers: (viewerId) => buildIceServers(config().ice, viewerId, systemClock.wallClockMs()),
    buildSession: (seed) => buildSession(options, seed),
    send: (sid, bytes, delivery) => signaling.send(sid, bytes, delivery),
  });
}

function buildSession(options: ServingOptions & { deviceId: string }, seed: SessionSeed): Session {
  const { config, deviceId, registry, audio, talk, logger } = options;
  const { role, viewerId, sessionId } = seed;
  return new Session({
    ...seed,
    audio: seed.hears ? audio : null,
    talk: seed.talks ? talk : null,
    ice: buildPeerIce(config().ice, deviceId, systemClock.wallClockMs()),
    clock: systemClock,
    random: randomBytes,
    onOpen: (session) => {
      if (talk) session.notify('event.talk', talk.describeFor(sessionId));
    },
    buildPeer: (peerOptions) =>
      new NodeDatachannelPeer(peerOptions, (error) =>
        logger.error({ session: sessionId, error }, 'a native callback failed'),
      ),
    openRpc: (link) =>
      new RpcServer({
        ...link,
        registry,
        caller: { role, viewerId, sessionId },
        nowMs: systemClock.nowMs,
        logger,
        sendMaxBytes: limits.rpcAnswerMaxBytes,
      }),
  });
}
