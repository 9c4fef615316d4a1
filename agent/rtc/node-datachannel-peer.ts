import nodeDataChannel, { type DataChannel, type PeerConnection, type Track } from 'node-datachannel';
import {
  announceCandidate,
  announceInSdp,
  buildH264Format,
  buildMediaAttributes,
  buildNativeIceServers,
  opusFormat,
  withLowerCaseRtx,
} from './offer-lines.ts';
import {
  type AudioLine,
  type DataChannelLine,
  type Peer,
  type PeerChannel,
  PeerError,
  type PeerOptions,
  type PeerPath,
  type VideoLine,
} from './peer.ts';

/** The addresses of this machine are there at once; what the STUN servers say later follows as a separate candidate. */
const gatheringPatienceMs = 20;
/** Local gathering takes a few milliseconds; a machine that cannot do it in this time has no network at all. */
const gatheringTimeoutMs = 5_000;
const closeTimeoutMs = 2_000;

type NativeMedia = Parameters<PeerConnection['addTrack']>[0];

/** Native objects must not be collected while they are open. */
const openConnections = new Set<PeerConnection>();

/** Loads the native library's threads and certificates ahead of the first session. */
export function preloadPeers(): void {
  nodeDataChannel.preload();
}

/** A {@link Peer} on libdatachannel. Tracks have no native media handler: they carry our own RTP and RTCP. */
export class NodeDatachannelPeer implements Peer {
  private readonly options: PeerOptions;
  private readonly onError: (error: unknown) => void;
  private readonly tracks: Track[] = [];
  private readonly channels: DataChannel[] = [];
  private connection: PeerConnection | null = null;
  /**
   * Candidates that wait for the answer, most of them part of the offer. The library reports them from a thread of its own,
   * some only after they are in the description: one sent at once could reach the viewer before it has taken in the offer.
   */
  private readonly gathered: { candidate: string; mid: string }[] = [];
  private isAnswered = false;
  private stopGathering: () => void = () => {};
  private closing: Promise<void> | null = null;

  /** @param onError an error of our own inside a native callback, where throwing would abort the process */
  constructor(options: PeerOptions, onError: (error: unknown) => void) {
    this.options = options;
    this.onError = onError;
  }

  get path(): PeerPath | null {
    const pair = this.closing ? null : this.connection?.getSelectedCandidatePair();
    return pair ? { localKind: pair.local.type, remoteKind: pair.remote.type } : null;
  }

  async createOffer(): Promise<string> {
    const { id, ice, mediaLines, channels } = this.options;
    const connection = new nodeDataChannel.PeerConnection(id, {
      iceServers: buildNativeIceServers(ice.servers),
      disableAutoNegotiation: true,
      ...(ice.portRange && { portRangeBegin: ice.portRange[0], portRangeEnd: ice.portRange[1] }),
    });
    this.connection = connection;
    openConnections.add(connection);
    connection.onStateChange(this.guarded((state: string) => this.handleState(state)));
    connection.onLocalCandidate(this.guarded((candidate: string, mid: string) => this.handleCandidate(candidate, mid)));
    for (const line of mediaLines) this.addMedia(connection, line);
    for (const line of channels) this.addChannel(connection, line);
    await this.gather(connection);
    const sdp = connection.localDescription()?.sdp;
    if (!sdp) throw new PeerError('gathering-timeout');
    return announceInSdp(withLowerCaseRtx(sdp), ice.announce);
  }

  acceptAnswer(sdp: string): void {
    try {
      this.connection?.setRemoteDescription(sdp, 'answer');
    } catch (error) {
      throw new PeerError('answer-refused', error instanceof Error ? error.message : String(error));
    }
    this.isAnswered = true;
    for (const { candidate, mid } of this.gathered.splice(0)) this.options.onCandidate(candidate, mid);
  }

  addCandidate(candidate: string, mid: string): void {
    try {
      this.connection?.addRemoteCandidate(candidate, mid);
    } catch {
      // Of a kind the library does not know, or early: the others, or the connectivity checks themselves, make up for it.
    }
  }

  close(): Promise<void> {
    this.closing ??= this.closeNative();
    return this.closing;
  }

  private async closeNative(): Promise<void> {
    const { connection } = this;
    this.stopGathering();
    if (!connection) return;
    if (connection.state() !== 'closed') await this.closeAndWait(connection);
    // One that does not come to its end stays referenced: collected while it is open, it would take the process along.
    if (connection.state() === 'closed') openConnections.delete(connection);
  }

