/**
 * One WebRTC connection as the session uses it: the device offers, the viewer answers. Implemented over node-datachannel, and
 * by a fake in tests. Nothing here throws once the connection is open; a dead connection simply sends no more.
 */
export interface Peer {
  /**
   * Gathers candidates and resolves with the offer. `onCandidate` is not called before {@link acceptAnswer}.
   * @throws PeerError `gathering-timeout`, or `closed` when {@link close} comes first
   */
  createOffer(): Promise<string>;
  /**
   * Applies the answer, and then reports all candidates so far, those of the offer once more: viewers leave them out of the offer and wait for
   * these. Its connectivity checks would otherwise be faster than this call, and the native library, which takes
   * in the ICE part before the rest, would check the certificate against a fingerprint that it does not have yet.
   * @throws PeerError when the native library refuses the description
   */
  acceptAnswer(sdp: string): void;
  /** An unusable candidate is ignored. */
  addCandidate(candidate: string, mid: string): void;
  /** The two candidates in use and what the library measures, once connected. */
  readonly path: PeerPath | null;
  /** Resolves when the native object is gone; waiting for it keeps memory flat. */
  close(): Promise<void>;
}

export interface PeerPath {
  localKind: string;
  remoteKind: string;
}

/** What video and audio lines of the offer have in common. */
interface MediaLine {
  mid: string;
  ssrc: number;
  payloadType: number;
  /** RTCP canonical name (RFC 3550 6.5.1), the same for all lines of one session: browsers keep those in step. */
  cname: string;
  /** RTCP that the viewer sends about this line. */
  onRtcp(packet: Buffer): void;
}

/** A video line, which only sends. */
export interface VideoLine extends MediaLine {
  kind: 'video';
  codec: VideoLineCodec;
  /** The stream of retransmissions (RFC 4588). */
  rtx: { ssrc: number; payloadType: number };
}

export type VideoLineCodec =
  /** `profileLevelId`: six hex digits (RFC 6184 8.1); Safari stays black when they differ from the stream's own. */
  { name: 'h264'; profileLevelId: string } | { name: 'vp8' };

/** An audio line: Opus (RFC 7587), one way or both. */
export interface AudioLine extends MediaLine {
  kind: 'audio';
  /** The viewer's sound as whole RTP packets: untrusted. Left out, the line only sends. */
  onRtp?: (packet: Buffer) => void;
}

/** The sending end of a media line. */
export interface PeerTrack {
  /** Sends one whole RTP or RTCP packet; the bytes are copied before it returns. @returns false when it could not */
  send(packet: Buffer): boolean;
}

export interface DataChannelLine {
  label: string;
  /** Unordered and never retransmitted, for what is stale when it is late; otherwise reliable and ordered. */
  isLossy?: boolean;
  onOpen(channel: PeerChannel): void;
  onMessage(data: string | Buffer): void;
  onClosed(): void;
}

/** An open data channel. */
export interface PeerChannel {
  /** @returns whether it left at once; what did not is in `bufferedBytes`, or lost with a channel that is closed */
  send(data: string | Uint8Array): boolean;
  readonly bufferedBytes: number;
  /** Calls back when less than `thresholdBytes` are waiting. */
  onDrained(thresholdBytes: number, listener: () => void): void;
}

export interface PeerOptions {
  /** Names the connection in logs. */
  id: string;
  ice: PeerIceSettings;
  mediaLines: readonly (VideoLine | AudioLine)[];
  channels: readonly DataChannelLine[];
  onCandidate(candidate: string, mid: string): void;
  /** The track of a media line can send from now on. */
  onTrackOpen(mid: string, track: PeerTrack): void;
  /** The path is lost for good (ICE or DTLS failed), or the other side closed it. */
  onLost(reason: 'path-failed' | 'closed-by-peer'): void;
}

export interface PeerIceSettings {
  /** STUN and TURN servers for this side. TURN is used over UDP only. */
  servers: readonly IceServerSetting[];
  /** First and last UDP port, both included; any free port when left out. */
  portRange?: readonly [number, number];
  /** Address and port mapping of a 1:1 NAT or a port forward, told to viewers in place of the local ones. */
  announce?: AnnounceSetting;
}

export interface IceServerSetting {
  urls: readonly string[];
  username?: string;
  credential?: string;
}

export interface AnnounceSetting {
  /** IP literal under which the device is reached from outside. */
  address: string;
  /** Local to announced UDP port; ports that are not named stay as they are. */
  ports: ReadonlyMap<number, number>;
  /** Tell viewers the announced address alone, instead of beside the local ones. */
  only: boolean;
}

/** A connection that could not be set up. */
export class PeerError extends Error {
  readonly code: 'answer-refused' | 'gathering-timeout' | 'closed';

  constructor(code: PeerError['code'], detail?: string) {
    super(detail === undefined ? code : `${code}: ${detail}`);
    this.name = 'PeerError';
    this.code = code;
  }
}
