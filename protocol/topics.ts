import { parseBase64Url } from './bytes.ts';

/** The default first level of every topic. A configured prefix may have several levels. */
export const defaultTopicPrefix = 'porthole';

const deviceIdPattern = /^[0-9a-f]{32}$/;
const sidLengthBytes = 16;

/** The topics of one device. */
export interface DeviceTopics {
  /** Retained presence: online or not, and the epoch. */
  status: string;
  /** What viewers send: `in/<sid>`, as the filter that the device subscribes. */
  inFilter: string;
  in(sid: string): string;
  out(sid: string): string;
  /** The sid of a topic below `in/`, or null when the topic is not one of this device's. */
  parseIn(topic: string): string | null;
}

/**
 * @param prefix first topic level or levels, without a trailing slash
 * @param deviceId 32 lower-case hex digits
 */
export function buildDeviceTopics(prefix: string, deviceId: string): DeviceTopics {
  const base = `${prefix}/1/${deviceId}`;
  return {
    status: `${base}/status`,
    inFilter: `${base}/in/+`,
    in: (sid) => `${base}/in/${sid}`,
    out: (sid) => `${base}/out/${sid}`,
    parseIn: (topic) => {
      const start = `${base}/in/`;
      const sid = topic.startsWith(start) ? topic.slice(start.length) : '';
      return isSid(sid) ? sid : null;
    },
  };
}

export function isDeviceId(text: string): boolean {
  return deviceIdPattern.test(text);
}

/** A sid is 16 random bytes as base64url, fresh for every attempt. */
export function isSid(text: string): boolean {
  return text.length === 22 && parseBase64Url(text, sidLengthBytes) !== null;
}

/** A prefix must be plain topic levels: no wildcard, no empty level, no `$`. */
export function isTopicPrefix(text: string): boolean {
  return text.length <= 64 && /^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/.test(text);
}
