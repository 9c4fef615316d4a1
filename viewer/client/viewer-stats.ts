/** What is measured of pictures, refreshed every second. Values that are not known yet are null. */
export interface PictureStats {
  /** From the first hello of the session to the first frame on the screen. */
  firstFrameMs: number | null;
  framesDecoded: number;
  framesPerSecond: number;
  bitrateKbps: number;
  /** From the moment a picture was taken to the moment it was shown: the median of the last second. */
  glassToGlassMs: number | null;
  /** What the device believes the path carries for them. */
  targetKbps: number | null;
  /** Which of the renditions the device sends: `top`, `half`, `quarter`, `vp8`, or `keyframes-only`. */
  rendition: string | null;
  /** Why it is this one: see `qualityReasons`. */
  qualityReason: string | null;
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
}

/** One video line of the session. */
export interface LineStats extends PictureStats {
  mid: string;
  /** Whose pictures they are: while another camera is awaited, still the one before. */
  camera: string;
}

/** All lines together: counters and rates are sums; what cannot be added up (size, codec, rendition, latency) is of the first. */
export interface ViewerStats extends PictureStats {
  lines: readonly LineStats[];
  /** Round trip on the heartbeat channel. */
  rttMs: number | null;
  /** Kinds of the ICE candidates in use (RFC 8445 5.1.1.1): `host`, `srflx`, `prflx` or `relay`. */
  localCandidate: string | null;
  remoteCandidate: string | null;
}
