import { Buffer } from 'node:buffer';
import { isRtcp, RtcpPacketConverter, RtpPacket } from 'werift-rtp';
import type { PacketTransport } from '../../agent/media/rtp-writer.ts';

/** Keeps a copy of every packet it takes; `accepts` decides which it takes, and may throw. */
export class FakePacketTransport implements PacketTransport {
  readonly packets: Buffer[] = [];
  accepts: (packet: Buffer) => boolean = () => true;

  send(packet: Buffer): boolean {
    if (!this.accepts(packet)) return false;
    this.packets.push(Buffer.from(packet));
    return true;
  }

  get rtpBuffers(): Buffer[] {
    return this.packets.filter((packet) => !isRtcp(packet));
  }

  get rtp(): RtpPacket[] {
    return this.rtpBuffers.map((packet) => RtpPacket.deSerialize(packet));
  }

  get rtcp() {
    return this.packets.filter((packet) => isRtcp(packet)).flatMap((packet) => RtcpPacketConverter.deSerialize(packet));
  }
}