  private closeAndWait(connection: PeerConnection): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, closeTimeoutMs);
      connection.onStateChange(
        this.guarded((state: string) => {
          if (state !== 'closed') return;
          clearTimeout(timer);
          resolve();
        }),
      );
      connection.close();
    });
  }

  /** Resolves when the offer is worth sending: all candidates are there, or the patience is over and there are some. */
  private gather(connection: PeerConnection): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: PeerError) => {
        clearTimeout(patience);
        clearTimeout(deadline);
        if (error) reject(error);
        else resolve();
      };
      const patience = setTimeout(() => {
        if (connection.localDescription()?.sdp.includes('a=candidate:')) finish();
      }, gatheringPatienceMs);
      const deadline = setTimeout(() => finish(new PeerError('gathering-timeout')), gatheringTimeoutMs);
      this.stopGathering = () => finish(new PeerError('closed'));
      connection.onGatheringStateChange(this.guarded((state: string) => state === 'complete' && finish()));
      connection.setLocalDescription('offer');
    });
  }

  private addMedia(connection: PeerConnection, line: VideoLine | AudioLine): void {
    const track = connection.addTrack(line.kind === 'video' ? describeVideo(line) : describeAudio(line));
    this.tracks.push(track);
    const send = (packet: Buffer) => !this.closing && track.isOpen() && orFalse(() => track.sendMessageBinary(packet));
    track.onOpen(this.guarded(() => this.options.onTrackOpen(line.mid, { send })));
    const onRtp = line.kind === 'audio' ? line.onRtp : undefined;
    track.onMessage(this.guarded((packet: Buffer) => (isRtcp(packet) ? line.onRtcp(packet) : onRtp?.(packet))));
  }

  private addChannel(connection: PeerConnection, line: DataChannelLine): void {
    const channel = connection.createDataChannel(
      line.label,
      line.isLossy ? { unordered: true, maxRetransmits: 0 } : {},
    );
    this.channels.push(channel);
    const open: PeerChannel = {
      send: (data) => {
        if (this.closing || !channel.isOpen()) return false;
        return orFalse(() => (typeof data === 'string' ? channel.sendMessage(data) : channel.sendMessageBinary(data)));
      },
      get bufferedBytes() {
        return channel.isOpen() ? channel.bufferedAmount() : 0;
      },
      onDrained: (thresholdBytes, listener) => {
        channel.setBufferedAmountLowThreshold(thresholdBytes);
        channel.onBufferedAmountLow(this.guarded(listener));
      },
    };
    channel.onOpen(this.guarded(() => line.onOpen(open)));
    channel.onClosed(this.guarded(() => line.onClosed()));
    channel.onMessage(
      this.guarded((data: string | Buffer | ArrayBuffer) =>
        line.onMessage(data instanceof ArrayBuffer ? Buffer.from(data) : data),
      ),
    );
  }

  private handleCandidate(candidate: string, mid: string): void {
    // The library gives the whole SDP line; RFC 8839 and every browser mean what follows the "a=".
    const plain = candidate.replace(/^a=/, '');
    for (const told of announceCandidate(plain, this.options.ice.announce)) {
      if (this.isAnswered) this.options.onCandidate(told, mid);
      else this.gathered.push({ candidate: told, mid });
    }
  }

  private handleState(state: string): void {
    if (state === 'failed') this.options.onLost('path-failed');
    if (state === 'closed' || state === 'disconnected') this.options.onLost('closed-by-peer');
  }

  // A throw inside a native callback aborts the whole process, past `uncaughtException`.
  private guarded<Arguments extends unknown[]>(run: (...args: Arguments) => unknown): (...args: Arguments) => void {
    return (...args) => {
      try {
        run(...args);
      } catch (error) {
        this.onError(error);
      }
    };
  }
}

function describeVideo(line: VideoLine): NativeMedia {
  const { mid, ssrc, payloadType, cname, codec, rtx } = line;
  const media = new nodeDataChannel.Video(mid, 'SendOnly');
  if (codec.name === 'h264') media.addH264Codec(payloadType, buildH264Format(codec.profileLevelId));
  else media.addVP8Codec(payloadType);
  media.addRTXCodec(rtx.payloadType, payloadType, 90_000);
  for (const attribute of buildMediaAttributes(line)) media.parseSdpLine(attribute);
  for (const stream of [ssrc, rtx.ssrc]) media.addSSRC(stream, cname, cname, mid);
  return media;
}

function describeAudio(line: AudioLine): NativeMedia {
  const { mid, ssrc, payloadType, cname } = line;
  const media = new nodeDataChannel.Audio(mid, line.onRtp ? 'SendRecv' : 'SendOnly');
  media.addOpusCodec(payloadType, opusFormat);
  for (const attribute of buildMediaAttributes(line)) media.parseSdpLine(attribute);
  media.addSSRC(ssrc, cname, cname, mid);
  return media;
}

/**
 * The library throws what others say by their result: a channel that closed a moment ago, a message longer than the other side
 * claims to take. None of it is an error of ours, and much of it is in the viewer's hands.
 */
function orFalse(send: () => boolean): boolean {
  try {
    return send();
  } catch {
    return false;
  }
}

/** RTCP and RTP share a port; the second byte tells them apart (RFC 5761 section 4). */
function isRtcp(packet: Buffer): boolean {
  const type = packet[1] ?? 0;
  return type >= 192 && type <= 223;
}
