/** What a viewer measures, refreshed every second. Values that are not known yet are null. */
export interface ViewerStats {
  /** From the first hello of the session to its first decoded frame. */
  firstFrameMs: number | null;
  framesDecoded: number;
  framesPerSecond: number;
  bitrateKbps: number;
  /** From the moment a picture was taken to the moment it was shown: the median of the last second. */
  glassToGlassMs: number | null;
  /** What the device believes the path carries. */
  targetKbps: number | null;
  /** Which of the renditions the device sends: `top`, `half`, `quarter`, `vp8`, or `keyframes-only`. */
  rendition: string | null;
  /** Why it is this one. */
  qualityReason: string | null;
  /** Round trip on the heartbeat channel. */
  rttMs: number | null;
  packetsReceived: number;
  packetsLost: number;
  /** Of the packets of the last second, 0 to 100. */
  lossPercent: number;
  /** Mean time in the jitter buffer over the last second. */
  jitterBufferMs: number | null;
  freezeCount: number;
  width: number | null;
  height: number | null;
  codec: string | null;
  /** Kinds of the ICE candidates in use (RFC 8445 5.1.1.1): `host`, `srflx`, `prflx` or `relay`. */
  localCandidate: string | null;
  remoteCandidate: string | null;
}

/** Running totals of the received video of one connection, however the platform counts them. */
export interface VideoCounters {
  framesDecoded: number;
  bytesReceived: number;
  packetsReceived: number;
  packetsLost: number;
  jitterBufferDelayMs: number;
  jitterBufferFrames: number;
  freezeCount: number;
  width: number | null;
  height: number | null;
  codec: string | null;
  localCandidate: string | null;
  remoteCandidate: string | null;
}
