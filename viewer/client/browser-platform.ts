import { RpcError } from '../../protocol/rpc.ts';
import type { PeerPlatform } from './peer-platform.ts';
import { addUpLines, type LineCounters, type VideoCounters } from './video-counters.ts';

interface InboundVideo extends RTCInboundRtpStreamStats {
  jitterBufferDelay?: number;
  jitterBufferEmittedCount?: number;
  freezeCount?: number;
}

/** WebRTC as the browser has it. */
export const browserPlatform: PeerPlatform = {
  createConnection: (config) => new RTCPeerConnection({ ...config, bundlePolicy: 'max-bundle' }),

  supportedCodecs() {
    // Some browsers have no WebRTC by choice of their owner, such as those of Apple in lockdown mode: the device then says `no-codec`.
    const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.('video')?.codecs ?? [];
    return [...new Set(codecs.map((codec) => codec.mimeType.replace('video/', '').toLowerCase()))].slice(0, 16);
  },

  async readVideoCounters(connection) {
    const midOfTrack = new Map(connection.getTransceivers().map(({ receiver, mid }) => [receiver.track.id, mid ?? '']));
    return countersFrom(await connection.getStats(), midOfTrack);
  },

  async openMicrophone() {
    // Browsers hide it from pages that did not come over https, localhost excepted.
    if (!navigator.mediaDevices)
      throw new RpcError('unavailable', 'This page was not loaded over https, so the browser gives no microphone.');
    const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    const [track] = (await navigator.mediaDevices.getUserMedia({ audio })).getAudioTracks();
    if (!track) throw new RpcError('unavailable', 'There is no microphone.');
    return track;
  },

  onNetworkUp(listener) {
    addEventListener('online', listener);
    return () => removeEventListener('online', listener);
  },
};

/**
 * Finds the inbound video streams of a statistics report (W3C webrtc-stats).
 *
 * @param midOfTrack the media line of each receiver's track: not every browser tells the line itself
 */
export function countersFrom(report: RTCStatsReport, midOfTrack: ReadonlyMap<string, string>): VideoCounters {
  const entries = [...(report as unknown as Map<string, RTCStats>).values()];
  const byId = new Map(entries.map((entry) => [entry.id, entry as RTCStats & Record<string, unknown>]));
  const videos = entries.filter((entry): entry is InboundVideo => isInboundVideo(entry));
  const lines = videos.map((video): LineCounters => {
    const codec = byId.get(video.codecId ?? '')?.mimeType;
    return {
      mid: video.mid ?? midOfTrack.get(video.trackIdentifier) ?? '',
      framesDecoded: video.framesDecoded ?? 0,
      bytesReceived: video.bytesReceived ?? 0,
      packetsReceived: video.packetsReceived ?? 0,
      packetsLost: video.packetsLost ?? 0,
      jitterBufferDelayMs: 1000 * (video.jitterBufferDelay ?? 0),
      jitterBufferFrames: video.jitterBufferEmittedCount ?? 0,
      freezeCount: video.freezeCount ?? 0,
      width: video.frameWidth ?? null,
      height: video.frameHeight ?? null,
      codec: typeof codec === 'string' ? codec.replace('video/', '') : null,
    };
  });
  const transport = entries.find((entry) => entry.type === 'transport') as RTCTransportStats | undefined;
  const pair = byId.get(transport?.selectedCandidatePairId ?? '');
  const candidateKind = (id: unknown) => (byId.get(String(id))?.candidateType as string | undefined) ?? null;
  return addUpLines(lines, {
    localCandidate: candidateKind(pair?.localCandidateId),
    remoteCandidate: candidateKind(pair?.remoteCandidateId),
  });
}

function isInboundVideo(entry: RTCStats): boolean {
  return entry.type === 'inbound-rtp' && (entry as RTCInboundRtpStreamStats).kind === 'video';
}
