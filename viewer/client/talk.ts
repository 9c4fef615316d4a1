import { RpcError } from '../../protocol/rpc.ts';

/** What talking needs of a session. */
export interface TalkPorts {
  call(method: string): Promise<unknown>;
  openMicrophone(): Promise<MediaStreamTrack>;
}

/**
 * The viewer's voice on the device's loudspeaker. The device lets one viewer talk at a time, so the floor is taken before the
 * microphone is heard and given back after it has been cut. Whoever ends the talk while it is still asked for is not heard when
 * the answer comes.
 */
export class Talk {
  private readonly ports: TalkPorts;
  private readonly sender: RTCRtpSender;
  private microphone: MediaStreamTrack | null = null;
  /** The start that was not taken back: under way, or done. */
  private started: Promise<void> | null = null;
  /** Counts what was taken back, so that a start that waits for an answer knows. */
  private endings = 0;

  constructor(ports: TalkPorts, sender: RTCRtpSender) {
    this.ports = ports;
    this.sender = sender;
  }

  /**
   * @throws RpcError `unavailable` while somebody else talks, or when it was ended before it began; DOMException when the person
   * refuses the microphone
   */
  start(): Promise<void> {
    this.started ??= this.begin(this.endings);
    return this.started;
  }

  async stop(): Promise<void> {
    const hadMicrophone = this.microphone !== null;
    this.mute();
    if (!hadMicrophone) return;
    await this.sender.replaceTrack(null);
    await this.ports.call('talk.release');
  }

  /** Lets go of the microphone at once; the browser's own sign of it goes out. */
  mute(): void {
    this.endings += 1;
    this.started = null;
    this.microphone?.stop();
    this.microphone = null;
  }

  private async begin(endings: number): Promise<void> {
    try {
      const microphone = await this.ports.openMicrophone();
      if (endings !== this.endings) microphone.stop();
      this.checkWanted(endings);
      this.microphone = microphone;
      await this.ports.call('talk.take');
      this.checkWanted(endings);
      await this.sender.replaceTrack(microphone);
      this.checkWanted(endings);
    } catch (error) {
      if (endings === this.endings) this.mute();
      throw error;
    }
  }

  private checkWanted(endings: number): void {
    if (endings !== this.endings) throw new RpcError('unavailable', 'The talk was ended before it began.');
  }
}
