/** What talking needs of a session. */
export interface TalkPorts {
  call(method: string): Promise<unknown>;
  openMicrophone(): Promise<MediaStreamTrack>;
}

/**
 * The viewer's voice on the device's loudspeaker. The device lets one viewer talk at a time, so the floor is taken before the
 * microphone is heard and given back after it has been cut.
 */
export class Talk {
  private readonly ports: TalkPorts;
  private readonly sender: RTCRtpSender;
  private microphone: MediaStreamTrack | null = null;

  constructor(ports: TalkPorts, sender: RTCRtpSender) {
    this.ports = ports;
    this.sender = sender;
  }

  /** @throws RpcError `unavailable` while somebody else talks; DOMException when the person refuses the microphone */
  async start(): Promise<void> {
    if (this.microphone) return;
    const microphone = await this.ports.openMicrophone();
    this.microphone = microphone;
    try {
      await this.ports.call('talk.take');
      await this.sender.replaceTrack(microphone);
    } catch (error) {
      this.mute();
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (!this.microphone) return;
    this.mute();
    await this.sender.replaceTrack(null);
    await this.ports.call('talk.release');
  }

  /** Lets go of the microphone at once; the browser's own sign of it goes out. */
  mute(): void {
    this.microphone?.stop();
    this.microphone = null;
  }
}
