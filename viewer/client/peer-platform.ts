import type { VideoCounters } from './viewer-stats.ts';

/**
 * What the client needs from the place it runs in. A browser has a WebRTC stack of its own; a headless viewer in Node brings
 * one (see `cli/headless-platform.ts`).
 */
export interface PeerPlatform {
  /** A new peer connection with the ICE servers (STUN, TURN) that the device handed over. */
  createConnection(config: RTCConfiguration): RTCPeerConnection;
  /**
   * Whether connectivity checks begin before the other side has the answer, and with a vigour that may outrun it: true for
   * browsers.
   */
  readonly startsChecksEarly: boolean;
  /** Video formats this platform decodes, as RTP encoding names in lower case. */
  supportedCodecs(): string[];
  readVideoCounters(connection: RTCPeerConnection): Promise<VideoCounters>;
  /** Where the platform itself knows when the first picture is there; a page tells the client instead. */
  onFirstFrame?(connection: RTCPeerConnection, report: () => void): void;
  /** Calls back when the network has come (back) up. Returns how to stop listening. */
  onNetworkUp(listener: () => void): () => void;
}
