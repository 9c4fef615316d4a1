import { Buffer } from 'node:buffer';
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What the camera plays: the lines about it in the SDP, and the arguments that make ffmpeg send it. */
const media = {
  picture: {
    sdp: ['m=video 0 RTP/AVP 96', 'a=rtpmap:96 H264/90000', 'a=fmtp:96 packetization-mode=1'],
    source: 'testsrc2=size=320x180:rate=30',
    encoder: [
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '15'],
      ...['-x264-params', 'repeat-headers=1'],
    ],
  },
  // G.711, as most cameras send it.
  sound: {
    sdp: ['m=audio 0 RTP/AVP 0'],
    source: 'sine=frequency=600:sample_rate=8000:samples_per_frame=160',
    encoder: ['-c:a', 'pcm_mulaw'],
  },
};

/**
 * A network camera: an RTSP server (RFC 2326) with Basic authentication that plays one stream, H.264 or a tone of 600 Hz, interleaved on
 * the RTSP connection. ffmpeg makes the RTP packets; this passes them on.
 */
export class FakeCameraRtsp {
  private readonly ffmpeg: string;
  private readonly authorization: string;
  private readonly media: (typeof media)[keyof typeof media];
  private readonly udp = createSocket('udp4');
  private readonly server = createServer((connection) => this.handleConnection(connection));
  private readonly connections = new Set<Socket>();
  private readonly players = new Set<Socket>();
  private source: ChildProcess | null = null;

  constructor(options: { ffmpeg: string; user: string; password: string; plays?: keyof typeof media }) {
    this.ffmpeg = options.ffmpeg;
    this.media = media[options.plays ?? 'picture'];
    this.authorization = `Basic ${Buffer.from(`${options.user}:${options.password}`).toString('base64')}`;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** @param port 0 for any free one */
  async start(port = 0): Promise<void> {
    this.udp.on('message', (packet) => this.forward(packet));
    this.udp.bind(0, '127.0.0.1');
    this.server.listen(port, '127.0.0.1');
    await Promise.all([once(this.udp, 'listening'), once(this.server, 'listening')]);
    const { source, encoder } = this.media;
    const target = `rtp://127.0.0.1:${this.udp.address().port}?pkt_size=1200`;
    const args = ['-loglevel', 'error', '-re', '-f', 'lavfi', '-i', source, ...encoder, '-f', 'rtp', target];
    this.source = spawn(this.ffmpeg, args, { stdio: 'ignore' });
  }

  /** May be called twice. */
  async stop(): Promise<void> {
    const { source } = this;
    if (source === null) return;
    this.source = null;
    for (const connection of this.connections) connection.destroy();
    this.udp.close();
    this.server.close();
    if (source.exitCode === null) {
      source.kill('SIGKILL');
      await once(source, 'exit');
    }
  }

  /** RFC 2326 10.12: `$`, channel, length, packet. */
  private forward(packet: Buffer): void {
    const header = Buffer.from([0x24, 0, packet.length >> 8, packet.length & 0xff]);
    for (const player of this.players) player.write(Buffer.concat([header, packet]));
  }

  private handleConnection(connection: Socket): void {
    let received = Buffer.alloc(0);
    this.connections.add(connection);
    connection.on('error', () => {});
    connection.on('close', () => {
      this.connections.delete(connection);
      this.players.delete(connection);
    });
    connection.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (
        let length = this.handleNext(connection, received);
        length > 0;
        length = this.handleNext(connection, received)
      ) {
        received = received.subarray(length);
      }
    });
  }

  /** @returns the length of what was handled, 0 when it is not complete */
  private handleNext(connection: Socket, received: Buffer): number {
    if (received.length >= 4 && received[0] === 0x24) {
      const length = 4 + received.readUInt16BE(2); // a receiver report
      return received.length >= length ? length : 0;
    }
    const end = received.indexOf('\r\n\r\n');
    if (end < 0) return 0;
    this.handleRequest(connection, received.toString('latin1', 0, end));
    return end + 4;
  }

  private buildSdp(): string {
    const session = ['v=0', 'o=- 0 0 IN IP4 127.0.0.1', 's=fake camera', 't=0 0'];
    return [...session, ...this.media.sdp, 'a=control:track0', ''].join('\r\n');
  }

  private handleRequest(connection: Socket, request: string): void {
    const sdp = this.buildSdp();
    const method = request.slice(0, request.indexOf(' '));
    const sequence = /^CSeq: *(\d+)/im.exec(request)?.[1] ?? '0';
    const reply = (status: string, headers: string[] = [], body = '') =>
      connection.write([`RTSP/1.0 ${status}`, `CSeq: ${sequence}`, 'Session: 1', ...headers, '', body].join('\r\n'));
    if (method === 'OPTIONS') reply('200 OK', ['Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN']);
    else if (!request.includes(this.authorization))
      reply('401 Unauthorized', ['WWW-Authenticate: Basic realm="camera"']);
    else if (method === 'DESCRIBE')
      reply('200 OK', ['Content-Type: application/sdp', `Content-Length: ${sdp.length}`], sdp);
    else if (method === 'SETUP') reply('200 OK', ['Transport: RTP/AVP/TCP;unicast;interleaved=0-1']);
    else reply('200 OK');
    if (method === 'PLAY') this.players.add(connection);
  }
}
