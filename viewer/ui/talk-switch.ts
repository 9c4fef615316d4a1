import { z } from 'zod';
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

const talkEventSchema = z.object({ talker: z.string().max(64).nullable(), mine: z.boolean() });

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
    if (this.current === 'talking') this.stop(this.generation);
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
    this.otherTalker = null;
    if (this.current !== 'off') this.set('off');
  }

  /** Off at once, whatever the device makes of it: the microphone is cut on this side. */
  private stop(generation: number): void {
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
    else this.set('taken', `${isName(this.otherTalker) ? this.otherTalker : 'Another viewer'} is talking.`);
  }

  private set(state: TalkState, message = ''): void {
    this.current = state;
    this.sentence = message;
    this.onChange();
  }
}

/** A viewer's id says nothing to people. */
function isName(talker: string): boolean {
  return talker !== '' && !/^[0-9a-f]{32}$/.test(talker);
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
