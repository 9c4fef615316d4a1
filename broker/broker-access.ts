import { limits } from '../protocol/limits.ts';
import { isDeviceId, isSid } from '../protocol/topics.ts';
import { filterCoversFilter, isTopicFilter, isTopicName, topicMatchesFilter } from './topic-filter.ts';

/** A person or program with a password and written rights. */
export interface User {
  name: string;
  /** As made by `hashPassword`. */
  passwordHash: string;
  /** Topic filters that it may publish below. */
  publish: readonly string[];
  /** Topic filters that it may subscribe, or any part of them. */
  subscribe: readonly string[];
}

/** Who a connection belongs to. */
export type Identity =
  | { kind: 'anonymous' }
  | { kind: 'device'; deviceId: string }
  | { kind: 'user'; name: string; publish: readonly string[]; subscribe: readonly string[] };

export interface PublishRequest {
  topic: string;
  retain: boolean;
  qos: number;
  payloadBytes: number;
}

export type PublishRefusal = 'topic-invalid' | 'topic-forbidden' | 'retain-forbidden' | 'qos-forbidden' | 'too-large';
export type SubscribeRefusal = 'filter-invalid' | 'filter-forbidden';

/**
 * Whether `identity` may publish this message, a last will included.
 *
 * @param prefix first topic level or levels of this installation
 * @returns the reason against it, or null
 */
export function refusePublish(prefix: string, identity: Identity, request: PublishRequest): PublishRefusal | null {
  // Topics with `$` belong to the broker itself (MQTT 4.7.2), whatever anybody was granted.
  if (!isTopicName(request.topic) || request.topic.startsWith('$')) return 'topic-invalid';
  if (identity.kind === 'user') {
    return identity.publish.some((filter) => topicMatchesFilter(request.topic, filter)) ? null : 'topic-forbidden';
  }
  const target = parseDeviceTopic(prefix, request.topic);
  const isStatus = target?.channel === 'status' && target.leaf === undefined;
  const isOneSession = target?.leaf !== undefined && isSid(target.leaf);
  const allowed =
    identity.kind === 'anonymous'
      ? target?.channel === 'in' && isOneSession
      : target?.deviceId === identity.deviceId && (isStatus || (target.channel === 'out' && isOneSession));
  if (!allowed) return 'topic-forbidden';
  if (request.retain && !isStatus) return 'retain-forbidden';
  // Nothing of ours uses QoS 2, and each of its messages stays in memory until the sender releases it.
  if (request.qos > 1) return 'qos-forbidden';
  return request.payloadBytes > limits.signalingMessageMaxBytes ? 'too-large' : null;
}

/**
 * Whether `identity` may subscribe to `filter`. An anonymous client names one device and may then see all of what that device
 * sends out, which is sealed; it may not look for devices.
 *
 * @returns the reason against it, or null
 */
export function refuseSubscribe(prefix: string, identity: Identity, filter: string): SubscribeRefusal | null {
  if (!isTopicFilter(filter)) return 'filter-invalid';
  if (identity.kind === 'user') {
    return identity.subscribe.some((granted) => filterCoversFilter(granted, filter)) ? null : 'filter-forbidden';
  }
  const target = parseDeviceTopic(prefix, filter);
  const isAnySession = target?.leaf !== undefined && (target.leaf === '+' || isSid(target.leaf));
  const allowed =
    identity.kind === 'anonymous'
      ? (target?.channel === 'status' && target.leaf === undefined) || (target?.channel === 'out' && isAnySession)
      : target?.deviceId === identity.deviceId && target.channel === 'in' && isAnySession;
  return allowed ? null : 'filter-forbidden';
}

interface DeviceTopic {
  deviceId: string;
  channel: string;
  leaf: string | undefined;
}

function parseDeviceTopic(prefix: string, topic: string): DeviceTopic | null {
  const base = `${prefix}/1/`;
  if (!topic.startsWith(base)) return null;
  const [deviceId = '', channel = '', leaf, ...rest] = topic.slice(base.length).split('/');
  return isDeviceId(deviceId) && rest.length === 0 ? { deviceId, channel, leaf } : null;
}
