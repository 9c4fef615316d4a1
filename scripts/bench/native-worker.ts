import { spawn } from 'node:child_process';
import nodeDataChannel, { type PeerConnection, type RtpPacketizationConfig, type Track } from 'node-datachannel';
import { chooseEncoder } from '../../agent/camera/encoder.ts';
import { buildOutputs } from '../../agent/camera/outputs.ts';
import { buildRenditions } from '../../agent/camera/renditions.ts';
import { buildTestPattern } from '../../agent/camera/test-pattern.ts';
import { NutReader } from '../../agent/ffmpeg/nut-reader.ts';
import { answerRequests } from './answer-requests.ts';
import type { NativeRequest } from './native-device.ts';

/**
 * What to compare with: the same picture by the same encoder, sent with the media chain that the native library brings, one
 * chain for each viewer, as its examples do. No cache of the last group of pictures, no adaptation, no data channels.
 */

interface Connection {
  peer: PeerConnection;
  track: Track;
  rtp: RtpPacketizationConfig;
  hasKeyframe: boolean;
}

const payloadType = 102;
const connections = new Map<number, Connection>();
/** The process that encodes for all, once somebody wants pictures. */
let encoder: Promise<number> | null = null;

answerRequests<NativeRequest>(async (request) => {
  if (request.type === 'offer') return createOffer(request.connection, request.portRange);
  connections.get(request.connection)?.peer.setRemoteDescription(request.sdp, 'answer');
  encoder ??= startEncoder();
  return encoder;
});

function createOffer(id: number, portRange: readonly [number, number] | undefined): Promise<string> {
  const peer = new nodeDataChannel.PeerConnection(`viewer-${id}`, {
    iceServers: [],
    disableAutoNegotiation: true,
    ...(portRange && { portRangeBegin: portRange[0], portRangeEnd: portRange[1] }),
  });
  const ssrc = 1000 + id;
  const media = new nodeDataChannel.Video('video', 'SendOnly');
  media.addH264Codec(payloadType, 'profile-level-id=42c01f;packetization-mode=1;level-asymmetry-allowed=1');
  media.addSSRC(ssrc, 'native', 'native', 'video');
  const track = peer.addTrack(media);
  const rtp = new nodeDataChannel.RtpPacketizationConfig(ssrc, 'native', payloadType, 90_000);
  const packetizer = new nodeDataChannel.H264RtpPacketizer('StartSequence', rtp, 1160);
  packetizer.addToChain(new nodeDataChannel.RtcpSrReporter(rtp));
  packetizer.addToChain(new nodeDataChannel.RtcpNackResponder());
  track.setMediaHandler(packetizer);
  connections.set(id, { peer, track, rtp, hasKeyframe: false });
  return new Promise((resolve) => {
    peer.onGatheringStateChange((state) => state === 'complete' && resolve(peer.localDescription()?.sdp ?? ''));
    peer.setLocalDescription('offer');
  });
}

async function startEncoder(): Promise<number> {
  const video = { widthMax: 1280, heightMax: 720, fps: 30, bitrateKbps: 2000, keyframeIntervalMs: 2000 };
  const name = await chooseEncoder({ program: 'ffmpeg', wanted: 'auto' });
  const renditions = buildRenditions({ video, encoder: name, hasVp8: false, isPassthrough: false });
  const [output] = buildOutputs({
    renditions: renditions.slice(0, 1),
    encoder: name,
    video,
    isLiveFile: false,
    isOpen: () => true,
    targetOf: () => 'pipe:1',
  });
  const input = ['-f', 'lavfi', '-i', buildTestPattern(video)];
  const args = ['-hide_banner', '-loglevel', 'error', ...input, ...(output?.options ?? []), 'pipe:1'];
  const ffmpeg = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => ffmpeg.kill('SIGKILL'));
  const reader = new NutReader(({ data, ptsTicks90k, isKeyframe }) => {
    for (const connection of connections.values()) sendPicture(connection, data, ptsTicks90k, isKeyframe);
  });
  ffmpeg.stdout.on('data', (chunk) => reader.push(chunk));
  if (ffmpeg.pid === undefined) throw new Error('ffmpeg cannot be run');
  return ffmpeg.pid;
}

function sendPicture(connection: Connection, data: Buffer, ptsTicks90k: number, isKeyframe: boolean): void {
  const { track, rtp } = connection;
  if (!track.isOpen()) return;
  connection.hasKeyframe ||= isKeyframe;
  if (!connection.hasKeyframe) return;
  rtp.timestamp = ptsTicks90k % 2 ** 32;
  track.sendMessageBinary(data);
}

process.on('SIGTERM', () => process.exit());
