import type { Status } from '../../protocol/messages.ts';

/** How sealed messages reach the device. What carries them is not trusted with anything but delivery. */
export interface SignalingPort {
  /** Resolves when the broker is connected; at once when it already is. @throws SessionError `broker-…` */
  open(signal: AbortSignal): Promise<void>;
  /** The last retained status: a hint, since the broker can forge it. Null while none has been seen. */
  readonly status: Status | null;
  onStatus(listener: (status: Status) => void): () => void;
  /** Resolves when messages to `sid` arrive. @throws SessionError `broker-…` */
  openRoute(sid: string, onMessage: (bytes: Uint8Array) => void): Promise<SignalingRoute>;
  close(): Promise<void>;
}

/** The two topics of one attempt. */
export interface SignalingRoute {
  /** Never throws and never waits: what cannot be sent now is lost, and every message has its own retry or deadline. */
  send(bytes: Uint8Array, delivery: 'at-least-once' | 'at-most-once'): void;
  close(): void;
}
