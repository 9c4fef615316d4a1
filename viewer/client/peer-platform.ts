import type { ShownFrame } from './shown-frame.ts';
import type { VideoCounters } from './video-counters.ts';

/**
 * What the client needs from the place it runs in. A browser has a WebRTC stack of its own; a headless viewer in Node brings
 * one (see `cli/headless-platform.ts`).
 */
export interface PeerPlatform {
  /** A new peer connection with the ICE servers (STUN, TURN) that the device handed over. */
  createConnection(config: RTCConfiguration): RTCPeerConnection;
  /** Video formats this platform decodes, as RTP encoding names in lower case. */
  supportedCodecs(): string[];
  readVideoCounters(connection: RTCPeerConnection): Promise<VideoCounters>;
  /** Where the platform itself knows of each frame; a page, which has the video elements, tells the client instead. */
  onFrame?(connection: RTCPeerConnection, report: (mid: string, frame: ShownFrame) => void): void;
  /** @throws DOMException when the person refuses, or Error where there is no microphone */
  openMicrophone(): Promise<MediaStreamTrack>;
  /** Calls back when the network has come (back) up. Returns how to stop listening. */
  onNetworkUp(listener: () => void): () => void;
}
