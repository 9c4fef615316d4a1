import { spawn } from 'node:child_process';
import nodeDataChannel, { type PeerConnection, type RtpPacketizationConfig, type Track } from 'node-datachannel';
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
let ffmpegPid: number | null = null;

answerRequests<NativeRequest>(async (request) => {
  if (request.type === 'offer') return createOffer(request.connection);
  if (request.type === 'close') return connections.get(request.connection)?.peer.close();
  connections.get(request.connection)?.peer.setRemoteDescription(request.sdp, 'answer');
  ffmpegPid ??= startEncoder();
  return ffmpegPid;
});

function createOffer(id: number): Promise<string> {
  const peer = new nodeDataChannel.PeerConnection(`viewer-${id}`, { iceServers: [], disableAutoNegotiation: true });
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

function startEncoder(): number {
  const video = { widthMax: 1280, heightMax: 720, fps: 30, bitrateKbps: 2000, keyframeIntervalMs: 2000 };
  const input = ['-f', 'lavfi', '-i', buildTestPattern(video)];
  const x264 = '-c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -bf 0 -g 60 -pix_fmt yuv420p';
  const rate = '-b:v 2000k -maxrate 2000k -bufsize 500k -x264-params repeat-headers=1';
  const output = '-fps_mode passthrough -enc_time_base 1:90000 -f nut -write_index 0 pipe:1';
  const args = ['-hide_banner', '-loglevel', 'error', ...input, ...`${x264} ${rate} ${output}`.split(' ')];
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
