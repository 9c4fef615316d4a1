import { talkEventSchema } from '../../protocol/events.ts';
import { parseWith } from '../../protocol/messages.ts';
import { RpcError } from '../../protocol/rpc.ts';

/**
 * `asking`: the browser asks the person for the microphone, or we ask the device. `taken`: another viewer talks. `denied`: the
 * browser or the device does not allow it.
 */
export type TalkState = 'off' | 'asking' | 'talking' | 'taken' | 'denied';

export interface TalkPort {
  /** @throws RpcError or DOMException */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Whether this viewer is heard on the device. The microphone is never left on by accident: whoever lets go while the answer is
 * still awaited is not heard when it comes.
 */
export class TalkSwitch {
  private readonly port: TalkPort;
  private readonly onChange: () => void;
  private current: TalkState = 'off';
  private isWanted = false;
  private sentence = '';
  private otherTalker: string | null = null;
  /** The path has died under a talk, and the client goes on with it when there is another. */
  private isSuspended = false;
  /** Counts sessions, so that the answer of an old one is not taken for one of the new. */
  private generation = 0;

  constructor(options: { port: TalkPort; onChange(): void }) {
    this.port = options.port;
    this.onChange = options.onChange;
  }

  get state(): TalkState {
    return this.current;
  }

  /** What is in the way, or empty. */
  get message(): string {
    return this.sentence;
  }

  /** Whether the person wants to talk, which may still have to be granted. */
  get isOn(): boolean {
    return this.isWanted;
  }

  async begin(): Promise<void> {
    this.isWanted = true;
    if (this.current === 'asking' || this.current === 'talking') return;
    const { generation } = this;
    this.set('asking');
    try {
      await this.port.start();
    } catch (error) {
      if (generation === this.generation) this.refuse(error);
      return;
    }
    if (generation === this.generation && this.isWanted) this.set('talking');
    else this.stop(generation);
  }

  end(): void {
    this.isWanted = false;
    if (this.current === 'talking' || this.isSuspended) this.stop(this.generation);
  }

  /** The session is over, and another is on its way. */
  suspend(): void {
    if (this.current !== 'talking' && !this.isSuspended) this.reset();
    else {
      this.otherTalker = null;
      this.isSuspended = true;
      this.set('asking');
    }
  }

  /** Whether what was suspended is heard again, and where there is one, the reason why not. */
  resume(isHeard: boolean, error: unknown): void {
    if (!this.isSuspended) return;
    this.isSuspended = false;
    if (isHeard) this.set('talking');
    else if (error !== null) this.refuse(error);
    else {
      this.isWanted = false;
      this.rest();
    }
  }

  /** @param params of `event.talk`; what is no such event is dropped */
  handleEvent(params: unknown): void {
    const event = parseWith(talkEventSchema, params);
    if (!event.ok) return;
    const { talker, mine } = event.value;
    this.otherTalker = mine ? null : talker;
    // The device has taken the floor back, or given it to somebody else.
    if (this.current === 'talking' && !mine) this.end();
    else if (this.current === 'off' || this.current === 'taken') this.rest();
  }

  /** The session is over, and with it whatever was granted in it. */
  reset(): void {
    this.generation += 1;
    this.isWanted = false;
    this.isSuspended = false;
    this.otherTalker = null;
    if (this.current !== 'off') this.set('off');
  }

  /** Off at once, whatever the device makes of it: the microphone is cut on this side. */
  private stop(generation: number): void {
    this.isSuspended = false;
    // Before anything else: what the device says to it must find us silent.
    if (generation === this.generation) this.rest();
    this.port.stop().catch(() => {
      // Whoever does not hold the floor any more need not give it back.
    });
  }

  private refuse(error: unknown): void {
    this.isWanted = false;
    if (isDenial(error)) this.set('denied', explainRefusal(error));
    else if (this.otherTalker === null) this.set('off', explainRefusal(error));
    else this.rest();
  }

  private rest(): void {
    if (this.otherTalker === null) this.set('off');
    else this.set('taken', `${this.otherTalker} is talking.`);
  }

  private set(state: TalkState, message = ''): void {
    this.current = state;
    this.sentence = message;
    this.onChange();
  }
}

function isDenial(error: unknown): boolean {
  if (error instanceof RpcError) return error.code === 'forbidden';
  return error instanceof DOMException && error.name === 'NotAllowedError';
}

function explainRefusal(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError')
    return 'The browser keeps the microphone from this page. Its site settings can allow it.';
  if (name === 'NotFoundError') return 'There is no microphone.';
  if (name === 'NotReadableError') return 'Another program is using the microphone.';
  return error instanceof Error ? error.message : String(error);
}
