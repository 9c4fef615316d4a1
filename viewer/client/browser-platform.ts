import { RpcError } from '../../protocol/rpc.ts';
import type { PeerPlatform } from './peer-platform.ts';
import type { VideoCounters } from './viewer-stats.ts';

interface InboundVideo extends RTCInboundRtpStreamStats {
  jitterBufferDelay?: number;
  jitterBufferEmittedCount?: number;
  freezeCount?: number;
}

/** WebRTC as the browser has it. */
export const browserPlatform: PeerPlatform = {
  createConnection: (config) => new RTCPeerConnection({ ...config, bundlePolicy: 'max-bundle' }),

  supportedCodecs() {
    const codecs = RTCRtpReceiver.getCapabilities?.('video')?.codecs ?? [];
    return [...new Set(codecs.map((codec) => codec.mimeType.replace('video/', '').toLowerCase()))].slice(0, 16);
  },

  async readVideoCounters(connection) {
    return countersFrom(await connection.getStats());
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

/** Adds up the inbound video streams of a statistics report (W3C webrtc-stats). */
export function countersFrom(report: RTCStatsReport): VideoCounters {
  const entries = [...(report as unknown as Map<string, RTCStats>).values()];
  const byId = new Map(entries.map((entry) => [entry.id, entry as RTCStats & Record<string, unknown>]));
  const videos = entries.filter((entry): entry is InboundVideo => isInboundVideo(entry));
  const sum = (read: (video: InboundVideo) => number | undefined) =>
    videos.reduce((total, video) => total + (read(video) ?? 0), 0);
  const largest = videos.reduce<InboundVideo | null>(
    (best, video) => ((video.frameWidth ?? 0) > (best?.frameWidth ?? 0) ? video : best),
    null,
  );
  const codec = byId.get(largest?.codecId ?? '')?.mimeType;
  const transport = entries.find((entry) => entry.type === 'transport') as RTCTransportStats | undefined;
  const pair = byId.get(transport?.selectedCandidatePairId ?? '');
  const candidateKind = (id: unknown) => (byId.get(String(id))?.candidateType as string | undefined) ?? null;
  return {
    framesDecoded: sum((video) => video.framesDecoded),
    bytesReceived: sum((video) => video.bytesReceived),
    packetsReceived: sum((video) => video.packetsReceived),
    packetsLost: sum((video) => video.packetsLost),
    jitterBufferDelayMs: 1000 * sum((video) => video.jitterBufferDelay),
    jitterBufferFrames: sum((video) => video.jitterBufferEmittedCount),
    freezeCount: sum((video) => video.freezeCount),
    width: largest?.frameWidth ?? null,
    height: largest?.frameHeight ?? null,
    codec: typeof codec === 'string' ? codec.replace('video/', '') : null,
    localCandidate: candidateKind(pair?.localCandidateId),
    remoteCandidate: candidateKind(pair?.remoteCandidateId),
  };
}

function isInboundVideo(entry: RTCStats): boolean {
  return entry.type === 'inbound-rtp' && (entry as RTCInboundRtpStreamStats).kind === 'video';
}
